import type { Digest } from '@baton/kernel';

/** What `image load` did. */
export interface LoadResult {
  /** A reference, or the path of a layout. */
  image: string;
  platform: string;
  /** Digest of the config: the image's ID in engines. */
  config: Digest;
  /** The ID in this engine; with the containerd store that of a manifest, and so another. */
  id: Digest;
  names: { name: string; state: 'present' | 'added' }[];
  layers: number;
  /** The engine had it: nothing was sent. */
  present: boolean;
  /** Bytes sent to the engine. */
  sent: number;
  /** Bytes of the blobs that were not in the project's layout and had to be fetched. */
  fetched: number;
  engine: { address: string; version?: string | undefined };
}
