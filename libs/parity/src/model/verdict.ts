import type { Identity } from './observation.ts';
import type { DeclaredDivergence, DivergenceKind, TokenKind } from './scenario.ts';

/** One place where OLD and NEW differ (spec, section 3.4). */
export interface Divergence {
  /** `run1/stdout`, `run1/exit`, `host:/etc/x`, `container:/var`. Runs count from 1. */
  channel: string;
  kind: DivergenceKind;
  /** One sentence that stands alone: expected, found, where. */
  message: string;
  /** The cause in one sentence, by the first rule that knows it (`explain/`). */
  explain?: string;
  /** Where it begins on each side; absent for what has no bytes. */
  old?: Position;
  new?: Position;
  /** Lines around it; at most 256 KiB are kept per channel. */
  hunk?: Hunk;
  /** How many bytes differ: for the budget of a declared divergence. */
  bytes: number;
}

export interface Position {
  /** Bytes from the beginning. */
  offset: number;
  /** From 1. */
  line: number;
  /** Bytes from the line's beginning, from 1. */
  column: number;
}

export interface Hunk {
  /** Line of the first row on each side, from 1. */
  oldStart: number;
  newStart: number;
  rows: readonly HunkRow[];
}

/**
 * A line with its line end (so that a missing one is seen). `same` rows have both sides; where these differ in bytes, they are
 * equal but for tokens that were validated.
 */
export interface HunkRow {
  kind: 'same' | 'old' | 'new';
  old?: Buffer;
  new?: Buffer;
}

/** What a token rule hid in a channel, for the ledger. */
export interface LedgerRow {
  kind: TokenKind | 'pattern';
  /** Of a pattern. */
  name?: string;
  channel: string;
  hits: number;
  bytes: number;
}

export type ScenarioState =
  /** Byte for byte, but for validated tokens. */
  | 'equal'
  /** Only declared divergences were found, within their bounds. */
  | 'declared'
  | 'diverged'
  /** Noise, a leak, or a fault of the harness: neither equal nor different. */
  | 'undetermined'
  | 'not-run';

export interface ScenarioVerdict {
  scenario: string;
  why: string;
  state: ScenarioState;
  /** Those that are not covered by a declaration. */
  divergences: readonly Divergence[];
  declared: readonly { declaration: DeclaredDivergence; divergences: readonly Divergence[] }[];
  /** What fails the scenario by itself, beside or without a divergence: token rules and declarations that are not kept. */
  refusals: readonly Fault[];
  /** Why it is undetermined or was not run. */
  reason?: string;
  /** Code of the BatonError behind it. */
  code?: string;
  ledger: readonly LedgerRow[];
  /** State of each channel, for the grid. */
  channels: readonly { channel: string; state: ScenarioState }[];
  /** For the timeline: what happened when, seconds from the run's begin. */
  timeline: readonly TimelineEvent[];
  /** Wall time of NEW (and OLD when live). */
  seconds: number;
  cached: boolean;
}

export interface TimelineEvent {
  run: number;
  side: 'old' | 'new';
  /** `begin`, `end`, `signal`, `chunk`, `file`. */
  kind: 'begin' | 'end' | 'signal' | 'chunk' | 'file';
  seconds: number;
  text: string;
}

/** An error of ours as a result holds it. */
export interface Fault {
  /** An `ErrorCode`. */
  code: string;
  message: string;
  hint?: string;
}

/** The result of a whole run: what reports and the statement are made of. */
export interface ParityResult {
  version: 1;
  /** What the project is called in `agent.yaml`. */
  project: string;
  old: Identity;
  new: Identity;
  tier: 'T1' | 'T2';
  /** In the order of their ids. */
  scenarios: readonly ScenarioVerdict[];
  shard?: { index: number; count: number };
  /** Set when only some scenarios were asked for: out of how many, and by which words. Such a run proves nothing about the rest. */
  selection?: { of: number; by: string };
  /** One subject was run twice, to see what it does not do the same twice. */
  noise: boolean;
  /** What is wrong with the run as a whole: a self-test that failed, too many left out, goldens without a scenario. */
  faults: readonly Fault[];
  /** The self-test before the verdict. */
  selfTest: { mutations: number; caught: number };
  /** 0 equal or declared; 1 diverged; 3 harness or subject; 4 undetermined; 5 golden set wrong. Worst first: 3, 5, 1, 4. */
  exitCode: 0 | 1 | 3 | 4 | 5;
  seconds: number;
}
