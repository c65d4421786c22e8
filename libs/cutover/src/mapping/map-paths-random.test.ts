import { walkLeaves } from '@baton/git';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PathOperation } from '../model/manifest.ts';
import { addsUp } from './accounting.ts';
import { mapFiles, treeFrom, treeId } from './test-trees.ts';

const name = fc.constantFrom('a', 'b', 'c', '.git-x', '-d', 'ü', 'e f', 'n\nl');
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
const content = fc
  .tuple(fc.constantFrom('', '', '', 'x:', 'g:'), fc.integer({ min: 0, max: 9 }))
  .map(([kind, n]) => `${kind}${n}`);

/** Files of which none is a directory of another. */
const files = fc.dictionary(path, content, { minKeys: 1, maxKeys: 25 }).map((all) => {
  const names = Object.keys(all);
  return Object.fromEntries(Object.entries(all).filter(([one]) => !names.some((other) => other.startsWith(`${one}/`))));
});

const operation: fc.Arbitrary<PathOperation> = fc.oneof(
  path.map((glob): PathOperation => ({ delete: { glob, optional: true } })),
  path.map((dir): PathOperation => ({ delete: { glob: `${dir}/**`, except: [`${dir}/a`], optional: true } })),
  fc
    .tuple(path, path, fc.constantFrom('absent' as const, 'deleted' as const, 'replace' as const))
    .map(([from, to, onto]): PathOperation => ({ move: { from, to, onto, optional: true } })),
  fc.tuple(path, fc.oneof(path, fc.constant('.')), fc.constantFrom('nested' as const, 'outer' as const)).map(
    ([dir, into, one]): PathOperation => ({
      flatten: { dir, into, collisions: { a: one, 'b/c': one }, optional: true },
    }),
  ),
  path.map((one): PathOperation => ({ create: { path: one, text: 'new' } })),
  path.map((one): PathOperation => ({ mode: { path: one, exec: true, optional: true } })),
);

const isNew = (all: readonly PathOperation[], at: string): boolean =>
  all.some((one) => 'create' in one && one.create.path === at);
const hasMode = (all: readonly PathOperation[], at: string): boolean =>
  all.some((one) => 'mode' in one && one.mode.path === at);

test('whatever is moved, nothing is dropped, and modes and contents stay', async () => {
  let clean = 0;
  await fc.assert(
    fc.asyncProperty(files, fc.array(operation, { maxLength: 4 }), async (all, operations) => {
      const input = treeFrom(all);
      const mapping = await mapFiles(all, operations);
      if (mapping.problems.length > 0) return;
      clean += 1;
      const { output, accounting, destinationOf, sourceOf } = mapping;
      expect(addsUp(accounting), JSON.stringify(accounting)).toBe(true);
      const after = new Map([...walkLeaves(output)].map((one) => [one.path, one.leaf]));
      const before = new Map([...walkLeaves(input)].map((one) => [one.path, one.leaf]));
      expect(after.size).toBe(output.leaves);
      let survivors = 0;
      for (const [from, leaf] of before) {
        const to = destinationOf(from);
        if (to === undefined) continue;
        survivors += 1;
        expect(sourceOf(to)).toBe(from);
        expect(after.get(to)?.id).toBe(leaf.id);
        if (!hasMode(operations, to)) expect(after.get(to)?.mode).toBe(leaf.mode);
      }
      expect(survivors).toBe(accounting.kept + accounting.moved);
      for (const at of after.keys()) expect(sourceOf(at) !== undefined || isNew(operations, at), at).toBe(true);
      expect(after.size).toBe(survivors + accounting.created);
    }),
    { numRuns: 3000 },
  );
  expect(clean).toBeGreaterThan(300);
}, 60_000);

test('a leaf goes where the longest source above it says', async () => {
  await fc.assert(
    fc.asyncProperty(files, fc.array(operation, { maxLength: 4 }), async (all, operations) => {
      const { problems, destinationOf } = await mapFiles(all, operations);
      if (problems.length > 0) return;
      for (const from of Object.keys(all)) {
        const sources = operations.flatMap((one): { source: string; to: string | undefined }[] => {
          if ('move' in one) return [{ source: one.move.from, to: one.move.to }];
          // With "optional", a file of that name is no directory and stays.
          if ('flatten' in one && all[one.flatten.dir] !== undefined) return [];
          if ('flatten' in one)
            return [{ source: one.flatten.dir, to: one.flatten.into === '.' ? '' : one.flatten.into }];
          if (!('delete' in one)) return [];
          const glob = String(one.delete.glob);
          if (!glob.endsWith('/**')) return [{ source: glob, to: undefined }];
          const dir = glob.slice(0, -3);
          const spared = from === `${dir}/a` || from.startsWith(`${dir}/a/`);
          return from.startsWith(`${dir}/`) && !spared ? [{ source: from, to: undefined }] : [];
        });
        const longest = sources
          .filter(({ source }) => from === source || from.startsWith(`${source}/`))
          .sort((one, two) => two.source.length - one.source.length)[0];
        const to = destinationOf(from);
        if (to === undefined) continue;
        const expected =
          longest === undefined
            ? from
            : longest.to === undefined
              ? undefined
              : `${longest.to}${from.slice(longest.source.length)}`;
        expect(to).toBe(expected?.replace(/^\//, ''));
      }
    }),
    { numRuns: 2000 },
  );
}, 60_000);

test('the order in which operations are listed does not matter', async () => {
  await fc.assert(
    fc.asyncProperty(
      files,
      fc
        .array(operation, { maxLength: 5 })
        .chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
      async (all, [operations, shuffled]) => {
        const [one, other] = [await mapFiles(all, operations), await mapFiles(all, shuffled)];
        expect(other.problems.length > 0).toBe(one.problems.length > 0);
        if (one.problems.length > 0) return;
        expect(treeId(other.output)).toBe(treeId(one.output));
        expect(other.accounting).toEqual(one.accounting);
      },
    ),
    { numRuns: 2000 },
  );
}, 60_000);
