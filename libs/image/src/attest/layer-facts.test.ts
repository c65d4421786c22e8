import { readdirSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { BatonError, sha256 } from '@baton/kernel';
import { type Descriptor, MEDIA_TYPES, type TarEntry, writeTar } from '@baton/oci';
import { collect, temporaryDirectory } from '@baton/testkit';
import { describe, expect, test } from 'vitest';
import { type LayerFacts, layerFacts, mayHoldPackages, packagesOf } from './layer-facts.ts';

const COMMON = { mode: 0o644, uid: 0, gid: 0, mtime: 0 } as const;

function paragraph(name: string, version = '1'): string {
  return `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\n\n`;
}

async function layerOf(files: Record<string, string>, type: TarEntry['type'] = 'file'): Promise<Buffer> {
  const entries = Object.entries(files).map(([path, text]): TarEntry => {
    const content = Buffer.from(text);
    return type === 'file'
      ? { ...COMMON, path, type, size: content.byteLength, content }
      : { ...COMMON, path, type, size: 0, linkTarget: text };
  });
  return gzipSync(await collect(writeTar(entries)));
}

function descriptorOf(bytes: Buffer): Descriptor {
  return { mediaType: MEDIA_TYPES.layerGzip, digest: sha256(bytes), size: bytes.byteLength };
}

async function* streamOf(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function factsOf(files: Record<string, string>, type?: TarEntry['type']): Promise<LayerFacts> {
  const bytes = await layerOf(files, type);
  return await layerFacts(descriptorOf(bytes), () => streamOf(bytes), temporaryDirectory('facts'));
}

const STATUS = 'var/lib/dpkg/status';

describe('the packages of stacked layers', () => {
  test('each belongs to the layer that brought it in its version', async () => {
    const layers = [
      await factsOf({ [STATUS]: paragraph('a') + paragraph('b'), 'etc/os-release': 'ID=debian\nVERSION_ID="12"\n' }),
      undefined,
      await factsOf({ [STATUS]: paragraph('a') + paragraph('b', '2') + paragraph('c') }),
    ];
    const { packages, os } = packagesOf(layers);
    expect(packages.map(({ item, layer }) => `${item.name} ${item.version} ${layer}`)).toEqual([
      'a 1 0',
      'b 2 2',
      'c 1 2',
    ]);
    expect(os).toEqual({ id: 'debian', version: '12' });
  });

  test('parts of status.d add up, and a whiteout takes one away', async () => {
    const layers = [
      await factsOf({
        [`${STATUS}.d/a`]: paragraph('a'),
        [`${STATUS}.d/b`]: paragraph('b'),
        [`${STATUS}.d/b.md5sums`]: 'x',
      }),
      await factsOf({ 'var/lib/dpkg/status.d/.wh.a': '', [`${STATUS}.d/c`]: paragraph('c') }),
    ];
    expect(packagesOf(layers).packages.map(({ item }) => item.name)).toEqual(['b', 'c']);
  });

  test.each([
    ['a whiteout of the database', { 'var/lib/.wh.dpkg': '' }, 'file'],
    ['a whiteout of a directory above', { '.wh.var': '' }, 'file'],
    ['an opaque directory', { 'var/lib/dpkg/.wh..wh..opq': '' }, 'file'],
    ['an opaque root', { '.wh..wh..opq': '' }, 'file'],
    ['a link in the place of a directory', { 'var/lib': '/elsewhere' }, 'symlink'],
  ] as const)('%s takes all', async (_, files, type) => {
    const layers = [await factsOf({ [STATUS]: paragraph('a') }), await factsOf(files, type)];
    expect(packagesOf(layers).packages).toEqual([]);
  });

  test('a whiteout is about the layers below, not about its own', async () => {
    const layers = [
      await factsOf({ [STATUS]: paragraph('old') }),
      await factsOf({ 'var/lib/dpkg/.wh.status': '', [STATUS]: paragraph('new') }),
    ];
    expect(packagesOf(layers).packages.map(({ item }) => item.name)).toEqual(['new']);
  });
});

describe('reading a layer', () => {
  test('happens once', async () => {
    const bytes = await layerOf({ [STATUS]: paragraph('a') });
    const cache = temporaryDirectory('facts');
    let opened = 0;
    const open = (): AsyncIterable<Uint8Array> => {
      opened += 1;
      return streamOf(bytes);
    };
    const first = await layerFacts(descriptorOf(bytes), open, cache);
    expect(await layerFacts(descriptorOf(bytes), open, cache)).toEqual(first);
    expect(opened).toBe(1);
  });

  test.each([
    ['no archive', gzipSync(Buffer.from('x'.repeat(2000))), MEDIA_TYPES.layerGzip],
    ['another kind of blob', Buffer.from('{}'), 'application/json'],
  ])('%s is a fact, and no error', async (_, bytes, mediaType) => {
    const facts = await layerFacts(
      { ...descriptorOf(bytes), mediaType },
      () => streamOf(bytes),
      temporaryDirectory('f'),
    );
    expect(facts.unreadable).toMatch(/layer sha256:/);
    expect(facts.databases).toEqual({});
  });

  test('bytes that are damaged on the way are an error, and are not remembered', async () => {
    const bytes = Buffer.from('no archive at all');
    const cache = temporaryDirectory('facts');
    async function* damaged(): AsyncGenerator<Uint8Array> {
      yield bytes;
      throw new BatonError('DIGEST_MISMATCH', 'other bytes than promised');
    }
    const reading = layerFacts(descriptorOf(bytes), damaged, cache);
    await expect(reading).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    expect(readdirSync(cache)).toEqual([]);
  });
});

test.each([
  ['/', true],
  ['/var', true],
  ['/var/lib/dpkg/status.d/x', true],
  ['/etc', true],
  ['/app', false],
  ['/usr/local/bin/node', false],
  ['/variant', false],
])('files put at %s may be about packages: %s', (path, expected) => {
  expect(mayHoldPackages(path)).toBe(expected);
});
