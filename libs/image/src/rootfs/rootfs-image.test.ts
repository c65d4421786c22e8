import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openStore, readTar } from '@baton/oci';
import { startRegistryServer, temporaryDirectory } from '@baton/testkit';
import { describe, expect, test } from 'vitest';
import { buildImage } from '../build-image.ts';
import { baseLayout, buildOptions, TWO_PLATFORMS, testProject } from '../project.fixture.ts';
import { asked, file, inLayout, inRegistry, madeImage, special, testIo, thisPlatform } from './image.fixture.ts';
import { reportRootfs } from './report-rootfs.ts';
import { rootfsImage } from './rootfs-image.ts';
import type { RootfsResult } from './types.ts';

const lower = [
  special('etc', 'directory'),
  file('etc/a', 'old'),
  file('etc/b', 'kept'),
  special('lib', 'symlink', { linkTarget: 'usr/lib' }),
];
const upper = [
  file('etc/.wh.b'),
  file('etc/a', 'new'),
  file('opt/x/y', 'deep'),
  special('etc/c', 'hardlink', { linkTarget: 'etc/a' }),
];

/** The tree of a flat archive: path and content or target. */
async function treeOf(result: RootfsResult): Promise<Record<string, string>> {
  const tree: Record<string, string> = {};
  const source = async function* (): AsyncGenerator<Buffer> {
    yield readFileSync(result.path);
  };
  for await (const { header, body } of readTar(source(), 'result')) {
    const parts: Buffer[] = [];
    for await (const part of body) parts.push(Buffer.from(part));
    tree[header.path] =
      header.linkTarget ?? `${header.type === 'file' ? Buffer.concat(parts).toString() : header.type}`;
  }
  return tree;
}

const EXPECTED = {
  etc: 'directory',
  'etc/a': 'new',
  'etc/c': 'etc/a',
  lib: 'usr/lib',
  opt: 'directory',
  'opt/x': 'directory',
  'opt/x/y': 'deep',
};

test('a layout becomes one archive, kept under its key', async () => {
  const io = testIo();
  const dir = await inLayout(await madeImage([lower, upper]));
  const result = await rootfsImage(asked(dir), io);
  expect(await treeOf(result)).toEqual(EXPECTED);
  expect(result).toMatchObject({ format: 'tar', platform: thisPlatform(), entries: 7, reused: false, image: dir });
  expect(readdirSync(join(io.cacheDir, 'v1', 'rootfs')).sort()).toEqual([`${result.key}.json`, `${result.key}.tar`]);
  expect(statSync(result.path)).toMatchObject({ size: result.size });
  expect(statSync(result.path).mode & 0o777).toBe(0o444);
});

test('the second time it is there already', async () => {
  const io = testIo();
  const dir = await inLayout(await madeImage([lower, upper]));
  const first = await rootfsImage(asked(dir), io);
  const before = statSync(first.path).ino;
  const second = await rootfsImage(asked(dir), io);
  expect(second).toMatchObject({ reused: true, read: 0, digest: first.digest, path: first.path });
  expect(statSync(second.path).ino).toBe(before);
});

test('a damaged file is made again', async () => {
  const io = testIo();
  const dir = await inLayout(await madeImage([lower]));
  const { path, digest } = await rootfsImage(asked(dir), io);
  chmodSync(path, 0o644);
  const bytes = readFileSync(path);
  bytes.writeUInt8(1, 600);
  writeFileSync(path, bytes);
  expect(await rootfsImage(asked(dir), io)).toMatchObject({ reused: false, digest });
  rmSync(path.replace('.tar', '.json'));
  expect(await rootfsImage(asked(dir), io)).toMatchObject({ reused: false, digest });
});

