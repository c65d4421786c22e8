import type { Digest, Emit } from '@baton/kernel';
import type { Compression, TarEntry } from '@baton/oci';

/** A thing that went into a layer or a base: what the statement of a build lists. */
export interface Material {
  name: string;
  /** Algorithm to lower-case hexadecimal digits: `{ sha256: '…' }`. */
  digest: Record<string, string>;
  role: string;
}

/** A layer whose content is decided and whose tar can be made, or need not be when the key is known already. */
export interface ResolvedLayer {
  /** For people: 'files dist/bundle -> /app'. */
  title: string;
  /** Hash of everything that determines the bytes of the tar: equal keys, equal bytes. */
  key: Digest;
  /** The content in tar order; each call reads the sources anew. */
  entries(): AsyncIterable<TarEntry> | Iterable<TarEntry>;
  /** The layer's own compression; undefined leaves it to the image. */
  compression: Compression | undefined;
  materials: Material[];
  /** Absolute paths (files and directories) whose `stat` tells of a change; empty when the key is content-addressed. */
  stampInputs: string[];
  /** What a person should know: what moved against the lock, what is not pinned. */
  notes: string[];
}

/** What every source of layers is given. */
export interface SourceIo {
  emit: Emit;
  signal?: AbortSignal | undefined;
  /** Root of Baton's cache; sources keep their parts below `<cacheDir>/v1`. */
  cacheDir: string;
  env: NodeJS.ProcessEnv;
  /** Modification time of every entry, in whole seconds since 1970. */
  epoch: number;
  /** Whether everything from outside must be what `image.lock.json` says. */
  locked: boolean;
  /** Ask the package archive again although its lists are fresh. */
  refresh?: boolean | undefined;
}

/** Where a manifest lives. */
export interface ProjectPlace {
  /** Absolute directory of `agent.yaml`; relative paths start here. */
  dir: string;
  /** Absolute directory that no source may leave: the repository's root, or `dir` without one. */
  root: string;
  /** Relative paths that the bundle command makes; only hints name them. Absent without a bundle command. */
  bundleOutputs?: readonly string[] | undefined;
}
