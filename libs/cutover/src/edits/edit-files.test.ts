import { hashObject, leafAt, type ObjectId } from '@baton/git';
import { expect, test } from 'vitest';
import { mapFiles, treeFrom } from '../mapping/test-trees.ts';
import type { EditOperation, PathOperation } from '../model/manifest.ts';
import { editFiles } from './edit-files.ts';

async function edited(
  files: Record<string, string>,
  operations: readonly EditOperation[],
  paths: readonly PathOperation[] = [],
  beside: Record<string, string> = {},
) {
  const mapping = await mapFiles(files, paths);
  const blobs = new Map<ObjectId, Buffer>(
    Object.values(files).map((text) => {
      const { id } = hashObject('sha1', 'blob', Buffer.from(text.replace(/^[xlg]:/, '')));
      return [id, Buffer.from(text.replace(/^[xlg]:/, ''))];
    }),
  );
  const result = await editFiles(operations, {
    format: 'sha1',
    input: treeFrom(files),
    output: mapping.output,
    files: new Map(Object.entries(beside).map(([name, text]) => [name, Buffer.from(text)])),
    async *readBlobs(ids) {
      for (const id of ids) yield { id, bytes: blobs.get(id) ?? Buffer.alloc(0) };
    },
    destinationOf: mapping.destinationOf,
    sourceOf: mapping.sourceOf,
  });
  const made = new Map(result.blobs.map(({ id, bytes }) => [id, Buffer.from(bytes).toString()]));
  const texts = Object.fromEntries([...result.changes].map(([path, leaf]) => [path, made.get(leaf.id)]));
  return {
    ...result,
    texts,
    problems: result.problems.map(({ code, operation, path }) => `${code} ${operation} ${path}`),
  };
}

test('edits name files after the moves, and do not see what others did', async () => {
  const { texts, edits, problems, changes } = await edited(
    { 'a/x.txt': 'x:one two three\n' },
    [
      { replace: { in: 'b/x.txt', find: 'one', with: 'two', reason: 'so' } },
      { replace: { in: 'b/x.txt', find: 'two', with: 'one' } },
    ],
    [{ move: { from: 'a', to: 'b' } }],
  );
  expect(problems).toEqual([]);
  expect(texts).toEqual({ 'b/x.txt': 'two one three\n' });
  expect(changes.get('b/x.txt')?.mode).toBe('100755');
  expect(edits[0]).toMatchObject({
    path: 'b/x.txt',
    from: 'a/x.txt',
    operations: [{ operation: 'edits[0] replace', matches: 1, reason: 'so' }, { operation: 'edits[1] replace' }],
    added: 1,
    removed: 1,
    rename: 'similar',
  });
  expect(edits[0]?.diff?.[0]?.lines).toEqual(['-one two three', '+two one three']);
});

test('a glob edits each file, a path with brackets is a path first, links and submodules are left out', async () => {
  const files = {
    'd/[id].md': 'v1',
    'd/b.md': 'v1',
    'd/.c.md': 'v1',
    'd/e/f.md': 'v1',
    'd/l.md': 'l:b.md',
    'd/s.md': 'g:1',
  };
  const { texts, problems } = await edited(files, [
    { replace: { in: ['d/*.md', 'd/[id].md'], find: 'v1', with: 'v2' } },
  ]);
  expect(problems).toEqual([]);
  expect(texts).toEqual({ 'd/[id].md': 'v2', 'd/b.md': 'v2', 'd/.c.md': 'v2' });
});

test('every problem is found, and a file with one is not changed', async () => {
  const { problems, texts } = await edited({ a: 'one', b: 'two two', c: 'x\0', link: 'l:a', yes: 'fine' }, [
    { replace: { in: 'a', find: 'nothing', with: '' } },
    { replace: { in: 'a', find: 'one', with: '1' } },
    { replace: { in: 'b', find: 'two', with: '2' } },
    { replace: { in: 'c', find: 'x', with: 'y' } },
    { replace: { in: 'link', find: 'a', with: 'b' } },
    { replace: { in: 'd/**', find: 'a', with: 'b' } },
    { replace: { in: 'none', find: 'a', with: 'b', optional: true } },
    { replace: { in: 'yes', find: 'absent', with: 'b', optional: true } },
    { replace: { in: 'yes', find: 'fine', with: 'good' } },
    { merge: { in: 'm', ours: 'a', theirs: 'gone', how: 'concat' } },
  ]);
  expect(problems).toEqual([
    'EDIT_REFUSED edits[4] replace link',
    'EDIT_NO_MATCH edits[5] replace d/**',
    'EDIT_NO_MATCH edits[9] merge m',
    'EDIT_NO_MATCH edits[0] replace a',
    'EDIT_COUNT edits[2] replace b',
    'EDIT_REFUSED edits[3] replace c',
  ]);
  expect(texts).toEqual({ yes: 'good' });
});

test('an edit that gives the same bytes changes nothing', async () => {
  const { edits, changes } = await edited({ a: 'same' }, [{ replace: { in: 'a', find: 'same', with: 'same' } }]);
  expect([edits.length, changes.size]).toEqual([0, 0]);
});

test('a file beside the manifest takes the place of another, and keeps its mode', async () => {
  const { texts, changes, edits } = await edited(
    { run: 'x:# do not edit\nold' },
    [{ 'replace-file': { in: 'run', from: 'new.sh' } }],
    [],
    { 'new.sh': 'new\n' },
  );
  expect(texts).toEqual({ run: 'new\n' });
  expect(changes.get('run')?.mode).toBe('100755');
  expect(edits[0]?.note).toContain('must not be edited by hand');
});

test('a YAML file that two edits break together is refused', async () => {
  const { problems } = await edited({ 'a.yaml': 'a: [1]\nb: 2\n' }, [
    { replace: { in: 'a.yaml', find: '[1]', with: '[1' } },
    { replace: { in: 'a.yaml', find: 'b: 2', with: 'b: }' } },
  ]);
  expect(problems).toEqual(['EDIT_UNVERIFIED edits[0] replace a.yaml']);
});

test('what cannot be shown as text has no diff', async () => {
  const { edits } = await edited({ img: 'text' }, [{ 'replace-file': { in: 'img', from: 'x' } }], [], { x: 'a\0b' });
  expect(edits[0]?.diff).toBeUndefined();
  expect(leafAt(treeFrom({ img: 'text' }), 'img')?.id).toBe(edits[0]?.before);
});
