import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { needs, temporaryDirectory } from '@baton/testkit';
import { describe, expect, test } from 'vitest';
import type { TarEntry } from './tar-entry.ts';
import type { TarReadEntry } from './tar-read.ts';
import { directory, entry, hard, pieces, symbolic } from './test-tar.ts';
import { type UnpackOptions, type UnpackResult, unpackTo } from './unpack.ts';

async function* given(entries: TarEntry[]): AsyncGenerator<TarReadEntry> {
  for (const { content, ...header } of entries)
    yield { header, body: pieces((content as Buffer | undefined) ?? Buffer.alloc(0)) };
}

const place = (): string => join(temporaryDirectory('unpack'), 'out');
const unpack = async (dir: string, entries: TarEntry[], options?: UnpackOptions): Promise<UnpackResult> =>
  await unpackTo(dir, given(entries), options);
const invalid = (part: string): unknown =>
  expect.objectContaining({ code: 'LAYER_INVALID', message: expect.stringContaining(part) as string });

test('makes files, directories and links with their modes and times', async () => {
  const out = place();
  const result = await unpack(out, [
    directory('ro', { mode: 0o555, mtime: 11 }),
    entry('ro/a', 'content', { mode: 0o640, mtime: 22 }),
    entry('no/parent', 'x'),
    symbolic('link', '/ro/a'),
    hard('hard', 'ro/a'),
    directory('tmp', { mode: 0o1777 }),
  ]);
  expect(result).toEqual({ files: 2, directories: 2, symlinks: 1, hardlinks: 1, devices: 0, withoutXattrs: 0 });
  expect(readFileSync(join(out, 'ro/a'), 'utf8')).toBe('content');
  expect(lstatSync(join(out, 'ro/a'))).toMatchObject({ mode: 0o100640, mtimeMs: 22_000, nlink: 2 });
  expect(lstatSync(join(out, 'ro'))).toMatchObject({ mode: 0o40555, mtimeMs: 11_000 });
  expect(lstatSync(join(out, 'tmp')).mode).toBe(0o41777);
  expect(readlinkSync(join(out, 'link'))).toBe('/ro/a');
  expect(lstatSync(join(out, 'link')).mtimeMs).toBe(0);
  expect(lstatSync(join(out, 'hard')).ino).toBe(lstatSync(join(out, 'ro/a')).ino);
});

test('the umask plays no part', async () => {
  const out = place();
  const old = process.umask(0o077);
  try {
    await unpack(out, [entry('d/f', 'x', { mode: 0o666 })]);
  } finally {
    process.umask(old);
  }
  expect(lstatSync(join(out, 'd/f')).mode & 0o777).toBe(0o666);
});

test('setuid and setgid bits are kept only when asked for', async () => {
  const entries = [entry('tool', 'x', { mode: 0o6755 }), directory('d', { mode: 0o2755 })];
  const [plain, kept] = [place(), place()];
  await unpack(plain, entries);
  await unpack(kept, entries, { keepSetuid: true });
  expect([lstatSync(join(plain, 'tool')).mode & 0o7777, lstatSync(join(plain, 'd')).mode & 0o7777]).toEqual([
    0o755, 0o755,
  ]);
  expect([lstatSync(join(kept, 'tool')).mode & 0o7777, lstatSync(join(kept, 'd')).mode & 0o7777]).toEqual([
    0o6755, 0o2755,
  ]);
});

test('devices and fifos are left out and counted, with the hard links to them', async () => {
  const out = place();
  const result = await unpack(out, [
    entry('null', '', { type: 'character', device: { major: 1, minor: 3 } }),
    entry('pipe', '', { type: 'fifo' }),
    hard('zero', 'null'),
    entry('a', 'x', { xattrs: { 'user.a': Buffer.from('1') } }),
  ]);
  expect(result).toMatchObject({ devices: 3, files: 1, hardlinks: 0, withoutXattrs: 1 });
  expect(readdirSync(out)).toEqual(['a']);
});

test('the last of two entries with one path counts', async () => {
  const out = place();
  await unpack(out, [entry('a', 'first'), entry('a', 'second'), symbolic('b', 'x'), directory('b'), entry('b/c', 'x')]);
  expect(readFileSync(join(out, 'a'), 'utf8')).toBe('second');
  expect(lstatSync(join(out, 'b')).isDirectory()).toBe(true);
});