describe('an image in a registry', () => {
  test('is read by digest, each layer once, and nothing of it is put on disk', async () => {
    const registry = await startRegistryServer();
    try {
      const image = await madeImage([lower, upper]);
      const reference = await inRegistry(registry.host, image);
      registry.log.length = 0;
      const io = testIo();
      const result = await rootfsImage(asked(reference), io);
      expect(await treeOf(result)).toEqual(EXPECTED);
      const gets = registry.log.filter(({ method, status }) => method === 'GET' && status === 200);
      const of = (digest: string): number => gets.filter(({ path }) => path.endsWith(digest)).length;
      expect(image.layers.map(({ digest }) => of(digest))).toEqual([1, 1]);
      expect(gets.filter(({ path }) => path.endsWith('/manifests/1'))).toHaveLength(1);
      expect(result.read).toBe(image.layers.reduce((sum, { size }) => sum + size, 0));
      expect(readdirSync(join(io.cacheDir, 'v1')).sort()).toEqual(expect.not.arrayContaining(['blobs']));
      // Only the manifest is asked for when the file is there.
      registry.log.length = 0;
      expect((await rootfsImage(asked(reference), io)).reused).toBe(true);
      expect(registry.log.some(({ path }) => image.layers.some(({ digest }) => path.endsWith(digest)))).toBe(false);
    } finally {
      await registry.stop();
    }
  });

  test('gives the same bytes as a layout, under another umask and time zone', async () => {
    const registry = await startRegistryServer();
    const umask = process.umask(0o077);
    const { TZ, LC_ALL } = process.env;
    try {
      const image = await madeImage([lower, upper], { zstd: true });
      const one = await rootfsImage(asked(await inRegistry(registry.host, image)), testIo());
      process.umask(0);
      Object.assign(process.env, { TZ: 'Asia/Tokyo', LC_ALL: 'de_DE.UTF-8' });
      const two = await rootfsImage(asked(await inLayout(image)), testIo());
      expect([one.digest, one.key]).toEqual([two.digest, two.key]);
    } finally {
      process.umask(umask);
      for (const [name, value] of Object.entries({ TZ, LC_ALL })) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
      await registry.stop();
    }
  });

  test('takes layers that the cache has from there', async () => {
    const registry = await startRegistryServer();
    try {
      const image = await madeImage([lower, upper]);
      const reference = await inRegistry(registry.host, image);
      const io = testIo();
      const [bottom, top] = image.layers;
      await openStore(join(io.cacheDir, 'v1')).add(image.blobs.get(bottom?.digest ?? 'sha256:') ?? Buffer.alloc(0));
      registry.log.length = 0;
      await rootfsImage(asked(reference), io);
      const asks = (digest = ''): number => registry.log.filter(({ path }) => path.endsWith(digest)).length;
      expect([asks(bottom?.digest), asks(top?.digest)]).toEqual([0, 1]);
    } finally {
      await registry.stop();
    }
  });

  test('needs a tag or digest', async () => {
    await expect(rootfsImage(asked('ghcr.io/acme/agent'), testIo())).rejects.toMatchObject({ code: 'USAGE' });
  });
});

test('a layer whose names depend on a lower one is read twice, and comes out right', async () => {
  const usrmerge = [
    special('usr', 'directory'),
    special('usr/lib', 'directory'),
    special('lib', 'symlink', { linkTarget: 'usr/lib' }),
  ];
  const dir = await inLayout(await madeImage([usrmerge, [file('lib/a', 'x')]]));
  const result = await rootfsImage(asked(dir), testIo());
  expect(await treeOf(result)).toEqual({ lib: 'usr/lib', usr: 'directory', 'usr/lib': 'directory', 'usr/lib/a': 'x' });
});

describe('platforms', () => {
  test('a missing one is told with what there is', async () => {
    const dir = await inLayout(await madeImage([lower], { platform: 'linux/riscv64' }));
    await expect(rootfsImage(asked(dir), testIo())).rejects.toMatchObject({
      code: 'PLATFORM_MISSING',
      hint: expect.stringContaining('linux/riscv64') as string,
    });
    expect((await rootfsImage(asked(dir, { platform: 'linux/riscv64' }), testIo())).platform).toBe('linux/riscv64');
  });

  test('text that is none is INVALID_PLATFORM', async () => {
    await expect(rootfsImage(asked('.', { platform: 'x86' }), testIo())).rejects.toMatchObject({
      code: 'INVALID_PLATFORM',
    });
  });
});

describe('--to', () => {
  test('is another name of the stored file where the disk allows it', async () => {
    const io = testIo();
    const dir = await inLayout(await madeImage([lower]));
    const to = join(temporaryDirectory('to'), 'deep', 'root.tar');
    const result = await rootfsImage(asked(dir, { to }), io);
    expect(result.path).toBe(to);
    expect(statSync(to).ino).toBe(statSync(join(io.cacheDir, 'v1', 'rootfs', `${result.key}.tar`)).ino);
    expect(readdirSync(join(to, '..'))).toEqual(['root.tar']);
  });

  test('the same file there is left alone, another is USAGE and stays', async () => {
    const io = testIo();
    const dir = await inLayout(await madeImage([lower]));
    const to = join(temporaryDirectory('to'), 'root.tar');
    await rootfsImage(asked(dir, { to }), io);
    await rootfsImage(asked(dir, { to }), io);
    rmSync(to);
    writeFileSync(to, 'mine');
    await expect(rootfsImage(asked(dir, { to }), io)).rejects.toMatchObject({ code: 'USAGE' });
    expect(readFileSync(to, 'utf8')).toBe('mine');
    rmSync(to);
    mkdirSync(to);
    await expect(rootfsImage(asked(dir, { to }), io)).rejects.toMatchObject({ code: 'USAGE' });
  });
});

