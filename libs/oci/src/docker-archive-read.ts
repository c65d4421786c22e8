import { BatonError, type Digest, digestHex, formatBytes, removeTree } from '@baton/kernel';
import { type Compression, openLayer } from './compression.ts';
import type { ContentStore } from './content-store.ts';
import type { Descriptor } from './descriptor.ts';
import { type ArchivedImage, followLinks, readArchiveManifest } from './docker-archive-parts.ts';
import { type Spooled, type SpooledFile, spoolArchive } from './docker-archive-spool.ts';
import { measureLayer } from './docker-archive-write.ts';
import { DOCUMENT_LIMIT } from './document.ts';
import { type ImageConfig, parseImageConfig } from './image-config.ts';
import { buildLayer, type LayerBlob } from './layer.ts';
import { encodeDocument, type ImageManifest } from './manifest.ts';
import { MEDIA_TYPES } from './media-types.ts';

/** How to take a `docker save` archive in. */
export interface DockerArchiveReading {
  /** How layers are stored. */
  compression: Compression;
  /** The archive, as a person knows it; for errors. */
  where?: string;
  /**
   * Makes the blob of a layer, or gives one that is in the store already; {@link buildLayer} by default. Asked once for
   * each layer; `open` gives its tar archive, whose digest and size were checked.
   */
  layer?(layer: { diffId: Digest; size: number; open(): AsyncIterable<Uint8Array> }): Promise<LayerBlob>;
  /** The most bytes that all files of the archive may have together, and each layer unpacked (64 GiB). */
  limit?: number;
  signal?: AbortSignal | undefined;
}

/** An image of a `docker save` archive, whole in the store as an OCI image. */
export interface DockerArchiveContent {
  /** `repo:tag` names it had; may be empty. */
  tags: string[];
  /** The config's bytes are those of the archive: its digest is the image's ID. */
  config: { descriptor: Descriptor; bytes: Buffer; document: ImageConfig };
  /** Bottom first. */
  layers: LayerBlob[];
  /** An OCI manifest of these, with its platform in the descriptor. */
  manifest: { descriptor: Descriptor; bytes: Buffer };
}

const LIMIT = 64 * 1024 ** 3;

/**
 * Takes the images of a `docker save` archive (engines, BuildKit, podman, skopeo, crane) into a store as OCI images.
 *
 * One pass over `source`, though `manifest.json` comes last: parts are spooled beside the store's blobs meanwhile, and
 * that is removed whatever happens. Then each layer is compared with its diffID and compressed. Layers that are
 * compressed in the archive are unpacked first, for the blob's bytes shall depend on content and compressor alone.
 * Nothing comes into the store before the whole archive was judged.
 *
 * Throws `IMAGE_INVALID` for an archive that is broken, too large, lacks a part or has one that nobody names;
 * `DIGEST_MISMATCH` for bytes that are not what their name or the config says; `DISK_FULL`.
 */
export async function readDockerArchive(
  source: AsyncIterable<Uint8Array>,
  store: ContentStore,
  reading: DockerArchiveReading,
): Promise<DockerArchiveContent[]> {
  const where = reading.where ?? 'docker archive';
  const spooled = await spoolArchive(source, store.root, { where, limit: reading.limit ?? LIMIT });
  try {
    const images = (await readManifest(spooled, where)).map((image) => resolveParts(image, spooled, where));
    refuseUnnamed(images, spooled, where);
    const configs: Buffer[] = [];
    const tars = new Map<Digest, LayerTar>();
    for (const image of images) {
      const bytes = await image.config.read(DOCUMENT_LIMIT);
      configs.push(bytes);
      const diffIds = parseImageConfig(bytes, `${where}: ${image.named.config}`).rootfs.diff_ids;
      if (diffIds.length !== image.layers.length) {
        const message = `${where}: expected ${diffIds.length} layers as ${image.named.config} says, found ${image.layers.length}`;
        throw new BatonError('IMAGE_INVALID', message);
      }
      for (const [i, file] of image.layers.entries()) {
        const diffId = diffIds[i];
        if (diffId !== undefined && !tars.has(diffId)) tars.set(diffId, await layerTar(file, diffId, where, reading));
      }
    }
    const blobs = new Map<Digest, LayerBlob>();
    for (const tar of tars.values()) blobs.set(tar.diffId, await makeBlob(tar, store, reading));
    return await Promise.all(
      images.map(({ named }, i) => writeImage(named.tags, configs[i] ?? Buffer.alloc(0), blobs, store)),
    );
  } finally {
    await removeTree(spooled.dir);
  }
}

interface ResolvedParts {
  named: ArchivedImage;
  config: SpooledFile;
  layers: SpooledFile[];
}

interface LayerTar {
  diffId: Digest;
  size: number;
  open(): AsyncIterable<Uint8Array>;
}

