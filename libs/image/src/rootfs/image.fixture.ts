import { gzipSync, zstdCompressSync } from 'node:zlib';
import { type Digest, type ProgressEvent, sha256 } from '@baton/kernel';
import {
  connectRegistry,
  type Descriptor,
  encodeDocument,
  MEDIA_TYPES,
  openStore,
  type TarEntry,
  writeLayoutIndex,
  writeTar,
} from '@baton/oci';
import { temporaryDirectory } from '@baton/testkit';
import { type ImageRootfsOptions, imageRootfsOptions } from './options.ts';
import type { RootfsIo } from './types.ts';

/** An image for tests: documents and blobs that may be put into a layout or a registry. */
export interface MadeImage {
  manifest: Descriptor;
  layers: Descriptor[];
  blobs: Map<Digest, Buffer>;
}

/** A layer: entries, or the bytes of an archive as they are. */
export type MadeLayer = readonly TarEntry[] | Buffer;

/** What may be wrong with an image, each with its right value as the default. */
export interface Lies {
  /** Of the top layer. */
  diffId?: Digest;
  mediaType?: string;
  /** The blob of the top layer, after its digest was taken. */
  blob?: (right: Buffer) => Buffer;
  /** What the manifest says of the top layer's size. */
  size?: (right: number) => number;
  manifest?: (right: object) => object;
}

/** Makes an image for linux/amd64 and linux/arm64 alike, bottom layer first. */
export async function madeImage(
  layers: readonly MadeLayer[],
  options: { zstd?: boolean; platform?: string } & Lies = {},
): Promise<MadeImage> {
  const blobs = new Map<Digest, Buffer>();
  const descriptors: Descriptor[] = [];
  const diffIds: Digest[] = [];
  for (const [i, layer] of layers.entries()) {
    const lies: Lies = i === layers.length - 1 ? options : {};
    const tar = Buffer.isBuffer(layer) ? layer : await bytesOf(writeTar(layer as readonly TarEntry[]));
    const right = options.zstd === true ? zstdCompressSync(tar) : gzipSync(tar, { level: 1 });
    const digest = sha256(right);
    const blob = lies.blob?.(right) ?? right;
    blobs.set(digest, blob);
    diffIds.push(lies.diffId ?? sha256(tar));
    const mediaType = lies.mediaType ?? (options.zstd === true ? MEDIA_TYPES.layerZstd : MEDIA_TYPES.layerGzip);
    descriptors.push({ mediaType, digest, size: lies.size?.(right.byteLength) ?? right.byteLength });
  }
  const [os = '', architecture = ''] = (options.platform ?? thisPlatform()).split('/');
  const config = encodeDocument({ os, architecture, config: {}, rootfs: { type: 'layers', diff_ids: diffIds } });
  blobs.set(sha256(config), config);
  const right = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    config: { mediaType: MEDIA_TYPES.config, digest: sha256(config), size: config.byteLength },
    layers: descriptors,
  };
  const bytes = encodeDocument(options.manifest?.(right) ?? right);
  const manifest: Descriptor = { mediaType: MEDIA_TYPES.manifest, digest: sha256(bytes), size: bytes.byteLength };
  blobs.set(manifest.digest, bytes);
  return { manifest, layers: descriptors, blobs };
}

/** The platform that images are made for when nothing is said: this machine's. */
export function thisPlatform(): string {
  return `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`;
}

/** Writes an image as a layout and returns the directory. */
export async function inLayout(image: MadeImage): Promise<string> {
  const dir = temporaryDirectory('layout');
  const { mkdirSync, writeFileSync } = await import('node:fs');
  const store = openStore(dir);
  mkdirSync(`${dir}/blobs/sha256`, { recursive: true });
  // By hand: a store would not take bytes whose digest is wrong.
  for (const [digest, bytes] of image.blobs) writeFileSync(store.path(digest), bytes);
  await writeLayoutIndex(dir, [image.manifest]);
  return dir;
}

/** Pushes an image and returns its reference. */
export async function inRegistry(host: string, image: MadeImage, name = 'test:1'): Promise<string> {
  const [repository = '', tag = ''] = name.split(':');
  const client = connectRegistry(host);
  try {
    for (const [digest, bytes] of image.blobs) {
      if (digest === image.manifest.digest) continue;
      const open = async function* (): AsyncGenerator<Buffer> {
        yield bytes;
      };
      await client.putBlob(repository, { digest, size: bytes.byteLength }, open);
    }
    const bytes = image.blobs.get(image.manifest.digest) ?? Buffer.alloc(0);
    await client.putManifest(repository, tag, bytes, image.manifest.mediaType);
  } finally {
    client.close();
  }
  return `${host}/${repository}:${tag}`;
}

/** Options as they are without flags, and an io with a cache of its own. */
export function asked(image: string, more: Partial<ImageRootfsOptions> = {}): ImageRootfsOptions {
  return { ...imageRootfsOptions.parse({ image, format: 'tar' }), ...more };
}

/** An io with a cache of its own that remembers its events. */
export function testIo(more: Partial<RootfsIo> = {}): RootfsIo & { events: ProgressEvent[] } {
  const events: ProgressEvent[] = [];
  const home = temporaryDirectory('home');
  return {
    events,
    emit: (event) => void events.push(event),
    cacheDir: temporaryDirectory('cache'),
    env: { HOME: home, DOCKER_CONFIG: home },
    ...more,
  };
}

/** An entry with ordinary values. */
export function file(path: string, content: string | Uint8Array = '', more: Partial<TarEntry> = {}): TarEntry {
  const bytes = Buffer.from(content);
  const base = { path, type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 1_700_000_000 } as const;
  return { ...base, size: bytes.byteLength, content: bytes, ...more };
}

/** An entry without content. */
export function special(path: string, type: TarEntry['type'], more: Partial<TarEntry> = {}): TarEntry {
  return { path, type, mode: 0o755, uid: 0, gid: 0, mtime: 1_700_000_000, size: 0, ...more };
}

async function bytesOf(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}
