import { execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Effect, observeEffects, sha256 } from '@baton/kernel';
import { needs, temporaryDirectory } from '@baton/testkit';
import { afterEach, describe, expect, test } from 'vitest';
import { openLayer } from './compression.ts';
import { openStore } from './content-store.ts';
import type { Descriptor } from './descriptor.ts';
import { flattenLayers } from './flatten.ts';
import type { ImageConfig } from './image-config.ts';
import { buildLayer, type LayerBlob } from './layer.ts';
import { layoutGarbage, openLayout, writeLayoutIndex } from './layout.ts';
import { encodeDocument, type ImageIndex, type ImageManifest } from './manifest.ts';
import { MEDIA_TYPES } from './media-types.ts';
import type { TarEntry } from './tar-entry.ts';
import { writeTar } from './tar-write.ts';
import { directory, entry, hard, symbolic } from './test-tar.ts';
import { unpackTo } from './unpack.ts';

const CHILD: Descriptor = { mediaType: MEDIA_TYPES.manifest, digest: sha256('m'), size: 1 };
const place = (): string => join(temporaryDirectory('layout'), 'image');

afterEach(() => observeEffects(undefined));

/** Writes an image of these layers and gives back what its layout says of it. */
async function image(
  dir: string,
  layers: TarEntry[][],
): Promise<{ blobs: LayerBlob[]; manifest: Descriptor; index: Descriptor }> {
  const store = openStore(dir);
  const blobs: LayerBlob[] = [];
  for (const entries of layers) blobs.push(await buildLayer(writeTar(entries), { algorithm: 'gzip' }, store));
  const config: ImageConfig = {
    architecture: 'amd64',
    os: 'linux',
    config: { Entrypoint: ['/bin/tool'], Env: ['A=b'], Labels: { title: 'x' } },
    rootfs: { type: 'layers', diff_ids: blobs.map(({ diffId }) => diffId) },
    history: blobs.map(() => ({ created_by: 'test' })),
  };
  const configBlob = await store.add(encodeDocument(config));
  const manifest: ImageManifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    config: { mediaType: MEDIA_TYPES.config, ...configBlob },
    layers: blobs.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
  };
  const manifestBlob = await store.add(encodeDocument(manifest));
  const platform = { os: 'linux', architecture: 'amd64' };
  const index: ImageIndex = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.index,
    manifests: [{ mediaType: MEDIA_TYPES.manifest, ...manifestBlob, platform }],
  };
  const indexBlob = await store.add(encodeDocument(index));
  const described = { mediaType: MEDIA_TYPES.index, ...indexBlob };
  const named = { ...described, annotations: { 'org.opencontainers.image.ref.name': 'latest' } };
  await writeLayoutIndex(dir, [named]);
  return { blobs, manifest: { mediaType: MEDIA_TYPES.manifest, ...manifestBlob }, index: described };
}

describe('writeLayoutIndex', () => {
  test('makes a layout that opens with what was written', async () => {
    const dir = place();
    await writeLayoutIndex(dir, [CHILD]);
    const layout = await openLayout(dir);
    expect(layout.index).toEqual({ schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: [CHILD] });
    expect(layout.blobs.root).toBe(dir);
    expect(readFileSync(join(dir, 'oci-layout'), 'utf8')).toBe('{"imageLayoutVersion":"1.0.0"}');
  });

  test('the index comes last, and once', async () => {
    const seen: Effect[] = [];
    observeEffects({ before: (effect) => void seen.push(effect) });
    const dir = place();
    await writeLayoutIndex(dir, [CHILD]);
    const renames = seen.filter(({ kind }) => kind === 'rename').map(({ target }) => target);
    expect(renames).toEqual([join(dir, 'oci-layout'), join(dir, 'index.json')]);
    expect(seen.at(-1)?.kind).toBe('fsync');
  });

  test('the same image again changes nothing, another one only the index', async () => {
    const dir = place();
    await writeLayoutIndex(dir, [CHILD]);
    const seen: Effect[] = [];
    observeEffects({ before: (effect) => void seen.push(effect) });
    await writeLayoutIndex(dir, [CHILD]);
    expect(seen).toEqual([]);
    const marker = statSync(join(dir, 'oci-layout')).ino;
    await writeLayoutIndex(dir, [{ ...CHILD, size: 2 }]);
    expect(statSync(join(dir, 'oci-layout')).ino).toBe(marker);
    expect((await openLayout(dir)).index.manifests[0]?.size).toBe(2);
  });
});

