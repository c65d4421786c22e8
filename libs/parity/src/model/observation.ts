/** Everything that one subject did in one scenario. Comparison, goldens and reports read nothing else. */
export interface Observation {
  /** Id of the scenario. */
  scenario: string;
  /** T1: the clock was owned or frozen; T2: it was real, and tokens are validated. */
  tier: 'T1' | 'T2';
  runs: readonly RunObservation[];
  /** Below the root mount: what is new, changed or gone. */
  host: TreeChange;
  /** The subject's own file system, without its /tmp and without the root mount. */
  container: TreeChange;
  /** Processes of the subject that still ran when it had ended and the time for them was over. */
  leftovers: readonly string[];
  /** What a golden knows of its tokens: names in the stored text, and the values that stood there when it was recorded. */
  tokens?: ReadonlyMap<string, GoldenToken>;
}

export interface RunObservation {
  end: RunEnd;
  stdout?: Content;
  stderr?: Content;
  /** In place of the other two when both were one file. */
  merged?: Content;
  /** By the wall clock of the machine, microseconds since 1970; absent in a golden. */
  window?: { began: number; ended: number };
  milliseconds: number;
  /** For reports: what happened when. Absent in a golden. */
  events?: readonly RunEvent[];
  /** What the harness could not do: a signal that nobody was there to get. Nothing is known about such a run. */
  faults?: readonly string[];
}

export interface RunEvent {
  kind: 'begin' | 'end' | 'signal';
  /** From the begin of the run. */
  seconds: number;
  text: string;
}

export type RunEnd =
  | { kind: 'exit'; code: number }
  | { kind: 'signal'; signal: string }
  | { kind: 'timeout'; seconds: number };

/** Bytes of a channel: in memory, or in a file of the evidence; or only their beginning and a digest, in old recordings. */
export type Content =
  | { kind: 'bytes'; bytes: Buffer }
  | { kind: 'file'; path: string; size: number }
  | { kind: 'elided'; size: number; head: Buffer; normalised: ElidedText };

/** Text that a recording did not keep: what is known of it after its tokens were replaced (`golden/recording-form.ts`). */
export interface ElidedText {
  size: number;
  sha256: string;
  head: Buffer;
  tail: Buffer;
}

/** How a tree differs from what was laid out. */
export interface TreeChange {
  rows: readonly TreeRow[];
  /** Laid-out paths that are gone. */
  deleted: readonly string[];
  /** The mode of the tree's own directory, when it changed. */
  rootMode?: string;
}

export interface TreeRow {
  /** Absolute, below the tree; bytes that are no UTF-8 as `\\bytes:<hex>` of the whole name. */
  path: string;
  type: 'file' | 'dir' | 'symlink' | 'other';
  /** Four octal digits. */
  mode: string;
  contents?: Content;
  target?: string;
  /** Absent for what is new. */
  change?: 'modified' | 'mode';
}

export interface GoldenToken {
  /** A kind of token, or the name of a pattern rule. */
  kind: string;
  value: string;
}

/** Who a subject is: part of every result. Two subjects with the same digest are one thing. */
export interface Identity {
  /** `process`, `container`, `golden`. */
  kind: 'process' | 'container' | 'golden';
  /** `OLD` or `NEW` are roles, not names: this is the name, such as the command or the image reference. */
  name: string;
  /** sha256 of program or image; of a golden set: of its manifests. */
  digest: string;
  /** The path that was executed, the interpreter and its version, the platform: what a reader wants to know. */
  facts: Readonly<Record<string, string>>;
}

/** One implementation, live or recorded. */
export interface Subject {
  identity(): Promise<Identity>;
  /** Runs (or reads) one scenario. Throws BatonError SUBJECT_FAILED when it could not be run at all: never a skip. */
  observe(scenario: import('./scenario.ts').Scenario, io: SubjectIo): Promise<Observation>;
  /** What the observation of this one scenario depends on; identity().digest when absent. A golden set: the digest of the one golden. */
  digestOf?(scenario: import('./scenario.ts').Scenario): Promise<string>;
  close(): Promise<void>;
}

export interface SubjectIo {
  /** An empty directory for this scenario: captured streams and trees stay in it until the comparison is done. */
  directory: string;
  signal?: AbortSignal;
}
