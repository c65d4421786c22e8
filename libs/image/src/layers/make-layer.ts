import { join } from 'node:path';
import { type Digest, digestHex, isDigest, readFileLimited, sha256, withLock, writeFileAtomic } from '@baton/kernel';
import { buildLayer, type Compression, type ContentStore, compressorId, type LayerBlob, writeTar } from '@baton/oci';
import type { ImageIo } from '../types.ts';
import type { ResolvedLayer } from './resolved-layer.ts';

/** A layer of the image with the blob that holds it. */
export interface MadeLayer {
  title: string;
  blob: LayerBlob;
  /** It was at hand and not packed again. */
  cached: boolean;
}

/** Names the bytes of a layer: what is in it, and what compresses it. */
export function layerBlobKey(layer: ResolvedLayer, compression: Compression): Digest {
  return sha256(`${layer.key}\n${compressorId(compression)}`);
}

/** The blob of a layer that was made before and is still in the cache. */
export async function rememberedLayer(
  key: Digest,
  store: ContentStore,
  cacheDir: string,
): Promise<LayerBlob | undefined> {
  const bytes = await readFileLimited(memoPath(cacheDir, key), 64 * 1024).catch(() => undefined);
  const blob = bytes === undefined ? undefined : parseMemo(bytes);
  return blob !== undefined && (await store.has(blob.digest, blob.size)) ? blob : undefined;
}

/**
 * The blob of a layer: remembered, or packed, compressed and put into the store in one pass.
 *
 * One process packs a layer at a time; another that wants the same one waits and takes the result.
 */
export async function makeLayer(
  layer: ResolvedLayer,
  compression: Compression,
  store: ContentStore,
  io: ImageIo,
): Promise<MadeLayer> {
  const key = layerBlobKey(layer, compression);
  const work = { id: key, label: `layer ${layer.title}` };
  const remembered = await rememberedLayer(key, store, io.cacheDir);
  if (remembered !== undefined) {
    io.emit({ type: 'layer.end', ...work, detail: 'cached', data: { cached: true, digest: remembered.digest } });
    return { title: layer.title, blob: remembered, cached: true };
  }
  return await withLock(
    `layer ${memoPath(io.cacheDir, key)}`,
    async () => {
      const meanwhile = await rememberedLayer(key, store, io.cacheDir);
      if (meanwhile !== undefined) {
        io.emit({ type: 'layer.end', ...work, detail: 'made by another run', data: { cached: true } });
        return { title: layer.title, blob: meanwhile, cached: true };
      }
      io.emit({ type: 'layer.start', ...work, unit: 'bytes' });
      const blob = await buildLayer(counted(writeTar(layer.entries()), work, io), compression, store);
      await writeFileAtomic(memoPath(io.cacheDir, key), JSON.stringify(blob));
      io.emit({
        type: 'layer.end',
        ...work,
        done: blob.size,
        unit: 'bytes',
        data: { cached: false, digest: blob.digest, size: blob.size, diffId: blob.diffId },
      });
      return { title: layer.title, blob, cached: false };
    },
    { signal: io.signal },
  );
}

async function* counted(
  tar: AsyncIterable<Uint8Array>,
  work: { id: string; label: string },
  io: ImageIo,
): AsyncGenerator<Uint8Array> {
  let done = 0;
  let told = 0;
  for await (const chunk of tar) {
    io.signal?.throwIfAborted();
    yield chunk;
    done += chunk.byteLength;
    if (done - told < 4_000_000) continue;
    told = done;
    io.emit({ type: 'layer.progress', ...work, done, unit: 'bytes' });
  }
}

function memoPath(cacheDir: string, key: Digest): string {
  return join(cacheDir, 'v1', 'layers', `${digestHex(key)}.json`);
}

/** A damaged memo is no memo: the layer is made again. */
function parseMemo(bytes: Buffer): LayerBlob | undefined {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
  const blob = value as Partial<LayerBlob> | null;
  const sound =
    isDigest(blob?.digest) &&
    isDigest(blob.diffId) &&
    typeof blob.size === 'number' &&
    typeof blob.uncompressedSize === 'number' &&
    typeof blob.mediaType === 'string' &&
    typeof blob.compressor === 'string';
  return sound ? (blob as LayerBlob) : undefined;
}
