import { expect, test } from 'vitest';
import { diskFiles, memoryFiles } from './registry-files.ts';
import { collect } from './registry-helpers.ts';
import { temporaryDirectory } from './temp.ts';

test.each([
  ['memory', () => memoryFiles()],
  ['disk', () => diskFiles(temporaryDirectory('files'))],
])('files in %s', async (_, make) => {
  const files = make();
  expect(await files.read('a/b')).toBe(undefined);
  expect(await files.size('a/b')).toBe(undefined);
  expect(await files.list('a')).toEqual([]);
  await files.append('a/b', Buffer.from('one '));
  await files.append('a/b', Buffer.from('two'));
  await files.write('a/c', Buffer.from('three'));
  await files.write('a/d/e', Buffer.alloc(0));
  expect((await files.read('a/b'))?.toString()).toBe('one two');
  expect(await files.size('a/b')).toBe(7);
  expect(await files.size('a/d/e')).toBe(0);
  expect(await files.list('a')).toEqual(['b', 'c', 'd']);
  expect((await collect(files.stream('a/b', 4))).toString()).toBe('two');
  await files.write('a/c', Buffer.from('3'));
  await files.move('a/b', 'x/y/z');
  expect((await files.read('x/y/z'))?.toString()).toBe('one two');
  await files.remove('a/c');
  await files.remove('a/never');
  expect(await files.list('a')).toEqual(['d']);
});

test('what is on disk outlives the registry', async () => {
  const directory = temporaryDirectory('files');
  await diskFiles(directory).write('a', Buffer.from('kept'));
  expect((await diskFiles(directory).read('a'))?.toString()).toBe('kept');
});
