import type { Digest } from '@baton/kernel';
import type { ImageIo } from '../types.ts';

/** What `rootfsImage` gets from its caller. */
export interface RootfsIo extends ImageIo {
  /** Aborted when this process goes away: ends the work. `signal` only makes this caller leave. */
  shutdown?: AbortSignal | undefined;
}

/** A root file system as one file in the machine's store; what `<key>.json` beside it says. */
export interface StoredRootfs {
  /** Of everything that determines the bytes. */
  key: string;
  format: 'squashfs' | 'tar';
  /** The manifest that it was made of. */
  source: Digest;
  /** Name, version and options of what wrote it. */
  tool: string;
  size: number;
  digest: Digest;
  /** Files, directories, links and devices. */
  entries: number;
  /** Entries with extended attributes that the format cannot hold; they are in it without these. */
  withoutXattrs: number;
}

/** What `image rootfs` made, or found made. */
export interface RootfsResult extends StoredRootfs {
  /** Absolute path of the file: in the store, or where it was asked for. */
  path: string;
  /** A reference, or the path of a layout. */
  image: string;
  platform: string;
  /** Bytes of compressed layers that were read for it; 0 when it was there already. */
  read: number;
  /** It was there already, or another run made it meanwhile. */
  reused: boolean;
  /** How long it took; never part of what is stored. */
  milliseconds: number;
}
