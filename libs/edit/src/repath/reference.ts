import type { RepathStyle } from '../operations.ts';

/** A place in a text that names a file or directory of the repository. */
export interface Reference {
  /** 1-based. */
  line: number;
  /** Bytes of the path in the file, without quotes, anchor or a flag in front of it. */
  start: number;
  end: number;
  /** As written. */
  text: string;
  style: RepathStyle;
  /** From the root of the repository, `''` for the root itself. For a glob: the directory in front of its first wildcard. */
  path: string;
  /** The whole glob from the root of the repository, for a reference with wildcards (`*`, `?`, `[`, `{`, `...` of Go, `%` of make). */
  glob?: string;
}

/** What is looked for, and where the file is. */
export interface ReferenceOptions {
  /** The path of the file itself (style `file`, `markdown`). */
  path: string;
  /** Tried in this order; the first one whose path exists wins. All four when left out (`cwd` only where `cwd` says so). */
  styles?: readonly RepathStyle[];
  /** Style `cwd`: the directory that lines `from`-`to` (1-based, both included) run in; the whole file without them. */
  cwd?: readonly { dir: string; from?: number; to?: number }[];
  /** Whether the repository has a file or directory; without it, everything that looks like a path is given, once per style. */
  exists?: (path: string) => boolean;
}

/** What {@link editRepath} must know about a file and the moves. Paths are from the root, `''` is the root itself. */
export interface RepathFile {
  /** Where the file is after the moves. */
  path: string;
  /** Where it was before; the same for a file that did not move. */
  pathBefore: string;
  /**
   * Where a file or directory of the input tree is after the moves; the same path when it did not move, undefined when it is
   * gone. For a directory: where its entries went as a whole (`agent/go` that was flattened into `agent` is `agent`).
   */
  mapping(path: string): string | undefined;
  /** Whether a file or directory is in the input and in the output tree. */
  exists: { input(path: string): boolean; output(path: string): boolean };
}
