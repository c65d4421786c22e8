import type { ObjectId, ObjectStore } from '@baton/git';
import type { Emit } from '@baton/kernel';
import type { ForgePort } from '../accept/check-requirements.ts';
import type { LoadedCutover } from '../manifest/load-cutover.ts';
import type { DiffHunk } from '../model/plan.ts';

/** Which cutover, of which commit. */
export interface CutoverInput {
  store: ObjectStore;
  cutover: LoadedCutover;
  /** Any revision that git understands; the commit that the cutover goes on top of. */
  base: string;
}

/** What the delivery floor hands in. */
export interface CutoverPorts {
  emit?: Emit;
  signal?: AbortSignal | undefined;
  /** Answers what only a forge knows; without it those requirements are pending. */
  forge?: ForgePort | undefined;
}

export interface PlanOptions {
  /** Seconds since 1970 in place of the base commit's time; `commit.date` of the manifest wins over it. */
  sourceDateEpoch?: number | undefined;
  /** Where scan results by blob id are kept; none are when left out. */
  cacheDir?: string | undefined;
  /** Where refs are by somebody who knows better than this repository: the forge that was asked just now. */
  refs?: Readonly<Record<string, ObjectId>>;
  /** The checkout that `requires.clean` is about; not asked when left out. */
  checkout?: string | undefined;
  /** `none`: no scans, acceptance, gates and requirements; generators run all the same, because they make the tree. */
  checks?: 'all' | 'none';
}

/** Where and under which conditions a plan is carried out. */
export interface ApplyOptions {
  store: ObjectStore;
  cutover: LoadedCutover;
  /** `refs/heads/<pull-request.branch>`, else `refs/heads/cutover/<name>`, when left out. */
  ref?: string | undefined;
  /** The tree that was approved; another one is `CUTOVER_TREE_MISMATCH`. */
  expectTree?: ObjectId | undefined;
  /** A work tree that is brought to the new commit, last: its branch moves in place of `ref`. */
  checkout?: string | undefined;
  /** Writes the statement `cutover` to this file. */
  statement?: string | undefined;
  emit?: Emit;
  signal?: AbortSignal | undefined;
}

/** What became of a plan. */
export interface AppliedCutover {
  state: 'applied' | 'already-done';
  commit: ObjectId;
  tree: ObjectId;
  /** The branch that has the commit; absent for a detached checkout. */
  ref?: string;
  /** Where the branch was before. */
  before?: ObjectId;
  /** The checkout that was brought along, and what is left in it of directories that went away. */
  checkout?: { dir: string; leftovers: readonly string[] };
  statement?: string;
}

/** Whether a commit is the mechanical result of its first parent and the manifest. */
export interface CutoverVerification {
  /** `identical`: the same commit id; `same-tree`: after a squash merge, a signature, another message; `different`: other bytes. */
  state: 'identical' | 'same-tree' | 'different';
  commit: ObjectId;
  parent: ObjectId;
  tree: { expected: ObjectId; found: ObjectId };
  /** Undefined where the plan gives no id: it is signed. */
  expectedCommit: ObjectId | undefined;
  /** What differs between the planned and the found commit besides the tree. */
  payload: readonly {
    what: 'parents' | 'author' | 'committer' | 'message' | 'signature';
    expected: string;
    found: string;
  }[];
  /** What the manifest says now, and what the commit's trailer says; `found` is undefined without trailer. */
  manifestDigest: { expected: string; found: string | undefined };
  /** Paths whose entries differ, sorted. */
  differences: readonly TreeDifference[];
}

/** One path of which two trees say different things: mode and id of each. */
export interface TreeDifference {
  path: string;
  expected?: { mode: string; id: ObjectId };
  found?: { mode: string; id: ObjectId };
  /** From the expected text to the one found, of the first files that have one on both sides. */
  diff?: readonly DiffHunk[];
}

export interface RevertOptions {
  store: ObjectStore;
  /** The commit that the cutover made. */
  commit: string;
  /** What the inverse goes on top of, a revision; `commit` itself when left out. */
  onto?: string | undefined;
  /** The branch that gets it: `refs/heads/revert/<name>` when left out. */
  ref?: string | undefined;
  /** A work tree that is brought along, last: its branch moves in place of `ref`. */
  checkout?: string | undefined;
  /** Computes and proves, and writes nothing. */
  dryRun?: boolean;
  emit?: Emit;
  signal?: AbortSignal | undefined;
}

/** The inverse of a cutover, and the proof. */
export interface RevertedCutover {
  /** What is undone. `name` is that of the manifest, undefined for a commit without the trailers of a cutover. */
  cutover: { commit: ObjectId; subject: string; name: string | undefined };
  commit: ObjectId;
  parent: ObjectId;
  ref?: string;
  /** The tree of the inverse commit. */
  tree: ObjectId;
  /** The tree that the cutover read: equal to `tree` unless there were later commits. */
  inputTree: ObjectId;
  /** `tree`: the whole tree is the input's; `paths`: with later commits, every path of the cutover is as it was in the input. */
  proof: 'tree' | 'paths';
  /** Paths that went back. */
  paths: number;
  /** Nothing to do: it was reverted before. */
  alreadyDone: boolean;
}
