import { changeTree, diffTrees, hashObject, leafAt, type ObjectId, type Tree, walkLeaves } from '@baton/git';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { editFiles } from '../edits/edit-files.ts';
import type { EditOperation, PathOperation } from '../model/manifest.ts';
import { addsUp } from './accounting.ts';
import { explainOutput } from './explain-output.ts';
import { EDIT, FILES, PATH_OPERATION, shuffled } from './random-cutovers.fixture.ts';
import { mapFiles, treeFrom, treeId } from './test-trees.ts';

/** What a manifest makes of a tree of files, in memory; undefined when it has problems. */
async function derived(
  files: Record<string, string>,
  paths: readonly PathOperation[],
  edits: readonly EditOperation[],
): Promise<
  { output: Tree; mapping: Awaited<ReturnType<typeof mapFiles>>; changed: ReadonlyMap<string, unknown> } | undefined
> {
  const mapping = await mapFiles(files, paths);
  if (mapping.problems.length > 0) return undefined;
  const blobs = new Map<ObjectId, Buffer>(mapping.blobs.map(({ id, bytes }) => [id, Buffer.from(bytes)]));
  for (const text of Object.values(files)) {
    const bytes = Buffer.from(text.replace(/^[xlg]:/, ''));
    blobs.set(hashObject('sha1', 'blob', bytes).id, bytes);
  }
  const input = treeFrom(files);
  const edited = await editFiles(edits, {
    format: 'sha1',
    input,
    output: mapping.output,
    files: new Map(),
    async *readBlobs(ids) {
      for (const id of ids) yield { id, bytes: blobs.get(id) ?? Buffer.alloc(0) };
    },
    destinationOf: mapping.destinationOf,
    sourceOf: mapping.sourceOf,
  });
  if (edited.problems.length > 0) return undefined;
  const output = changeTree(mapping.output, edited.changes);
  const { sourceOf } = mapping;
  const explained = explainOutput(input, output, { paths, made: edited.changes, sourceOf });
  expect(explained.unexplained).toEqual([]);
  expect(explained.survivors).toBe(mapping.accounting.kept + mapping.accounting.moved);
  expect(explained.survivors + explained.fresh).toBe(output.leaves);
  return { output, mapping, changed: edited.changes };
}

test('links, submodules, modes and odd names: nothing is dropped, what moved is as it was, and all can be taken back', async () => {
  let clean = 0;
  let withLinks = 0;
  await fc.assert(
    fc.asyncProperty(
      FILES,
      shuffled(PATH_OPERATION, 4),
      shuffled(EDIT, 2),
      async (files, [paths, turned], [edits, back]) => {
        const made = await derived(files, paths, edits);
        const other = await derived(files, turned, back);
        expect(other === undefined).toBe(made === undefined);
        if (made === undefined || other === undefined) return;
        clean += 1;
        const { output, mapping, changed } = made;
        const input = treeFrom(files);
        expect(treeId(other.output)).toBe(treeId(output));
        expect(addsUp(mapping.accounting)).toBe(true);
        const linked = new Set(paths.flatMap((one) => ('link' in one ? [one.link.path] : [])));
        const moded = new Set(paths.flatMap((one) => ('mode' in one ? [one.mode.path] : [])));
        const seen = new Set<string>();
        for (const { path, leaf } of walkLeaves(input)) {
          const to = mapping.destinationOf(path);
          if (to === undefined) continue;
          expect(seen.has(to), to).toBe(false);
          seen.add(to);
          const now = leafAt(output, to);
          expect(now, to).toBeDefined();
          if (linked.has(to) || moded.has(to)) continue;
          expect(now?.mode).toBe(leaf.mode);
          if (leaf.mode === '120000') withLinks += 1;
          if (now?.id !== leaf.id) expect(leaf.mode === '120000' || changed.has(to), to).toBe(true);
        }
        for (const { path } of walkLeaves(output)) {
          if (!seen.has(path)) expect(mapping.sourceOf(path), path).toBeUndefined();
        }
        const inverse = new Map(diffTrees(output, input).map(({ path, after }) => [path, after]));
        expect(treeId(changeTree(output, inverse))).toBe(treeId(input));
      },
    ),
    { numRuns: 2500 },
  );
  expect(clean).toBeGreaterThan(250);
  expect(withLinks).toBeGreaterThan(50);
}, 120_000);

test('an explanation that misses something is seen', async () => {
  const files = { 'a/x': 'one', 'a/y': 'x:two', b: 'three' };
  const paths: PathOperation[] = [{ move: { from: 'a', to: 'c' } }];
  const mapping = await mapFiles(files, paths);
  const { sourceOf } = mapping;
  const judge = (output: Tree): readonly string[] =>
    explainOutput(treeFrom(files), output, { paths, made: new Map(), sourceOf }).unexplained;
  expect(judge(mapping.output)).toEqual([]);
  const leaf = leafAt(mapping.output, 'c/y');
  if (leaf === undefined) throw new Error('no c/y');
  const other = hashObject('sha1', 'blob', Buffer.from('other')).id;
  expect(judge(changeTree(mapping.output, new Map([['c/y', { ...leaf, id: other }]])))).toEqual(['c/y']);
  expect(judge(changeTree(mapping.output, new Map([['c/y', { ...leaf, mode: '100644' }]])))).toEqual(['c/y']);
  expect(judge(changeTree(mapping.output, new Map([['new', leaf]])))).toEqual(['new']);
  const twice = explainOutput(treeFrom(files), mapping.output, { paths, made: new Map(), sourceOf: () => 'b' });
  expect(twice.unexplained).toEqual(['c/x', 'c/y']);
});
