import type { Digest } from '@baton/kernel';
import type { RegistryClient } from '@baton/oci';
import type { ResolvedBase } from './base.ts';
import type { BuildResult } from './types.ts';

/** What a publish knows before it begins, from the build that ran just before it in the same process. */
export interface Seen {
  /** Sizes that the target repository answered for blobs, asked while the image was still being built. */
  blobs: Map<Digest, Promise<number | undefined>>;
  /** The build; absent when nothing was made. */
  made?: BuildResult;
}

/** Blobs below this size are sent without asking first, when they were made just now: asking costs as much as sending. */
const NOT_WORTH_ASKING = 1024 * 1024;

/**
 * Asks the target for the layers of the base, without waiting. That also opens the connections and signs in while there
 * is nothing else to do. An error is met again by whoever uses the answer.
 */
export function seeBase(base: ResolvedBase, client: RegistryClient, repository: string): Seen {
  const blobs: Seen['blobs'] = new Map();
  for (const { manifest } of base.platforms.values()) {
    for (const { digest } of manifest.layers) {
      if (blobs.has(digest)) continue;
      const size = client.headBlob(repository, digest);
      size.catch(() => undefined);
      blobs.set(digest, size);
    }
  }
  // Without a base the connection is still worth having.
  if (blobs.size === 0) void client.headManifest(repository, 'latest').catch(() => undefined);
  return { blobs };
}

/** Whether a blob is so new and so small that it is sent without asking. */
export function isSurelyNew({ made }: Seen, digest: Digest, size: number): boolean {
  if (made === undefined || size >= NOT_WORTH_ASKING) return false;
  return made.platforms.some(
    (platform) =>
      platform.config === digest || platform.layers.some((layer) => layer.digest === digest && !layer.cached),
  );
}