test('a project: its own layers from dist/image, those of the base from the base', async () => {
  const project = await testProject({ ...TWO_PLATFORMS, base: { layout: '../base/dist/image' } });
  await baseLayout(join(project.dir, '../base/dist/image'));
  await buildImage(await project.load(), buildOptions(), project.io);
  const result = await rootfsImage(asked(project.dir, { platform: 'linux/arm64' }), project.io);
  expect(await treeOf(result)).toMatchObject({
    'etc-base': 'base of linux/arm64\n',
    'app/main.txt': 'hello\n',
    'bin/tool': 'arm64 program\n',
  });
});

describe('callers', () => {
  test('many at a time get one file, made once', async () => {
    const io = testIo();
    const dir = await inLayout(await madeImage([lower, upper]));
    const results = await Promise.all(Array.from({ length: 6 }, () => rootfsImage(asked(dir), io)));
    expect(results.filter(({ reused }) => !reused)).toHaveLength(1);
    expect(new Set(results.map(({ digest }) => digest)).size).toBe(1);
  });

  test('one that leaves does not take the work with it', async () => {
    const registry = await startRegistryServer();
    try {
      const image = await madeImage([lower, upper]);
      const reference = await inRegistry(registry.host, image);
      const leave = new AbortController();
      const gone = temporaryDirectory('cache');
      let release: () => void = () => undefined;
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      const layer = image.layers.at(-1)?.digest ?? '';
      registry.inject({ method: 'GET', path: layer }, { kind: 'after', run: () => held });
      const started = new Promise<void>((resolve) => {
        void rootfsImage(
          asked(reference),
          testIo({ cacheDir: gone, signal: leave.signal, emit: ({ type }) => type === 'rootfs.start' && resolve() }),
        ).catch((error: { code?: string }) => expect(error.code).toBe('INTERRUPTED'));
      });
      await started;
      leave.abort();
      const second = rootfsImage(asked(reference), testIo({ cacheDir: gone }));
      release();
      expect(await second).toMatchObject({ reused: true });
      expect(registry.log.filter(({ path, method }) => method === 'GET' && path.endsWith(layer))).toHaveLength(1);
    } finally {
      await registry.stop();
    }
  });

  test('the end of the process ends the work, and nothing is left', async () => {
    const registry = await startRegistryServer();
    try {
      const image = await madeImage([lower, upper]);
      const reference = await inRegistry(registry.host, image);
      const end = new AbortController();
      const io = testIo({ signal: end.signal, shutdown: end.signal });
      registry.inject(
        { method: 'GET', path: image.layers[1]?.digest ?? '' },
        {
          kind: 'after',
          run: () => {
            end.abort();
            return new Promise((resolve) => setTimeout(resolve, 50));
          },
        },
      );
      await expect(rootfsImage(asked(reference), io)).rejects.toMatchObject({ code: 'INTERRUPTED' });
      expect(readdirSync(join(io.cacheDir, 'v1', 'rootfs'))).toEqual([]);
    } finally {
      await registry.stop();
    }
  });
});

test('tells how far it is, and what came of it', async () => {
  const io = testIo();
  const big = file('big', Buffer.alloc(3_000_000, 'abcdefghij'.repeat(11)));
  const image = await madeImage([lower, [big]]);
  const total = image.layers.reduce((sum, { size }) => sum + size, 0);
  const result = await rootfsImage(asked(await inLayout(image)), io);
  const types = io.events.map(({ type }) => type);
  expect(types[0]).toBe('rootfs.start');
  expect(types.at(-1)).toBe('rootfs.end');
  expect(io.events.find(({ type }) => type === 'rootfs.progress')).toMatchObject({ total, unit: 'bytes' });
  const text = reportRootfs(result).split('\n');
  expect(text.at(-1)).toBe(result.path);
  expect(text[0]).toMatch(/^tar of .* \(linux\/\w+\): made of [\d.]+ k?B of layers in [\d.]+ s$/);
  expect(text[1]).toBe(`3.0 MB, 5 entries, ${result.digest}`);
});
