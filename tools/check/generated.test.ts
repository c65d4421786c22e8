import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ERROR_CODES } from '@baton/kernel';
import { temporaryDirectory, writeFiles } from '@baton/testkit';
import { expect, test } from 'vitest';
import { errorTables } from './errors-page.ts';
import { checkFile } from './generated.ts';
import { generatedFilesOf } from './generated-files.ts';

const file = { path: 'docs/x.md', make: (current: string) => `${current.split('\n')[0]}\nmade\n` };

test('says where a file differs from the code, and writes it when asked to', async () => {
  const root = temporaryDirectory();
  await writeFiles(root, { 'docs/x.md': 'by hand\nold\n' });
  expect(await checkFile(root, file, false)).toEqual(['docs/x.md:2 is not what the code says: npm run check -- --fix']);
  expect(await readFile(join(root, 'docs/x.md'), 'utf8')).toBe('by hand\nold\n');
  expect(await checkFile(root, file, true)).toEqual([]);
  expect(await readFile(join(root, 'docs/x.md'), 'utf8')).toBe('by hand\nmade\n');
  expect(await checkFile(root, file, false)).toEqual([]);
});

test('a file that is missing is not current either', async () => {
  const root = temporaryDirectory();
  const whole = { path: 'a/b.json', make: () => '{}\n' };
  expect(await checkFile(root, whole, false)).toEqual(['a/b.json:1 is not what the code says: npm run check -- --fix']);
  expect(await checkFile(root, whole, true)).toEqual([]);
  expect(await readFile(join(root, 'a/b.json'), 'utf8')).toBe('{}\n');
});

test('the page of errors has every code once, under its exit code', () => {
  const page = errorTables();
  for (const [code, { exit }] of Object.entries(ERROR_CODES)) {
    expect(page.split(`| \`${code}\` |`)).toHaveLength(2);
    const before = page.slice(0, page.indexOf(`| \`${code}\` |`));
    expect(before.slice(before.lastIndexOf('## Exit code '))).toMatch(new RegExp(`^## Exit code ${exit}\n`));
  }
});

test('code that cannot make its file is a problem, with what it said', async () => {
  const broken = { path: 'x.json', make: () => Promise.reject(new Error('no such export')) };
  await expect(checkFile(temporaryDirectory(), broken, false)).rejects.toThrow('no such export');
});

test('the files of the repository are listed once each', async () => {
  const paths: string[] = [];
  for await (const { path } of generatedFilesOf('/repository')) paths.push(path);
  expect(paths).toContain('docs/errors.md');
  expect(new Set(paths).size).toBe(paths.length);
});