async function readManifest({ files }: Spooled, where: string): Promise<ArchivedImage[]> {
  const file = files.get('manifest.json');
  if (file === undefined) {
    const hint = files.size === 0 ? 'Is it a file that "docker save" wrote?' : 'The archive is cut off or damaged.';
    throw new BatonError('IMAGE_INVALID', `${where}: expected a docker archive, found no manifest.json`, { hint });
  }
  const name = `${where}: manifest.json`;
  const bytes = await file.read(DOCUMENT_LIMIT);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new BatonError('IMAGE_INVALID', `${name}: expected JSON in UTF-8, found something else`, { cause: error });
  }
  return readArchiveManifest({ value, where: name, path: '' });
}

function resolveParts(named: ArchivedImage, { files, links }: Spooled, where: string): ResolvedParts {
  const find = (path: string, kind: string, ...kinds: SpooledFile['kind'][]): SpooledFile => {
    const file = files.get(followLinks(path, files, links) ?? '');
    if (file !== undefined && kinds.includes(file.kind)) return file;
    const message = `${where}: manifest.json names the ${kind} ${JSON.stringify(path.slice(0, 200))}, which is not there`;
    throw new BatonError('IMAGE_INVALID', message, {
      hint: 'The archive is cut off or damaged: save the image again.',
    });
  };
  return {
    named,
    config: find(named.config, 'config', 'config', 'blob'),
    layers: named.layers.map((path) => find(path, 'layer', 'layer', 'blob')),
  };
}

// Engines from 25 on leave blobs that no manifest.json names (old configs, other platforms); their names prove them.
function refuseUnnamed(images: readonly ResolvedParts[], { files }: Spooled, where: string): void {
  const named = new Set(images.flatMap(({ config, layers }) => [config, ...layers]));
  for (const [path, file] of files) {
    if (named.has(file) || file.kind === 'blob' || file.kind === 'manifest') continue;
    throw new BatonError('IMAGE_INVALID', `${where}: no image in manifest.json names ${path}, which is in the archive`);
  }
}

async function layerTar(
  file: SpooledFile,
  diffId: Digest,
  where: string,
  { signal, limit = LIMIT }: DockerArchiveReading,
): Promise<LayerTar> {
  const name = `${where}: layer ${file.path}`;
  const open = (): AsyncIterable<Uint8Array> => file.stream(signal);
  if (file.digest === diffId) return { diffId, size: file.size, open };
  const mediaType = file.compression;
  if (mediaType === undefined) {
    throw new BatonError('DIGEST_MISMATCH', `${name}: expected ${diffId} as its config says, found ${file.digest}`, {
      hint: 'The archive is damaged: save the image again.',
    });
  }
  const unpacked = (): AsyncIterable<Uint8Array> => bounded(openLayer(open(), mediaType, name), limit, name);
  return { diffId, size: await measureLayer(unpacked, diffId), open: unpacked };
}

async function* bounded(source: AsyncIterable<Uint8Array>, limit: number, name: string): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of source) {
    size += chunk.byteLength;
    if (size > limit)
      throw new BatonError('IMAGE_INVALID', `${name}: expected at most ${formatBytes(limit)}, found more`);
    yield chunk;
  }
}

async function makeBlob(tar: LayerTar, store: ContentStore, reading: DockerArchiveReading): Promise<LayerBlob> {
  reading.signal?.throwIfAborted();
  const blob = await (reading.layer?.(tar) ?? buildLayer(tar.open(), reading.compression, store));
  if (blob.diffId === tar.diffId) return blob;
  throw new BatonError('INTERNAL', `the layer ${tar.diffId} was made as ${blob.diffId}`);
}

async function writeImage(
  tags: string[],
  bytes: Buffer,
  blobs: ReadonlyMap<Digest, LayerBlob>,
  store: ContentStore,
): Promise<DockerArchiveContent> {
  const stored = await store.add(bytes);
  const document = parseImageConfig(bytes, `config ${digestHex(stored.digest)}`);
  const { os, architecture, variant } = document;
  const layers = document.rootfs.diff_ids.map((diffId) => blobs.get(diffId)).filter((blob) => blob !== undefined);
  const config: Descriptor = { mediaType: MEDIA_TYPES.config, ...stored };
  const manifest: ImageManifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    config,
    layers: layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
  };
  const manifestBytes = encodeDocument(manifest);
  const descriptor: Descriptor = {
    mediaType: MEDIA_TYPES.manifest,
    ...(await store.add(manifestBytes)),
    platform: { os, architecture, ...(variant === undefined ? {} : { variant }) },
  };
  return {
    tags,
    config: { descriptor: config, bytes, document },
    layers,
    manifest: { descriptor, bytes: manifestBytes },
  };
}
