import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { needs, temporaryDirectory, withTmpfs } from '@baton/testkit';
import { expect, test } from 'vitest';
import { takeControlFile, writeControlFile } from './control-file.ts';
import { commandOf } from './test-launch.ts';

const control = (parent: Record<string, string>, command = commandOf(['a'])) => ({
  command,
  parent: new Map(Object.entries(parent)),
});

test('everything comes back as it was, in its order: bytes that are no UTF-8, numbers of Python, numeric names', () => {
  const command = commandOf(['/x', '\udcff', 'é😀', 'a\0b', null, 1n, 1.5, ['x']], {
    rootMount: '/r\udcfe',
    copyDir: '/c\udcfd',
    noChmod: false,
    env: new Map<string, string | bigint>([
      ['10', 'x'],
      ['B', 2n ** 70n],
      ['9', '\udcff'],
    ]),
  });
  const written = control({ TMPDIR: temporaryDirectory('tmp'), '7': '\udcff', A: '1', '3': '' }, command);
  const taken = takeControlFile(writeControlFile(written));
  expect(taken).toEqual(written);
  expect([...taken.parent]).toEqual([...written.parent]);
  expect([...taken.command.env]).toEqual([...command.env]);
});

test('the file is for its owner alone, and gone when it was taken', () => {
  const TMPDIR = temporaryDirectory('tmp');
  const path = writeControlFile(control({ TMPDIR }));
  expect(path).toMatch(new RegExp(`^${TMPDIR}/tmp[a-z0-9_]{8}$`));
  expect(statSync(path).mode & 0o777).toBe(0o600);
  takeControlFile(path);
  expect(existsSync(path)).toBe(false);
});

test('TMPDIR, TEMP, TMP, then /tmp: the first directory that takes it', () => {
  const [one, two] = [temporaryDirectory('one'), temporaryDirectory('two')];
  const file = join(one, 'file');
  writeFileSync(file, '');
  const directoryOf = (parent: Record<string, string>): string => {
    const path = writeControlFile(control(parent));
    takeControlFile(path);
    return path.slice(0, path.lastIndexOf('/'));
  };
  expect(directoryOf({ TMPDIR: one, TEMP: two })).toBe(one);
  expect(directoryOf({ TMPDIR: '', TEMP: two, TMP: one })).toBe(two);
  expect(directoryOf({ TMPDIR: '/no/such', TEMP: file, TMP: two })).toBe(two);
  expect(directoryOf({ TMPDIR: `${one}\udcff` })).toBe('/tmp');
  expect(directoryOf({})).toBe('/tmp');
});

needs('tmpfs')('a full disk: the next directory, and nothing left on the full one', async () => {
  await withTmpfs('64k', async (full) => {
    const next = temporaryDirectory('next');
    mkdirSync(join(full, 'd'));
    const path = writeControlFile(control({ TMPDIR: full, TEMP: next, BIG: 'x'.repeat(200_000) }));
    expect(path.startsWith(`${next}/`)).toBe(true);
    expect(readdirSync(full)).toEqual(['d']);
  });
});
