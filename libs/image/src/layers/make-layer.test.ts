import { readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ProgressEvent, sha256 } from '@baton/kernel';
import { type Compression, openStore, type TarEntry } from '@baton/oci';
import { temporaryDirectory } from '@baton/testkit';
import { expect, test } from 'vitest';
import type { ImageIo } from '../types.ts';
import { layerBlobKey, makeLayer, rememberedLayer } from './make-layer.ts';
import type { ResolvedLayer } from './resolved-layer.ts';

const GZIP: Compression = { algorithm: 'gzip', level: 6 };

function layer(text: string, packed: string[] = []): ResolvedLayer {
  const content = Buffer.from(text);
  const entry: TarEntry = {
    path: 'file',
    type: 'file',
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: 0,
    size: content.byteLength,
    content,
  };
  const entries = (): TarEntry[] => {
    packed.push(text);
    return [entry];
  };
  return { title: text, key: sha256(text), entries, compression: undefined, materials: [], stampInputs: [], notes: [] };
}

function place(): { io: ImageIo; events: ProgressEvent[]; store: ReturnType<typeof openStore> } {
  const cacheDir = temporaryDirectory('layers');
  const events: ProgressEvent[] = [];
  const io: ImageIo = { cacheDir, env: {}, emit: (event) => void events.push(event) };
  return { io, events, store: openStore(join(cacheDir, 'v1')) };
}

test('a layer is packed once', async () => {
  const { io, events, store } = place();
  const packed: string[] = [];
  const first = await makeLayer(layer('a', packed), GZIP, store, io);
  const second = await makeLayer(layer('a', packed), GZIP, store, io);
  expect(first).toMatchObject({ title: 'a', cached: false });
  expect(second).toEqual({ ...first, cached: true });
  expect(packed).toEqual(['a']);
  expect(events.map(({ type, detail }) => [type, detail])).toEqual([
    ['layer.start', undefined],
    ['layer.end', undefined],
    ['layer.end', 'cached'],
  ]);
});

test('once for many that ask at the same time', async () => {
  const { io, store } = place();
  const packed: string[] = [];
  const made = await Promise.all([1, 2, 3, 4].map(() => makeLayer(layer('a', packed), GZIP, store, io)));
  expect(packed).toEqual(['a']);
  expect(new Set(made.map(({ blob }) => blob.digest)).size).toBe(1);
});

test('again with another compression, under another key', async () => {
  const { io, store } = place();
  const gzip = await makeLayer(layer('a'), GZIP, store, io);
  const plain = await makeLayer(layer('a'), { algorithm: 'none' }, store, io);
  expect(plain.cached).toBe(false);
  expect(plain.blob.diffId).toBe(gzip.blob.diffId);
  expect(plain.blob.digest).not.toBe(gzip.blob.digest);
});

test.each<[string, (memo: string, blob: string) => void]>([
  ['the blob is gone', (_, blob) => rmSync(blob)],
  ['the blob was cut', (_, blob) => truncateSync(blob, 3)],
  ['the note is gone', (memo) => rmSync(memo)],
  ['the note is cut', (memo) => truncateSync(memo, 10)],
  ['the note says something else', (memo) => writeFileSync(memo, '{"digest":"sha256:1"}')],
  ['the note is null', (memo) => writeFileSync(memo, 'null')],
])('again when %s', async (_, damage) => {
  const { io, store } = place();
  const first = await makeLayer(layer('a'), GZIP, store, io);
  const notes = join(io.cacheDir, 'v1/layers');
  damage(join(notes, readdirSync(notes)[0] ?? ''), store.path(first.blob.digest));
  expect(await rememberedLayer(layerBlobKey(layer('a'), GZIP), store, io.cacheDir)).toBeUndefined();
  expect(await makeLayer(layer('a'), GZIP, store, io)).toEqual(first);
});
