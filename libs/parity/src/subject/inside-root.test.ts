import { mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryDirectory } from '@baton/testkit';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { insideRoot } from './inside-root.ts';
import { layEntries } from './tree-layout.ts';

test('links lead where they would lead inside', () => {
  const root = temporaryDirectory('inside');
  mkdirSync(join(root, 'run/deep'), { recursive: true });
  mkdirSync(join(root, 'var'));
  symlinkSync('/run', join(root, 'var/run'));
  symlinkSync('../../../../run/deep', join(root, 'var/up'));
  expect(insideRoot(root, '/var/run/x')).toBe(join(root, 'run/x'));
  expect(insideRoot(root, '/var/up/x')).toBe(join(root, 'run/deep/x'));
  expect(insideRoot(root, '/var/run')).toBe(join(root, 'var/run'));
  expect(insideRoot(root, '/../../etc/passwd')).toBe(join(root, 'etc/passwd'));
});

test('a link in circles ends', () => {
  const root = temporaryDirectory('inside');
  symlinkSync('b', join(root, 'a'));
  symlinkSync('a', join(root, 'b'));
  expect(insideRoot(root, '/a/x').startsWith(root)).toBe(true);
});

test('whatever links there are, nothing is laid out outside of the tree', async () => {
  const part = fc.constantFrom('a', 'b', 'c', '..', '.');
  const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
  const entry = fc.record({
    path: path.map((text) => `/${text}/e`),
    type: fc.constantFrom('file' as const, 'dir' as const, 'symlink' as const, 'delete' as const),
    target: fc.tuple(fc.boolean(), path).map(([absolute, text]) => (absolute ? `/${text}` : text)),
    contents: fc.constant(Buffer.from('x')),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 12 }), async (entries) => {
      const directory = temporaryDirectory('inside');
      const root = join(directory, 'root');
      mkdirSync(root);
      writeFileSync(join(directory, 'outside'), 'kept');
      for (const one of entries) {
        const at = insideRoot(root, one.path);
        expect(`${at}/`.startsWith(`${root}/`)).toBe(true);
        // A file in the way of a directory is the scenario's own fault, and told.
        await layEntries(root, [one]).catch(() => undefined);
        const real = realpathSync(existing(dirname(at)));
        expect(`${real}/`.startsWith(`${root}/`)).toBe(true);
      }
      rmSync(directory, { recursive: true });
    }),
    { numRuns: 60 },
  );
});

function existing(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return existing(dirname(path));
  }
}