describe('names cannot leave the directory', () => {
  const outside = temporaryDirectory('outside');
  writeFileSync(join(outside, 'victim'), 'safe');

  test('links are followed as inside a container', async () => {
    const out = place();
    await unpack(out, [
      directory('usr'),
      symbolic('lib', '/usr'),
      entry('lib/a', 'x'),
      symbolic('abs', outside),
      entry('abs/victim', 'x'),
    ]);
    expect(readFileSync(join(out, 'usr/a'), 'utf8')).toBe('x');
    expect(readFileSync(join(out, outside, 'victim'), 'utf8')).toBe('x');
    expect(readFileSync(join(outside, 'victim'), 'utf8')).toBe('safe');
  });

  test.each<[string, TarEntry[]]>([
    ['leaves the root', [symbolic('up', '../..'), entry('up/x', 'x')]],
    ['leaves the root', [directory('d'), symbolic('d/up', '../../x'), directory('d/up/y')]],
    ['leaves the root', [symbolic('up', '..'), entry('a', 'x'), hard('h', 'up/victim')]],
    ['circles', [symbolic('l', 'l'), entry('l/x', 'x')]],
    ['leaves its root', [entry('../x', 'x')]],
    ['absolute', [entry('/etc/x', 'x')]],
    ['which is not a directory', [entry('f', 'x'), entry('f/g', 'x')]],
    ['and something else', [directory('d'), symbolic('d', '/')]],
    ['not there', [hard('h', 'missing')]],
    ['a directory', [directory('d'), hard('h', 'd')]],
  ])('refused: %s', async (why, entries) => {
    const out = place();
    await expect(unpack(out, entries)).rejects.toEqual(invalid(why));
    expect(readdirSync(join(out, '..'))).toEqual([]);
  });

  test('a symlink in place of a file is replaced and not written through', async () => {
    const out = place();
    await unpack(out, [symbolic('f', join(outside, 'victim')), entry('f', 'mine')]);
    expect(lstatSync(join(out, 'f')).isFile()).toBe(true);
    expect(readFileSync(join(outside, 'victim'), 'utf8')).toBe('safe');
  });

  test('a hard link to a symlink links the symlink', async () => {
    const out = place();
    await unpack(out, [symbolic('s', join(outside, 'victim')), hard('h', 's')]);
    expect(readlinkSync(join(out, 'h'))).toBe(join(outside, 'victim'));
  });
});

describe('complete or not at all', () => {
  test('an error half-way leaves nothing', async () => {
    const out = place();
    const failing = async function* (): AsyncGenerator<TarReadEntry> {
      yield* given([directory('ro', { mode: 0o500 }), entry('ro/a', 'x')]);
      throw new Error('connection lost');
    };
    await expect(unpackTo(out, failing())).rejects.toThrow('connection lost');
    expect(readdirSync(join(out, '..'))).toEqual([]);
  });

  test('an empty directory is filled, one with something in it is USAGE', async () => {
    const out = place();
    mkdirSync(out);
    await unpack(out, [entry('a', 'x')]);
    await expect(unpack(out, [entry('b', 'x')])).rejects.toMatchObject({ code: 'USAGE' });
    expect(readdirSync(out)).toEqual(['a']);
  });

  test('a directory that is a symlink to an empty one is not taken for it', async () => {
    const out = place();
    const real = temporaryDirectory('real');
    symlinkSync(real, out);
    await expect(unpack(out, [entry('a', 'x')])).rejects.toMatchObject({ code: 'USAGE' });
    expect(readdirSync(real)).toEqual([]);
  });

  test('what a killed run left beside it is removed, what is not ours stays', async () => {
    const out = place();
    const url = JSON.stringify(new URL('./unpack.ts', import.meta.url).href);
    const script = `import { unpackTo } from ${url};
      async function* entries() {
        yield { header: { path: 'a', type: 'file', mode: 420, uid: 0, gid: 0, mtime: 0, size: 0 }, body: (async function* () {})() };
        process.kill(process.pid, 'SIGKILL');
        await new Promise(() => {});
      }
      await unpackTo(${JSON.stringify(out)}, entries());`;
    const child = spawnSync(process.execPath, ['--input-type=module', '--eval', script]);
    expect(child.signal).toBe('SIGKILL');
    expect(readdirSync(join(out, '..'))).toHaveLength(1);
    mkdirSync(join(out, '..', '.out.mine.unpack'));
    await unpack(out, [entry('b', 'x')]);
    expect(readdirSync(join(out, '..')).sort()).toEqual(['.out.mine.unpack', 'out']);
    expect(existsSync(join(out, 'b'))).toBe(true);
  });
});

needs('root')('owners are set as root', async () => {
  const out = place();
  await unpack(out, [entry('f', 'x', { uid: 12, gid: 34, mode: 0o4755 }), { ...symbolic('s', 'f'), uid: 5, gid: 6 }], {
    keepSetuid: true,
  });
  expect(lstatSync(join(out, 'f'))).toMatchObject({ uid: 12, gid: 34, mode: 0o104755 });
  expect(lstatSync(join(out, 's'))).toMatchObject({ uid: 5, gid: 6 });
});

test('an ordinary user unpacks what belongs to others, as its own', async () => {
  const out = place();
  const asRoot = process.geteuid?.() === 0;
  const user = asRoot ? 65_534 : (process.geteuid?.() ?? 0);
  if (asRoot) spawnSync('chown', ['65534', join(out, '..')]);
  if (asRoot) process.seteuid?.(65_534);
  try {
    await unpack(out, [directory('ro', { mode: 0o555, uid: 7 }), entry('ro/a', 'x', { uid: 0, gid: 0, mode: 0o400 })]);
  } finally {
    if (asRoot) process.seteuid?.(0);
  }
  expect(lstatSync(join(out, 'ro/a'))).toMatchObject({ uid: user, mode: 0o100400 });
  expect(lstatSync(join(out, 'ro'))).toMatchObject({ uid: user, mode: 0o40555 });
});
