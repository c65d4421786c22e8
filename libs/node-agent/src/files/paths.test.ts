import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { needs, temporaryDirectory } from '@baton/testkit';
import { describe, expect, test } from 'vitest';
import { PythonError } from '../crash.ts';
import { seededRandom } from '../python-text/test-random.ts';
import { askPython } from '../test-python.ts';
import {
  directoryOf,
  emptyFile,
  exists,
  isDirectory,
  joinPath,
  list,
  makeDirectories,
  readBytes,
  remove,
  rename,
  splitPath,
  writeText,
} from './paths.ts';

test('everything that cannot be seen does not exist', () => {
  const dir = temporaryDirectory();
  symlinkSync('nowhere', join(dir, 'dangling'));
  symlinkSync('loop', join(dir, 'loop'));
  symlinkSync('.', join(dir, 'link'));
  writeFileSync(join(dir, 'file'), '');
  const names = ['dangling', 'loop', 'file/x', 'x'.repeat(300), 'a\0b', 'a\ud800b', 'link', 'file', ''];
  expect(names.map((name) => exists(`${dir}/${name}`))).toEqual([...Array(6).fill(false), true, true, true]);
  expect(names.map((name) => isDirectory(`${dir}/${name}`))).toEqual([...Array(6).fill(false), true, false, true]);
  expect(exists('')).toBe(false);
});

test('file names that are no UTF-8 keep their bytes', () => {
  const dir = temporaryDirectory();
  const path = `${dir}/\udcff-é`;
  writeText(path, 'x');
  expect(readdirSync(Buffer.from(dir), 'buffer')).toEqual([Buffer.from('ff2dc3a9', 'hex')]);
  expect(list(dir)).toEqual(['\udcff-é']);
  expect([exists(path), readBytes(path).toString()]).toEqual([true, 'x']);
  rename(path, `${dir}/b`);
  remove(`${dir}/b`);
  expect(list(dir)).toEqual([]);
});

test('writing empties a file in place, through a link, and keeps its mode', () => {
  const dir = temporaryDirectory();
  const path = join(dir, 'file');
  writeFileSync(path, 'something long');
  chmodSync(path, 0o600);
  const { ino } = statSync(path);
  symlinkSync('file', join(dir, 'link'));
  writeText(join(dir, 'link'), 'é\n');
  expect(readFileSync(path, 'utf8')).toBe('é\n');
  expect(statSync(path)).toMatchObject({ ino, mode: 0o100600 });
  emptyFile(path);
  expect(readFileSync(path, 'utf8')).toBe('');
});

test('new files and directories are open to all but for the umask', () => {
  const dir = temporaryDirectory();
  const umask = process.umask(0o027);
  try {
    makeDirectories(join(dir, 'a/b'));
    writeText(join(dir, 'a/b/c'), '');
  } finally {
    process.umask(umask);
  }
  expect(['a', 'a/b', 'a/b/c'].map((name) => (statSync(join(dir, name)).mode & 0o777).toString(8))).toEqual([
    '750',
    '750',
    '640',
  ]);
});

test('text that has no bytes leaves an empty file behind', () => {
  const path = join(temporaryDirectory(), 'file');
  writeFileSync(path, 'before');
  const error = thrown(() => writeText(path, 'ab\udcff'));
  expect(error).toMatchObject({ type: 'UnicodeEncodeError' });
  expect(readFileSync(path, 'utf8')).toBe('');
});

