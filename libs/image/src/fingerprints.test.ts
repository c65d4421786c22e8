import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory, writeFiles } from '@baton/testkit';
import { expect, test } from 'vitest';
import { fingerprints, firstChange, type Newest, walk } from './fingerprints.ts';

async function project(): Promise<string> {
  const dir = temporaryDirectory('prints');
  await writeFiles(dir, {
    'a.txt': 'one',
    'src/main.ts': 'x',
    'src/deep/more.ts': 'y',
    'dist/out.js': 'made',
    'node_modules/dep/index.js': 'theirs',
    'src/deep/dist/kept.ts': 'z',
  });
  return dir;
}

test('walks files and directories, without what builds and installs make', async () => {
  const dir = await project();
  const found = [...walk(dir)].map((path) => path.slice(dir.length)).sort();
  expect(found).toEqual([
    '/',
    '/a.txt',
    '/src/',
    '/src/deep/',
    '/src/deep/dist/',
    '/src/deep/dist/kept.ts',
    '/src/deep/more.ts',
    '/src/main.ts',
  ]);
});

test('a file named as an input is an input, and an absent one is watched', async () => {
  const dir = await project();
  expect([...walk(join(dir, 'a.txt'))]).toEqual([join(dir, 'a.txt')]);
  const absent = join(dir, 'later.txt');
  const taken = fingerprints(walk(absent));
  expect(firstChange(taken)).toBeUndefined();
  writeFileSync(absent, '');
  expect(firstChange(taken)).toBe(absent);
});

test.each<[string, (dir: string) => void]>([
  ['content', (dir) => writeFileSync(join(dir, 'src/main.ts'), 'X')],
  ['size', (dir) => writeFileSync(join(dir, 'a.txt'), 'longer')],
  ['mode', (dir) => chmodSync(join(dir, 'a.txt'), 0o755)],
  ['time', (dir) => utimesSync(join(dir, 'a.txt'), 1, 1)],
  ['a new file', (dir) => writeFileSync(join(dir, 'src/deep/new.ts'), '')],
  ['a new directory', (dir) => mkdirSync(join(dir, 'src/new'))],
  ['a file that is gone', (dir) => rmSync(join(dir, 'src/deep/more.ts'))],
  ['a file that has another name', (dir) => renameSync(join(dir, 'a.txt'), join(dir, 'b.txt'))],
  [
    'a directory in place of a file',
    (dir) => {
      rmSync(join(dir, 'a.txt'));
      mkdirSync(join(dir, 'a.txt'));
    },
  ],
  [
    'a replacement with the same size and time',
    (dir) => {
      writeFileSync(join(dir, 'other'), 'two');
      utimesSync(join(dir, 'other'), 1, 1);
      renameSync(join(dir, 'other'), join(dir, 'a.txt'));
    },
  ],
  [
    'where a link leads',
    (dir) => {
      rmSync(join(dir, 'link'));
      symlinkSync('src/main.ts', join(dir, 'link'));
    },
  ],
  ['what a link leads to', (dir) => writeFileSync(join(dir, 'dist/out.js'), 'other')],
])('sees a change of %s', async (_, change) => {
  const dir = await project();
  utimesSync(join(dir, 'a.txt'), 1, 1);
  symlinkSync('dist/out.js', join(dir, 'link'));
  const taken = fingerprints(walk(dir));
  expect(firstChange(taken)).toBeUndefined();
  change(dir);
  expect(firstChange(taken)).toBeDefined();
});

test.each<[string, (dir: string) => void]>([
  ['dist', (dir) => rmSync(join(dir, 'dist'), { recursive: true })],
  ['node_modules', (dir) => rmSync(join(dir, 'node_modules'), { recursive: true })],
  ['.git', (dir) => mkdirSync(join(dir, '.git'))],
])('does not mind that %s comes and goes', async (_, change) => {
  const dir = await project();
  const taken = fingerprints(walk(dir));
  change(dir);
  expect(firstChange(taken)).toBeUndefined();
});

test('links in a circle end', async () => {
  const dir = await project();
  symlinkSync('..', join(dir, 'src/up'));
  symlinkSync('nowhere', join(dir, 'src/dangling'));
  expect([...walk(dir)].map((path) => path.slice(dir.length))).toContain('/src/dangling');
});

test('tells when the youngest file changed', async () => {
  const dir = await project();
  const newest: Newest = { ns: 0n };
  const before = BigInt(Date.now() - 1000) * 1_000_000n;
  fingerprints(walk(dir), newest);
  expect(newest.ns).toBeGreaterThan(before);
});
