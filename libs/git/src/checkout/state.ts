import type { ObjectId } from '../objects.ts';

/** What git is in the middle of; git-status(1) tells the same. */
export type Operation = 'merge' | 'rebase' | 'am' | 'cherry-pick' | 'revert' | 'bisect';

/** A work tree of the repository, and what its HEAD names. */
export interface WorkTree {
  /** A real path. */
  path: string;
  /** `refs/heads/main`; undefined when detached. */
  branch: string | undefined;
}

/** What stands in a work tree, as git with the user's own configuration sees it. Paths are text as `pathText` gives it, sorted by bytes. */
export interface CheckoutState {
  /** The root of the work tree, a real path. */
  root: string;
  /** `.git`, or the directory of a linked work tree in it. */
  gitDir: string;
  commonDir: string;
  /** Undefined before the first commit. */
  head: ObjectId | undefined;
  /** `refs/heads/main`; undefined when detached. */
  branch: string | undefined;
  operation: Operation | undefined;
  /** `index.lock`: held by another git (or left by one), or left by a carry that was killed. */
  lock: 'none' | 'other' | 'carry';
  /** A carry that was killed: `finishCarry` completes it. */
  pendingCarry: { from: ObjectId; to: ObjectId } | undefined;
  shallow: boolean;
  sparse: boolean;
  /** Tracked files that differ from the index, deleted ones too; submodules with other commits or changed files. */
  modified: readonly string[];
  /** Entries of the index that differ from HEAD. */
  staged: readonly string[];
  /** Conflicts. */
  unmerged: readonly string[];
  /** A directory of which nothing is tracked is one path that ends with `/`. */
  untracked: readonly string[];
  ignored: readonly string[];
  /** All work trees of the repository, this one included: a branch that another one has checked out must not be moved. */
  workTrees: readonly WorkTree[];
}
