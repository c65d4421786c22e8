import { chmod, mkdir, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { silent } from '@baton/kernel';
import type { FilesLayer } from '@baton/manifest';
import { parsePlatform } from '@baton/oci';
import { temporaryDirectory, writeFiles } from '@baton/testkit';
import { describe, expect, test } from 'vitest';
import { listEntries, readEntries, tarDigest } from '../entries.fixture.ts';
import type { ResolvedLayer, SourceIo } from '../resolved-layer.ts';
import { type Executables, resolveFilesLayer } from './files-layer.ts';

const MIB = 1024 * 1024;
const amd64 = parsePlatform('linux/amd64');
const untracked: Executables = async () => new Map();

interface More {
  io?: Partial<SourceIo>;
  executables?: Executables;
}

async function project(files: Record<string, string | Uint8Array>) {
  const dir = temporaryDirectory();
  await writeFiles(dir, files);
  const io: SourceIo = { emit: silent, cacheDir: join(dir, 'cache'), env: {}, epoch: 0, locked: false };
  const resolve = (layer: Partial<FilesLayer>, more: More = {}): Promise<ResolvedLayer> => {
    const full: FilesLayer = { from: 'src', to: '/app', owner: '0:0', ...layer };
    return resolveFilesLayer({ dir, root: dir }, full, amd64, { ...io, ...more.io }, more.executables ?? untracked);
  };
  return { dir, resolve };
}

describe('a files layer', () => {
  test('holds the directory at `to`, below directories that belong to root', async () => {
    const { dir, resolve } = await project({ 'src/main.js': 'main', 'src/lib/a.js': 'a' });
    await symlink('lib/a.js', join(dir, 'src/link'));
    const layer = await resolve({ to: '/opt/app', owner: '1000:50' });
    expect(layer.title).toBe('files src -> /opt/app');
    expect(await listEntries(layer.entries())).toEqual([
      'directory 0755 0:0 opt',
      'directory 0755 1000:50 opt/app',
      'directory 0755 1000:50 opt/app/lib',
      'file 0644 1000:50 opt/app/lib/a.js',
      'symlink 0777 1000:50 opt/app/link -> lib/a.js',
      'file 0644 1000:50 opt/app/main.js',
    ]);
    expect((await readEntries(layer.entries())).at(-1)).toMatchObject({ text: 'main', size: 4, mtime: 0 });
  });

  test('can be the root of the image', async () => {
    const { resolve } = await project({ 'src/etc/motd': 'hi' });
    expect(await listEntries((await resolve({ to: '/' })).entries())).toEqual([
      'directory 0755 0:0 etc',
      'file 0644 0:0 etc/motd',
    ]);
  });

  test('of one file puts it at `to`, or below it where `to` says directory', async () => {
    const { resolve } = await project({ 'src/tool': 'x' });
    const names = async (to: string): Promise<string | undefined> =>
      (await listEntries((await resolve({ from: 'src/tool', to })).entries())).at(-1);
    expect(await names('/usr/bin/other')).toBe('file 0644 0:0 usr/bin/other');
    expect(await names('/usr/bin/')).toBe('file 0644 0:0 usr/bin/tool');
    expect(await names('/')).toBe('file 0644 0:0 tool');
  });

  test('takes what include and exclude say', async () => {
    const { resolve } = await project({ 'src/a.cjs': '', 'src/a.cjs.map': '', 'src/x/b.cjs': '', 'src/y/c.txt': '' });
    const layer = await resolve({ include: ['**/*.cjs', 'x'], exclude: ['**/*.map'] });
    expect(await listEntries(layer.entries())).toEqual([
      'directory 0755 0:0 app',
      'file 0644 0:0 app/a.cjs',
      'directory 0755 0:0 app/x',
      'file 0644 0:0 app/x/b.cjs',
    ]);
  });
});

describe('permissions', () => {
  test("are those of git's index, then the file's executable bit, and never the umask's", async () => {
    const { dir, resolve } = await project({ 'src/tracked': '', 'src/plain': '', 'src/program': '', 'src/d/x': '' });
    await chmod(join(dir, 'src/program'), 0o700);
    await chmod(join(dir, 'src/plain'), 0o600);
    await chmod(join(dir, 'src/tracked'), 0o777);
    await chmod(join(dir, 'src/d'), 0o700);
    let asked: string[] = [];
    const executables: Executables = async (paths) => {
      asked = paths;
      return new Map([[join(dir, 'src/tracked'), false]]);
    };
    const layer = await resolve({}, { executables });
    expect(asked).toEqual([join(dir, 'src')]);
    expect(await listEntries(layer.entries())).toEqual([
      'directory 0755 0:0 app',
      'directory 0755 0:0 app/d',
      'file 0644 0:0 app/d/x',
      'file 0644 0:0 app/plain',
      'file 0755 0:0 app/program',
      'file 0644 0:0 app/tracked',
    ]);
    const executable = await resolve({}, { executables: async () => new Map([[join(dir, 'src/tracked'), true]]) });
    expect(await listEntries(executable.entries())).toContain('file 0755 0:0 app/tracked');
  });

  test('are those of the manifest where it gives some', async () => {
    const { dir, resolve } = await project({ 'src/a': '', 'src/d/b': '' });
    await chmod(join(dir, 'src/a'), 0o755);
    expect(await listEntries((await resolve({ mode: '0640' })).entries())).toEqual([
      'directory 0750 0:0 app',
      'file 0640 0:0 app/a',
      'directory 0750 0:0 app/d',
      'file 0640 0:0 app/d/b',
    ]);
  });
});

describe('the key', () => {
  test('follows the content and nothing else', async () => {
    const { dir, resolve } = await project({ 'src/a': '1', 'src/b/c': '2' });
    const keys = [(await resolve({})).key];
    const changed = async (
      change: () => Promise<unknown>,
      layer: Partial<FilesLayer> = {},
      more: More = {},
    ): Promise<void> => {
      await change();
      keys.push((await resolve(layer, more)).key);
    };
    const nothing = async (): Promise<void> => undefined;
    await changed(() => writeFile(join(dir, 'src/a'), '9'));
    await changed(() => chmod(join(dir, 'src/a'), 0o755));
    await changed(() => mkdir(join(dir, 'src/empty')));
    await changed(() => symlink('a', join(dir, 'src/link')));
    await changed(nothing, { to: '/other' });
    await changed(nothing, { owner: '1:0' });
    await changed(nothing, { mode: '0600' });
    await changed(nothing, {}, { io: { epoch: 1 } });
    await changed(nothing, { exclude: ['a'] });
    expect(new Set(keys).size).toBe(keys.length);

    const before = await resolve({});
    await utimes(join(dir, 'src/a'), 1, 1);
    await chmod(join(dir, 'src/b'), 0o700);
    const after = await resolve({ include: ['**'] });
    expect(after.key).toBe(before.key);
    expect(await tarDigest(after)).toBe(await tarDigest(before));
  });

  test('is the same for the same files elsewhere, and under another umask', async () => {
    const files = { 'src/b': '2', 'src/a/é': '1', 'src/a.b': '3' };
    const first = await project(files);
    const old = process.umask(0o077);
    try {
      const second = await project(Object.fromEntries(Object.entries(files).reverse()));
      const layers = await Promise.all([first.resolve({}), second.resolve({})]);
      expect(layers[1]?.key).toBe(layers[0]?.key);
      const tars = await Promise.all(layers.map(tarDigest));
      expect(tars[1]).toBe(tars[0]);
    } finally {
      process.umask(old);
    }
  });

  test('names the material', async () => {
    const { resolve } = await project({ 'src/a': '1' });
    const layer = await resolve({});
    expect(layer.materials).toEqual([{ name: 'src', digest: { sha256: layer.key.slice(7) }, role: 'files' }]);
  });
});

describe('reading', () => {
  test('happens once for small files, and again for those that are too large to keep', async () => {
    const { dir, resolve } = await project({ 'src/small': 'small', 'src/large': Buffer.alloc(5 * MIB, 'x') });
    const layer = await resolve({});
    await writeFile(join(dir, 'src/small'), 'other');
    const entries = layer.entries();
    const small = (await readEntries((await resolve({ from: 'src/small' })).entries())).at(-1);
    expect(small?.text).toBe('other');
    const found = await readEntries(entries);
    expect(found.find((e) => e.path === 'app/small')?.text).toBe('small');
    expect(found.find((e) => e.path === 'app/large')?.text).toHaveLength(5 * MIB);

    const again = await resolve({});
    await truncate(join(dir, 'src/large'), 4);
    await expect(tarDigest(again)).rejects.toMatchObject({ code: 'FILE_CHANGED' });
  });

  test('more small files than may be kept are read again', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 12 }, (_, i) => [`src/${i}`, Buffer.alloc(3 * MIB, String(i))]),
    );
    const { resolve } = await project(files);
    const layer = await resolve({});
    const kept = [...(layer.entries() as Iterable<{ content?: unknown }>)].filter(
      (e) => e.content instanceof Uint8Array,
    );
    expect(kept).toHaveLength(10);
    expect(await tarDigest(layer)).toBe(await tarDigest(layer));
  });

  test('what tells of a change: the source, every directory and every file', async () => {
    const { dir, resolve } = await project({ 'src/a': '', 'src/d/b': '', 'src/d/skipped.map': '' });
    const inputs = (await resolve({ exclude: ['**/*.map'] })).stampInputs;
    expect(inputs.sort()).toEqual(['src', 'src/a', 'src/d', 'src/d/b'].map((path) => join(dir, path)));
    const single = (await resolve({ from: 'src/a' })).stampInputs;
    expect(single).toEqual([join(dir, 'src/a')]);
  });

  test('a file that may not be read stops it all', async () => {
    const { dir, resolve } = await project(Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`src/${i}`, 'x'])));
    await chmod(dir, 0o755);
    await chmod(join(dir, 'src/7'), 0);
    const root = process.getuid?.() === 0;
    if (root) process.seteuid?.(65534);
    try {
      await expect(resolve({})).rejects.toMatchObject({
        code: 'FILE_UNREADABLE',
        message: expect.stringContaining('src/7'),
      });
    } finally {
      if (root) process.seteuid?.(0);
    }
  });

  test('a source that is not there is LAYER_SOURCE_MISSING', async () => {
    const { resolve } = await project({});
    await expect(resolve({})).rejects.toMatchObject({ code: 'LAYER_SOURCE_MISSING', message: 'src does not exist' });
  });
});
