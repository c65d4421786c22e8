import { type Digest, Hasher } from '@baton/kernel';
import { type Compression, compress, compressorId, compressWhole, layerMediaType } from './compression.ts';
import type { ContentStore } from './content-store.ts';

/** A layer in a store: what a manifest and a config need to know of it. */
export interface LayerBlob {
  mediaType: string;
  digest: Digest;
  /** Bytes of the compressed blob. */
  size: number;
  /** The digest of the uncompressed tar archive. */
  diffId: Digest;
  uncompressedSize: number;
  /** What compressed it, see {@link compressorId}: equal tar bytes and equal ids give equal digests. */
  compressor: string;
}

/** Archives up to this size are compressed in one piece: measured, that halves the time around the compressor. */
const SMALL = 8 * 1024 * 1024;

/**
 * Turns a tar archive into a layer blob in a store, in one pass: archive, its digest, compression, the blob's digest, disk.
 * Small archives are held in memory; large ones stream with memory that does not grow. Throws what `tar` throws,
 * `DRIVER_UNSUPPORTED` for a compression that is not available, `DISK_FULL`.
 */
export async function buildLayer(
  tar: AsyncIterable<Uint8Array>,
  compression: Compression,
  store: ContentStore,
): Promise<LayerBlob> {
  const compressor = compressorId(compression);
  const hasher = new Hasher();
  const hashed = hashing(tar, hasher);
  try {
    const start = await takeSmall(hashed);
    const blob = start.whole
      ? await store.add(await compressWhole(Buffer.concat(start.chunks), compression))
      : await store.ingest(compress(chain(start.chunks, hashed), compression));
    const diffId = hasher.digest();
    return { mediaType: layerMediaType(compression), ...blob, diffId, uncompressedSize: hasher.size, compressor };
  } finally {
    await hashed.return(undefined);
  }
}

async function* hashing(source: AsyncIterable<Uint8Array>, hasher: Hasher): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    hasher.update(chunk);
    yield chunk;
  }
}

async function takeSmall(source: AsyncGenerator<Uint8Array>): Promise<{ chunks: Uint8Array[]; whole: boolean }> {
  const chunks: Uint8Array[] = [];
  for (let size = 0; size <= SMALL; ) {
    const next = await source.next();
    if (next.done === true) return { chunks, whole: true };
    chunks.push(next.value);
    size += next.value.byteLength;
  }
  return { chunks, whole: false };
}

async function* chain(start: Uint8Array[], rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  // Taken out one by one, so that what is written is let go of.
  for (let chunk = start.shift(); chunk !== undefined; chunk = start.shift()) yield chunk;
  yield* rest;
}
