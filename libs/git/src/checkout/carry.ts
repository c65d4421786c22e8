import type { ObjectId, Tree } from '../objects.ts';

/** A directory or file that is the same at another path of the new commit. */
export interface CarriedPath {
  from: string;
  to: string;
}

/** From which commit to which a checkout is brought. */
export interface CarryInput {
  /** Any directory of the work tree. */
  dir: string;
  from: ObjectId;
  to: ObjectId;
  /** The trees of both, where the caller has them: they need not be read again. Both must be hashed. */
  trees?: readonly [from: Tree, to: Tree];
  /**
   * What moves: directories and files, the biggest subtrees first. Only a hint for speed and for what keeps its stat data: what
   * is not equal on both sides is looked into, and everything else follows from comparing the two trees.
   */
  renames: readonly CarriedPath[];
  /** What HEAD names afterwards: `refs/heads/main`; undefined detaches it at `to`. */
  branch: string | undefined;
  /**
   * Moves the branch to `to`: called once everything is checked and prepared, before the first file moves. When it throws,
   * everything is as it was. Without it the branch must be at `to` already.
   */
  moveRef?: (() => Promise<void>) | undefined;
  signal?: AbortSignal | undefined;
}

/** What was done to a checkout. */
export interface CarryResult {
  from: ObjectId;
  to: ObjectId;
  /** Renames that were made: directories and files. */
  moved: number;
  /** Files written anew, by git, so that its filters and line endings apply. */
  written: number;
  deleted: number;
  /** Untracked and ignored paths that stay in directories of which every tracked file has gone. */
  leftovers: readonly string[];
}
