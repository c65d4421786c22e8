import { join } from 'node:path';
import type { Digest } from '@baton/kernel';
import { type ContentStore, openStore } from '@baton/oci';
import type { BaseBlobs } from './base-blobs.ts';
import type { ImageIo } from './types.ts';

/** Where an export takes blobs from: the project's layout, else the base. */
export interface ExportedBlobs {
  open(blob: { digest: Digest; size: number }): AsyncIterable<Uint8Array>;
  /** Bytes that came from the base so far. */
  fetched(): number;
}

/** Blobs of the base that are read over the network go through the cache, so that they are asked for once. */
export function exportedBlobs(own: ContentStore, base: BaseBlobs | undefined, io: ImageIo): ExportedBlobs {
  const cache = openStore(join(io.cacheDir, 'v1'));
  const fetched = new Map<Digest, number>();
  async function* open({ digest, size }: { digest: Digest; size: number }): AsyncGenerator<Uint8Array> {
    if (base === undefined || (await own.has(digest, size))) return yield* own.stream(digest, size);
    // A registry is asked once, however often the bytes are read here.
    await base.pull?.({ digest, size }, cache, io);
    fetched.set(digest, size);
    yield* base.remote ? cache.stream(digest, size) : base.open({ digest, size });
  }
  return { open, fetched: () => [...fetched.values()].reduce((sum, size) => sum + size, 0) };
}
