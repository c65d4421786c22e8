import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ancestors, checkHeader, pathProblem, sortEntries, type TarHeader } from './tar-entry.ts';
import { directory, entry, hard, symbolic } from './test-tar.ts';

const invalid = (part: string): Error =>
  expect.objectContaining({ code: 'CONTEXT_INVALID', message: expect.stringContaining(part) as string }) as Error;

test.each([
  ['', 'empty'],
  ['/a', 'absolute'],
  ['a/', 'empty part'],
  ['a//b', 'empty part'],
  ['.', '"."'],
  ['a/./b', '"."'],
  ['..', '".."'],
  ['a/../../b', '".."'],
  ['a\0b', 'zero byte'],
  ['\ud800', 'Unicode'],
  ['a'.repeat(4097), '4096'],
])('%j cannot be a path', (path, why) => {
  expect(pathProblem(path)).toContain(why);
});

test.each([
  'a',
  'a/b',
  '...',
  '..a/b..',
  '-rf',
  'a b',
  'ä/\n',
  '.wh.x',
  'a'.repeat(4096),
])('%j can be a path', (path) => {
  expect(pathProblem(path)).toBeUndefined();
});

describe('checkHeader', () => {
  test('takes what can be written', () => {
    const fine = [
      entry('a', 'x', { mode: 0o7777, uid: 2 ** 40, gid: 2 ** 40, mtime: -1, xattrs: { 'user.a': Buffer.of(0) } }),
      directory('d'),
      symbolic('s', '/../anything at all'),
      hard('h', 'a'),
      entry('c', '', { type: 'character', device: { major: 1, minor: 3 } }),
    ];
    for (const header of fine) expect(() => checkHeader(header)).not.toThrow();
  });

  test.each<[string, Partial<TarHeader>]>([
    ['mode', { mode: 0o10000 }],
    ['mode', { mode: -1 }],
    ['mode', { mode: 1.5 }],
    ['uid', { uid: -1 }],
    ['gid', { gid: Number.NaN }],
    ['size', { size: 2 ** 53 }],
    ['time', { mtime: 0.5 }],
    ['directory with 1 bytes', { type: 'directory', size: 1 }],
    ['link target', { linkTarget: 'x' }],
    ['without a target', { type: 'symlink' }],
    ['without a target', { type: 'symlink', linkTarget: '' }],
    ['without a target', { type: 'symlink', linkTarget: 'a\0' }],
    ['leaves its root', { type: 'hardlink', linkTarget: '../etc/shadow' }],
    ['absolute', { type: 'hardlink', linkTarget: '/etc/shadow' }],
    ['owner', { uname: 'a\0b' }],
    ['extended attribute', { xattrs: { 'a=b': Buffer.of(1) } }],
    ['extended attribute', { xattrs: { '': Buffer.of(1) } }],
  ])('refuses a wrong %s', (why, change) => {
    expect(() => checkHeader({ ...entry('some/path'), ...change })).toThrow(invalid(why));
    expect(() => checkHeader({ ...entry('some/path'), ...change })).toThrow('"some/path"');
  });
});

describe('sortEntries', () => {
  test('orders by bytes, parents first, hard links at the end after their targets', () => {
    const entries = [
      hard('a', 'b'),
      hard('0', 'a'),
      entry('b/c'),
      entry('b-x'),
      entry('ä'),
      entry('z'),
      directory('b'),
      entry('Z'),
    ];
    expect(() => sortEntries(entries)).toThrow(invalid('hard link to the directory "b"'));
    entries[0] = hard('a', 'z');
    expect(sortEntries(entries).map(({ path }) => path)).toEqual(['Z', 'b', 'b-x', 'b/c', 'z', 'ä', 'a', '0']);
  });

  test.each([
    ['the same path comes twice', [entry('a'), directory('a')]],
    ['"a" above it is a symlink', [symbolic('a', 'b'), entry('a/x')]],
    ['"a/b" above it is a file', [directory('a'), entry('a/b'), entry('a/b/c/d')]],
    ['which is not there', [hard('a', 'missing')]],
    ['lead back to it', [hard('a', 'b'), hard('b', 'a')]],
    ['lead back to it', [hard('a', 'a')]],
  ])('refuses: %s', (why, entries) => {
    expect(() => sortEntries(entries)).toThrow(invalid(why));
  });

  test('gives the same order for every order of the input', () => {
    const paths = fc.uniqueArray(
      fc.stringMatching(/^[a-c./ä-]{1,4}$/).filter((path) => pathProblem(path) === undefined),
    );
    void fc.assert(
      fc.property(paths, fc.infiniteStream(fc.nat()), (names, random) => {
        const entries = names.map((name) => directory(name));
        const shuffled = [...entries].sort(() => ((random.next().value ?? 0) % 3) - 1);
        const sorted = sortEntries(shuffled).map(({ path }) => path);
        expect(sorted).toEqual(sortEntries(entries).map(({ path }) => path));
        for (const [at, path] of sorted.entries()) {
          for (const above of ancestors(path)) expect(sorted.indexOf(above)).toBeLessThan(at);
        }
      }),
    );
  });
});