describe('openLayout', () => {
  test('where nothing was built is IMAGE_NOT_BUILT with the command that builds', async () => {
    const dir = place();
    const notBuilt = { code: 'IMAGE_NOT_BUILT', hint: expect.stringContaining('baton image build') as string };
    await expect(openLayout(dir)).rejects.toMatchObject(notBuilt);
    mkdirSync(dir);
    await expect(openLayout(dir)).rejects.toMatchObject(notBuilt);
    writeFileSync(join(dir, 'file'), '');
    await expect(openLayout(join(dir, 'file'))).rejects.toMatchObject(notBuilt);
  });

  test.each<[string, string, string | undefined]>([
    ['without its marker', 'oci-layout', undefined],
    ['with a marker that is no JSON', 'oci-layout', 'x'],
    ['of another version', 'oci-layout', '{"imageLayoutVersion":"2.0.0"}'],
    ['with an index that is no JSON', 'index.json', '{'],
    ['with an index that is a manifest', 'index.json', '{"schemaVersion":2,"layers":[],"config":{}}'],
  ])('one %s is IMAGE_INVALID and names the file', async (_, name, content) => {
    const dir = place();
    await writeLayoutIndex(dir, [CHILD]);
    if (content === undefined) rmSync(join(dir, name));
    else writeFileSync(join(dir, name), content);
    await expect(openLayout(dir)).rejects.toMatchObject({
      code: 'IMAGE_INVALID',
      message: expect.stringContaining(content === undefined ? dir : join(dir, name)) as string,
    });
  });

  test('an index as other tools write it opens: no media type, several images', async () => {
    const dir = place();
    await writeLayoutIndex(dir, []);
    const written = { schemaVersion: 2, manifests: [CHILD, { ...CHILD, annotations: { a: 'b' } }] };
    writeFileSync(join(dir, 'index.json'), JSON.stringify(written, null, 2));
    expect((await openLayout(dir)).index.manifests).toHaveLength(2);
  });
});

test('layoutGarbage removes what is not kept, and says what', async () => {
  const dir = place();
  const { index, manifest, blobs } = await image(dir, [[entry('a', 'x')]]);
  const store = openStore(dir);
  const junk = await store.add(Buffer.from('junk'));
  const keep = new Set((await store.list()).filter((digest) => digest !== junk.digest));
  expect(await layoutGarbage(dir, keep)).toEqual([junk.digest]);
  expect(await layoutGarbage(dir, keep)).toEqual([]);
  expect(new Set(await store.list())).toEqual(keep);
  expect([...keep]).toEqual(expect.arrayContaining([index.digest, manifest.digest, blobs[0]?.digest]));
});

const LAYERS = [
  [
    directory('bin'),
    entry('bin/tool', '#!/bin/sh\n', { mode: 0o755 }),
    entry('bin/gone', 'x'),
    directory('data', { mode: 0o700 }),
    entry('data/old', 'x'),
    entry('deep/'.repeat(30) + 'n'.repeat(120), 'long'),
    entry('kept', 'content'),
    hard('linked', 'kept'),
  ],
  [
    entry('bin/.wh.gone'),
    entry('data/.wh..wh..opq'),
    entry('data/new', 'y'),
    symbolic('link', 'bin/tool'),
    entry('.wh.kept'),
    entry('ü', 'z'),
  ],
];

needs('skopeo')('skopeo reads the image: index, manifest and config', async () => {
  const dir = place();
  const { index, manifest, blobs } = await image(dir, LAYERS);
  const raw = execFileSync('skopeo', ['inspect', '--raw', `oci:${dir}:latest`]);
  expect(sha256(raw)).toBe(index.digest);
  const seen = JSON.parse(
    execFileSync('skopeo', [
      '--override-arch',
      'amd64',
      '--override-os',
      'linux',
      'inspect',
      `oci:${dir}:latest`,
    ]).toString(),
  ) as Record<string, unknown>;
  expect(seen).toMatchObject({
    Architecture: 'amd64',
    Os: 'linux',
    Layers: blobs.map(({ digest }) => digest),
    Labels: { title: 'x' },
    Env: ['A=b'],
  });
  const copy = join(temporaryDirectory('layout'), 'copy');
  execFileSync('skopeo', ['copy', '--all', '--quiet', '--insecure-policy', `oci:${dir}:latest`, `oci:${copy}:latest`]);
  expect((await openLayout(copy)).index.manifests[0]?.digest).toBe(index.digest);
  expect(await openStore(copy).has(manifest.digest, manifest.size)).toBe(true);
});

needs('umoci')('umoci unpacks the image to the same tree as flattening it does', async () => {
  const dir = place();
  const { blobs, manifest } = await image(dir, LAYERS);
  // umoci wants the manifest itself behind the tag.
  await writeLayoutIndex(dir, [{ ...manifest, annotations: { 'org.opencontainers.image.ref.name': 'latest' } }]);
  const bundle = join(temporaryDirectory('layout'), 'bundle');
  execFileSync('umoci', ['unpack', '--rootless', '--image', `${dir}:latest`, bundle], { stdio: 'pipe' });
  const ours = join(temporaryDirectory('layout'), 'ours');
  const store = openStore(dir);
  const sources = blobs.map(({ digest, size, mediaType }) => ({
    where: digest,
    open: () => openLayer(store.stream(digest, size), mediaType, digest),
  }));
  await unpackTo(ours, flattenLayers(sources));
  expect(treeOf(ours)).toEqual(treeOf(join(bundle, 'rootfs')));
  expect(treeOf(ours)).toContain('linked 644 content');
});

/** Paths with mode and content or target; only what an ordinary user's unpacking keeps. */
function treeOf(root: string): string[] {
  return (readdirSync(root, { recursive: true }) as string[]).sort().map((path) => {
    const at = join(root, path);
    const stat = lstatSync(at);
    if (stat.isSymbolicLink()) return `${path} -> ${readlinkSync(at)}`;
    const mode = (stat.mode & 0o7777).toString(8);
    return stat.isDirectory() ? `${path}/ ${mode}` : `${path} ${mode} ${readFileSync(at, 'utf8')}`;
  });
}
