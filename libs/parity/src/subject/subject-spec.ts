import type { Engine } from '@baton/engine';
import type { Digest, Emit } from '@baton/kernel';
import type { Descriptor } from '@baton/oci';
import type { LayFeeder } from '../feeder/lay-feeders.ts';

/** What OLD or NEW is. */
export type SubjectSpec = ProcessSpec | ImageSpec | GoldenSpec;

/** A program of this machine, run in a root file system that holds nothing but what it needs. */
export interface ProcessSpec {
  kind: 'process';
  /**
   * Program and first arguments; a scenario's arguments follow. A word that stands for a file (it has a `/` or the
   * ending of a script, and is no option) is resolved against `cwd`, unless it lies below the target of a mount.
   */
  command: readonly string[];
  /** Directory that relative paths start from; default: that of this process. */
  cwd?: string;
  /** Files and directories of this machine, and where they are in the subject's file system, read-only. */
  mounts?: readonly SubjectMount[];
  /** Environment variable by which the subject takes a frozen clock. */
  clock?: string;
}

export interface SubjectMount {
  source: string;
  /** Absolute. */
  target: string;
}

/** An image, by a layout or by a reference with a digest: exactly one of them. */
export interface ImageSpec {
  kind: 'image';
  /** Directory of an image layout. */
  layout?: string;
  reference?: string;
  /** `chroot` (default): unpacked, in a private mount namespace. `engine`: by the container engine. */
  driver?: 'chroot' | 'engine';
  clock?: string;
}

/** What was recorded. */
export interface GoldenSpec {
  kind: 'golden';
  directory: string;
}

/** An image whose parts are read by digest. */
export interface ImageSource {
  /** For people. */
  name: string;
  /** Of the index or manifest: what the image is. */
  digest: Digest;
  /** A manifest, index or config, verified. */
  readDocument(descriptor: { digest: Digest; size?: number }): Promise<Buffer>;
  /** The bytes of a layer, verified when the last one has been read. */
  open(descriptor: Descriptor): AsyncIterable<Uint8Array>;
  close(): void;
}

/** What a subject is given by its caller. */
export interface SubjectOptions {
  emit?: Emit;
  signal?: AbortSignal | undefined;
  /** The environment of Baton itself: where programs, credentials and the engine are. Default: that of this process. */
  env?: NodeJS.ProcessEnv;
  /** Seconds that what a subject leaves running has to end; default 5. */
  grace?: number;
  /** Where temporary files of the subject go; default: the system's. */
  temporary?: string;
  /** Puts the programs of feeders at their places; default: those of `feeder/`. */
  layFeeder?: LayFeeder | undefined;
  /** Opens an image that is not complete in its layout, such as a project's `dist/image`; undefined for one that it does not know. */
  openImage?: ((spec: ImageSpec) => Promise<ImageSource | undefined>) | undefined;
  /** How scenarios get the root of an unpacked image; default: overlays where the file system has them, else copies. */
  root?: 'overlay' | 'copy' | undefined;
  /** For `driver: engine`. */
  engine?: Engine | undefined;
}
