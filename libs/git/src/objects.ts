/** The name of an object: 40 (SHA-1) or 64 (SHA-256) lower-case hexadecimal digits. */
export type ObjectId = string;

/** The hash of a repository; gitformat-pack(5), hash-function-transition. */
export type ObjectFormat = 'sha1' | 'sha256';

/** How a tree names what an entry is; git-fast-import(1), "filemodify". */
export type LeafMode = '100644' | '100755' | '120000' | '160000';

/** A file, a link or a submodule. */
export interface Leaf {
  readonly kind: 'leaf';
  readonly mode: LeafMode;
  readonly id: ObjectId;
}

/**
 * A directory. `entries` maps names (see `path-text.ts` for bytes that are not UTF-8) to nodes, in no particular order;
 * `id` is known for one that was read, and undefined for one that was put together and not hashed yet.
 */
export interface Tree {
  readonly kind: 'tree';
  readonly id: ObjectId | undefined;
  readonly entries: ReadonlyMap<string, TreeNode>;
  /** Leaves at any depth below it. */
  readonly leaves: number;
}

export type TreeNode = Leaf | Tree;

/** An object that is not in the repository yet: its name was computed here, by the repository's own hash. */
export interface NewObject {
  readonly type: 'blob' | 'tree' | 'commit';
  readonly id: ObjectId;
  readonly bytes: Uint8Array;
}
