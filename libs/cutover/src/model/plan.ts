import type { NewObject, ObjectId } from '@baton/git';

/** Something that is wrong, one of all that are found. `operation` is its place in the manifest: `edits[3] yaml.list`. */
export interface Problem {
  code: string;
  operation?: string;
  path?: string;
  /** 1-based. */
  line?: number;
  message: string;
  hint?: string;
}

/** What a cutover would do, and what is known about its result. Everything but `objects` is data that can be printed and stored. */
export interface CutoverPlan {
  name: string;
  /** sha256 of the manifest's bytes and of the files it takes in. */
  manifestDigest: string;
  base: { commit: ObjectId; tree: ObjectId };
  /** Set when the base or one of its ancestors has this very cutover already, or when there is nothing left to change. */
  alreadyDone?: { commit: ObjectId; why: 'trailer' | 'tree' };
  paths: readonly PathChange[];
  edits: readonly FileEdit[];
  generated: readonly { operation: string; path: string; before?: ObjectId; after?: ObjectId }[];
  accounting: Accounting;
  scans: readonly ScanResult[];
  acceptance: readonly CriterionResult[];
  gates: readonly CriterionResult[];
  requirements: readonly CriterionResult[];
  commit: PlannedCommit;
  /** Blobs, trees and the commit that are not in the repository yet. */
  objects: readonly NewObject[];
}

/** One path operation and what it does; directories that move whole are one entry. */
export interface PathChange {
  /** `paths[2] flatten`. */
  operation: string;
  kind: 'delete' | 'move' | 'flatten' | 'link' | 'mode' | 'create';
  reason?: string;
  entries: readonly {
    from?: string;
    to?: string;
    /** Leaves at and below it. */
    files: number;
    /** What happened to an entry that was at `to`. */
    onto?: 'absent' | 'deleted' | 'replaced';
    /** The mode and target of links. */
    note?: string;
  }[];
  files: number;
}

/** One file whose bytes change. */
export interface FileEdit {
  /** After the moves. */
  path: string;
  /** In the input tree; absent for a new file. */
  from?: string;
  /** `note`: it found everything as it wants it, and changed nothing here. */
  operations: readonly { operation: string; matches: number; reason?: string; note?: string }[];
  before?: ObjectId;
  after: ObjectId;
  /** Hunks of a unified diff with three lines of context, lines as text for display; absent when the content is binary. */
  diff?: readonly DiffHunk[];
  added: number;
  removed: number;
  /** Whether git will show it as a rename, by the shares of equal bytes: only for moved files. */
  rename?: 'exact' | 'similar' | 'rewritten';
  /** What a reader should know: the file says that it is generated. */
  note?: string;
}

export interface DiffHunk {
  oldStart: number;
  oldLines: number;
  newStart: number;
  newLines: number;
  /** Each begins with ` `, `-`, `+` or `\`. */
  lines: readonly string[];
}

/** Every leaf of the input tree is in exactly one of the first four; every leaf of the output tree is explained. */
export interface Accounting {
  input: number;
  kept: number;
  moved: number;
  deleted: number;
  /** Replaced by another entry that came to its path. */
  replaced: number;
  output: number;
  created: number;
  /** Of the kept, moved and created ones: those with other bytes. */
  edited: number;
  /** Output paths that no operation explains; never anything but empty. */
  unexplained: readonly string[];
  /** Per top directory, for the plan's tree. */
  byDirectory: readonly { directory: string; before: number; after: number }[];
}

export type State = 'passed' | 'failed' | 'pending';

/** What a scan found on the result tree. */
export interface ScanResult {
  id: string;
  operation: string;
  kind: 'forbid' | 'links' | 'dead-paths';
  state: State;
  /** Blobs looked at, and how many of them were known from before. */
  blobs: number;
  cached: number;
  /** Blobs that are binary (a NUL in the first 8000 bytes) and were not searched. */
  binary: number;
  findings: readonly { path: string; line: number; text: string; what: string; column?: number }[];
  /** Exceptions that were used, with their reasons. */
  allowed: readonly { path: string; line: number; text: string; reason: string }[];
  unusedExceptions: readonly { path: string; what: string }[];
}

/** A criterion, gate or requirement and its result; pending is never passed. */
export interface CriterionResult {
  id: string;
  text: string;
  state: State;
  /** Expected, found, where. */
  detail: string;
  /** Further lines: output of a command, losses. */
  lines?: readonly string[];
}

export interface PlannedCommit {
  /** Absent when it will be signed: then `payloadDigest` is what can be compared. */
  id?: ObjectId;
  tree: ObjectId;
  parents: readonly ObjectId[];
  /** `Name <mail> 1714550000 +0000`. */
  author: string;
  committer: string;
  message: string;
  /** sha256 of the unsigned commit object. */
  payloadDigest: string;
  signed: boolean;
}
