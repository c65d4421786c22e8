import { spawnSync } from 'node:child_process';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { needs, temporaryDirectory, writeFiles } from '@baton/testkit';
import { describe, expect, test } from 'vitest';
import { type WalkOptions, walkSource } from './file-walk.ts';

const options = (root: string, more: Partial<WalkOptions> = {}): WalkOptions => ({
  name: 'src',
  hostRoots: [root],
  ...more,
});

async function paths(root: string, more: Partial<WalkOptions> = {}): Promise<string[]> {
  const { entries } = await walkSource(root, options(root, more));
  return entries.slice(1).map((entry) => entry.path);
}

const tree = {
  'a.txt': '1',
  'a/x.js': '2',
  'a/x.js.map': '3',
  'a/deep/y.js': '4',
  'b/z.txt': '5',
  'a-b': '6',
  '.hidden': '7',
};

describe('what a walk takes', () => {
  test('everything, in the order of path bytes, the source first', async () => {
    const root = temporaryDirectory();
    await writeFiles(root, { ...tree, é: '', 'z\u{1f600}': '', 'z\uffee': '' });
    await mkdir(join(root, 'empty'));
    const walk = await walkSource(root, options(root));
    expect(walk.entries[0]).toMatchObject({ path: '', type: 'directory', absolute: root });
    expect(walk.entries.slice(1).map((e) => e.path)).toEqual([
      '.hidden',
      'a',
      'a-b',
      'a.txt',
      'a/deep',
      'a/deep/y.js',
      'a/x.js',
      'a/x.js.map',
      'b',
      'b/z.txt',
      'empty',
      'z\uffee',
      'z\u{1f600}',
      'é',
    ]);
    expect(walk.directories.sort()).toEqual([
      root,
      join(root, 'a'),
      join(root, 'a/deep'),
      join(root, 'b'),
      join(root, 'empty'),
    ]);
  });

  test('with include, files that match and the way to them', async () => {
    const root = temporaryDirectory();
    await writeFiles(root, tree);
    expect(await paths(root, { include: ['**/*.js'] })).toEqual(['a', 'a/deep', 'a/deep/y.js', 'a/x.js']);
    expect(await paths(root, { include: ['b', 'a.txt'] })).toEqual(['a.txt', 'b', 'b/z.txt']);
  });

  test('exclude wins, and what is excluded is not looked into', async () => {
    const root = temporaryDirectory();
    await writeFiles(root, tree);
    spawnSync('mkfifo', [join(root, 'a/deep/pipe')]);
    const walk = await walkSource(root, options(root, { include: ['a'], exclude: ['a/deep', '**/*.map'] }));
    expect(walk.entries.slice(1).map((e) => e.path)).toEqual(['a', 'a/x.js']);
    expect(walk.directories).not.toContain(join(root, 'a/deep'));
  });

  test('an include that matches nothing is an error that names it', async () => {
    const root = temporaryDirectory();
    await writeFiles(root, tree);
    await expect(paths(root, { include: ['**/*.js', '*.ts'] })).rejects.toMatchObject({
      code: 'LAYER_SOURCE_MISSING',
      message: 'include "*.ts" matches nothing in src',
    });
  });

  test('a source that holds nothing is an error', async () => {
    const root = temporaryDirectory();
    await expect(paths(root)).rejects.toMatchObject({ code: 'LAYER_SOURCE_MISSING', message: 'src holds nothing' });
    await writeFile(join(root, 'a'), '');
    await expect(paths(root, { exclude: ['*'] })).rejects.toMatchObject({ code: 'LAYER_SOURCE_MISSING' });
  });

  test('an abort ends it', async () => {
    const root = temporaryDirectory();
    await expect(paths(root, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/);
  });
});

describe('links', () => {
  test('are kept as they are: to files, to nothing, in a loop, out into the image', async () => {
    const root = temporaryDirectory();
    await writeFiles(root, { 'lib/a': '1' });
    await symlink('lib/a', join(root, 'file'));
    await symlink('../nothing', join(root, 'lib/gone'));
    await symlink('loop', join(root, 'loop'));
    await symlink('/usr/bin/env', join(root, 'absolute'));
    const { entries } = await walkSource(root, options(root));
    expect(entries.filter((e) => e.type === 'symlink').map((e) => [e.path, e.link])).toEqual([
      ['absolute', '/usr/bin/env'],
      ['file', 'lib/a'],
      ['lib/gone', '../nothing'],
      ['loop', 'loop'],
    ]);
  });

  const escaping: [what: string, target: (root: string) => string][] = [
    ['above the source', () => '../../etc/passwd'],
    ['to the directory above the source', () => '../..'],
    ['above the source in a roundabout way', () => 'x/../../../y'],
    ['to the source on this machine', (root) => join(root, 'd')],
    ['to the root of the source on this machine', (root) => root],
  ];
  for (const [what, target] of escaping) {
    test(`${what} are CONTEXT_INVALID`, async () => {
      const root = temporaryDirectory();
      await mkdir(join(root, 'd'));
      await symlink(target(root), join(root, 'd/link'));
      await expect(paths(root)).rejects.toMatchObject({
        code: 'CONTEXT_INVALID',
        message: expect.stringContaining('src/d/link links to'),
        hint: expect.any(String),
      });
      // One that is not taken is no matter.
      await writeFile(join(root, 'f'), '');
      expect(await paths(root, { exclude: ['d/link'] })).toEqual(['d', 'f']);
    });
  }
});

describe('what cannot be in a layer', () => {
  test('a named pipe', async () => {
    const root = temporaryDirectory();
    spawnSync('mkfifo', [join(root, 'p')]);
    await expect(paths(root)).rejects.toMatchObject({
      code: 'CONTEXT_INVALID',
      message: expect.stringContaining('src/p is a named pipe'),
    });
  });

  test('a socket', async () => {
    const root = temporaryDirectory();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(root, 's'), resolve));
    try {
      await expect(paths(root)).rejects.toMatchObject({
        code: 'CONTEXT_INVALID',
        message: expect.stringContaining('src/s is a socket'),
      });
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  needs('root')('a device', async () => {
    const root = temporaryDirectory();
    expect(spawnSync('mknod', [join(root, 'n'), 'c', '1', '3']).status).toBe(0);
    await expect(paths(root)).rejects.toMatchObject({
      code: 'CONTEXT_INVALID',
      message: expect.stringContaining('src/n is a device'),
    });
  });

  test('a name that is not UTF-8', async () => {
    const root = temporaryDirectory();
    await writeFile(Buffer.concat([Buffer.from(`${root}/x`), Buffer.from([0xff])]), '');
    await expect(paths(root)).rejects.toMatchObject({
      code: 'CONTEXT_INVALID',
      message: expect.stringContaining('"x\\xff"'),
    });
  });

  test('a directory that may not be read', async () => {
    const root = temporaryDirectory();
    await writeFiles(root, { 'locked/a': '1' });
    await chmod(root, 0o755);
    await chmod(join(root, 'locked'), 0);
    await asOrdinaryUser(async () => {
      await expect(paths(root)).rejects.toMatchObject({
        code: 'FILE_UNREADABLE',
        message: 'src/locked cannot be read: permission denied',
      });
    });
  });
});

async function asOrdinaryUser(work: () => Promise<void>): Promise<void> {
  if (process.getuid?.() !== 0) return await work();
  process.seteuid?.(65534);
  try {
    await work();
  } finally {
    process.seteuid?.(0);
  }
}
