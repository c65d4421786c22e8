import type { Digest } from '@baton/kernel';

/** How a test registry behaves where real ones differ. */
export interface RegistryHabits {
  /** A tag that exists keeps its digest: PUT of another is refused with 400 (or this status). */
  immutableTags?: boolean | { status: number; code: string; message: string };
  /** Tags per page when the request does not say; all by default. */
  tagPage?: number;
  /** `Location` of uploads: a path, or a whole URL. */
  location?: 'relative' | 'absolute';
  /** Whether blobs of other repositories can be mounted (true). */
  mounts?: boolean;
  /** Whether `Range` is honoured for blobs (true). */
  ranges?: boolean;
  /** Where blobs are redirected to (307) in place of being served. */
  redirectBlobs?: (digest: Digest) => string;
  /**
   * Whether it lists referrers and answers a manifest that has a subject with `OCI-Subject` (true); registries of
   * before distribution 1.1 do neither.
   */
  referrers?: boolean;
  /** Referrers per page; all by default. */
  referrerPage?: number;
  /** Whether `artifactType` filters the referrers (true); the specification lets a registry ignore it. */
  referrerFilter?: boolean;
  /** Bytes that each chunk of an upload but the last must have at least, as `OCI-Chunk-Min-Length` says. */
  chunkMinLength?: number;
  /** Bytes that one request of an upload may have at most: a proxy's limit, answered with 413. */
  bodyLimit?: number;
  /** `crane`: PATCH answers 204, and `Location` after PUT still names the upload. */
  answers?: 'distribution' | 'crane';
}