describe('errors are told as Python tells them', () => {
  const dir = temporaryDirectory();
  mkdirSync(join(dir, 'd'));
  writeFileSync(join(dir, 'f'), '');
  const cases: [string, () => unknown, string, string][] = [
    [
      'reading what is not there',
      () => readBytes(`${dir}/x`),
      'FileNotFoundError',
      `[Errno 2] No such file or directory: '${dir}/x'`,
    ],
    ['reading a directory', () => readBytes(`${dir}/d`), 'IsADirectoryError', `[Errno 21] Is a directory: '${dir}/d'`],
    [
      'writing below a file',
      () => writeText(`${dir}/f/x`, ''),
      'NotADirectoryError',
      `[Errno 20] Not a directory: '${dir}/f/x'`,
    ],
    [
      'a name that is too long',
      () => emptyFile(`/${'n'.repeat(256)}`),
      'OSError',
      `[Errno 36] File name too long: '/${'n'.repeat(256)}'`,
    ],
    ['removing a directory', () => remove(`${dir}/d`), 'IsADirectoryError', `[Errno 21] Is a directory: '${dir}/d'`],
    ['renaming', () => rename('x', 'y'), 'FileNotFoundError', `[Errno 2] No such file or directory: 'x' -> 'y'`],
    [
      'a directory where a file is',
      () => makeDirectories(`${dir}/f`),
      'FileExistsError',
      `[Errno 17] File exists: '${dir}/f'`,
    ],
    ['no directory at all', () => makeDirectories(''), 'FileNotFoundError', `[Errno 2] No such file or directory: ''`],
    ['opening NUL', () => readBytes('a\0b'), 'ValueError', 'embedded null byte'],
    ['a directory with NUL', () => makeDirectories('a\0b'), 'ValueError', 'mkdir: embedded null character in path'],
    ['a full disk', () => writeText('/dev/full', 'x'), 'OSError', '[Errno 28] No space left on device'],
    [
      'a surrogate that is no byte',
      () => readBytes('a\ud800'),
      'UnicodeEncodeError',
      `'utf-8' codec can't encode character '\\ud800' in position 1: surrogates not allowed`,
    ],
  ];
  test.each(cases)('%s', (_, act, type, message) => {
    const error = thrown(act);
    expect(error).toMatchObject({ type, message });
  });
});

needs('python')('paths are split as Python splits them', () => {
  const paths = ['', '/', '//', 'a', '/a', '//a', 'a/', 'a//', 'a//b', '/a/b/', '///a///b', 'a/b//c/.'];
  const python = askPython(
    `import os\nanswer([[os.path.split(p), os.path.dirname(p), os.path.join(p, 'x')] for p in ask])`,
    paths,
  );
  expect(paths.map((path) => [splitPath(path), directoryOf(path), joinPath(path, 'x')])).toEqual(python);
});

needs('python')('directories come to be as os.makedirs makes them', () => {
  const random = seededRandom(7);
  const parts: [string, ...string[]] = ['a', 'b', '.', '..', '', 'file', 'dangling', 'link', 'ünlaut'];
  const paths = Array.from({ length: 300 }, () =>
    Array.from({ length: 1 + random.below(5) }, () => random.pick(parts)).join('/'),
  );
  const base = temporaryDirectory();
  const world = (): string => {
    const dir = mkdtempSync(join(base, 'w'));
    mkdirSync(join(dir, 'very/very/deep/in/it/it/real'), { recursive: true });
    writeFileSync(join(dir, 'very/very/deep/in/it/it/file'), '');
    symlinkSync('nowhere', join(dir, 'very/very/deep/in/it/it/dangling'));
    symlinkSync('real', join(dir, 'very/very/deep/in/it/it/link'));
    return dir;
  };
  const results = paths.map((path) => {
    const [ours, theirs] = [world(), world()];
    const error = thrown(() => makeDirectories(`${ours}/very/deep/in/it/${path}`));
    const message = error instanceof PythonError ? `${error.type}: ${error.message.replaceAll(ours, '')}` : error;
    return {
      path,
      theirs,
      ours: { message: message ?? null, tree: readdirSync(ours, { recursive: true }).map(String).sort() },
    };
  });
  const python = askPython(
    `import os
def make(dir, path):
    try: os.makedirs(dir + '/very/deep/in/it/' + path, exist_ok=True)
    except OSError as e: return type(e).__name__ + ': ' + str(e).replace(dir, '')
answer([make(dir, path) for dir, path in ask])`,
    results.map(({ path, theirs }) => [theirs, path]),
  );
  const trees = results.map(({ theirs }) => readdirSync(theirs, { recursive: true }).map(String).sort());
  expect(results.map(({ path, ours }) => ({ path, ...ours }))).toEqual(
    results.map(({ path }, i) => ({ path, message: (python as unknown[])[i], tree: trees[i] })),
  );
});

function thrown(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}
