/** What one scenario says: its inputs, what is looked at, and what may differ. Read from YAML by `scenario/`. */
export interface Scenario {
  /** `suite/name`: lower case, digits, `-`, `.`, parted by `/`. Unique, and the path of the file without `.yaml`. */
  id: string;
  /** One sentence: what this scenario holds the subject to. */
  why: string;
  tags: readonly string[];
  /** The complete environment of every run, in this order; nothing is inherited. */
  env: readonly EnvVariable[];
  /** Working directory of the subject, in its own file system. */
  cwd: string;
  /** Octal digits. */
  umask: string;
  /** The directory that the subject works on: a tree in its file system. `{root}` in arguments stands for `mount`. */
  root: RootTree;
  /** Laid out below `root.mount` before the first run. */
  host: readonly FixtureEntry[];
  /** Laid out in the subject's own file system before the first run. */
  container: readonly FixtureEntry[];
  /** Programs that stand in for steps and write exactly what they are told (`feeder/`). */
  feeders: readonly Feeder[];
  /** Invocations, one after the other, on the same trees. At least one. */
  runs: readonly ScenarioRun[];
  clock: ScenarioClock;
  /** Whether stdout and stderr are one open file. */
  streams: 'apart' | 'merged';
  observe: Observe;
  /** Volatile tokens that may stand in the output, and are validated; default: those of the suite. */
  tokens: readonly TokenRule[];
  /** How much of a crash report is compared. */
  crash: CrashLevel;
  diverge: readonly DeclaredDivergence[];
  /** `alone`: no other scenario runs at the same time. */
  timing: 'shared' | 'alone';
  /** Seconds for one run. */
  timeout: number;
  /** True when no output at all is expected; the exit status is compared all the same. */
  expectSilent: boolean;
}

export interface EnvVariable {
  name: string;
  /** Any bytes but NUL. */
  value: Buffer;
}

export interface RootTree {
  /** Absolute, in the subject's file system, such as `/t/root`. */
  mount: string;
  /** `busybox`: a static busybox with links for the usual applets, and /tmp. `none`: an empty directory. */
  base: 'busybox' | 'none';
  /** Applet links that are taken away. */
  remove: readonly string[];
}

export interface FixtureEntry {
  /** Absolute, below the tree it belongs to. */
  path: string;
  type: 'file' | 'dir' | 'symlink' | 'delete';
  /** Octal digits; default 0644 for files and 0755 for directories. */
  mode?: string;
  /** Seconds since 1970. */
  mtime?: number;
  /** Of a link. */
  target?: string;
  /** Of a file; exactly one for a file. */
  contents?: Buffer | Generated;
}

export type Generated =
  | { kind: 'repeat'; unit: string; count: number; tail?: string }
  | { kind: 'numbered-lines'; format: string; count: number };

export interface ScenarioRun {
  /** Arguments of the subject; `{root}` stands for the root mount. Any bytes but NUL. */
  argv: readonly Buffer[];
  /** Variables on top of the scenario's. */
  env: readonly EnvVariable[];
  /** Changes below the root mount before this run. */
  before: readonly FixtureEntry[];
  actions: readonly Action[];
}

/** Waits until `waitFor` (below the root mount) exists, then `delay` seconds, then sends a signal. */
export interface Action {
  waitFor: string;
  delay: number;
  /** Without SIG: `TERM`. */
  signal: string;
  /** `launcher` is the direct child of the subject; `group` its process group. */
  to: 'subject' | 'launcher' | 'group';
}

/** `real`: stamps are validated (tier T2). `frozen`: the wall clock stands at `time` (`YYYY-MM-DD HH:MM:SS[.ffffff]`, UTC), and bytes are compared raw. */
export type ScenarioClock = { kind: 'real' } | { kind: 'frozen'; time: string };

export interface Observe {
  /** Trees that are looked at. */
  host: boolean;
  container: boolean;
  modes: boolean;
  /** `none`: a process that the subject leaves behind is a divergence. */
  leftovers: 'none' | 'any';
}

/** A program at `path` (below the root mount) that does these steps in order. */
export interface Feeder {
  path: string;
  mode: string;
  steps: readonly FeedStep[];
}

export type FeedStep =
  | { kind: 'write'; fd: 1 | 2; bytes: Buffer }
  /** Waits until the reader has taken and handled everything (spec: reader-idle). */
  | { kind: 'idle' }
  | { kind: 'sleep'; seconds: number }
  | { kind: 'close'; fd: 1 | 2 }
  | { kind: 'signal'; signal: string; to: 'self' | 'launcher' }
  | { kind: 'child'; seconds: number }
  | { kind: 'exit'; code: number };

/** Kinds of volatile tokens, each with its validator (`tokens/`). */
export type TokenKind =
  | 'iso-local'
  | 'iso-utc'
  | 'log-stamp'
  | 'epoch'
  | 'temp-name'
  | 'pid'
  | 'root-prefix'
  | 'crash-report';

/** A rule of a kind with a validator of its own, or a pattern that brings one. */
export type TokenRule = KindRule | PatternRule;

export interface TokenRuleScope {
  /** Channels it applies to, as in {@link DeclaredDivergence.channel}; all by default. */
  at?: string;
  /** How often it must be found at least (default 0), and at most, in all its channels of NEW. */
  mustHit?: number;
  atMost?: number;
}

export interface KindRule extends TokenRuleScope {
  use: TokenKind;
  /**
   * Of stamps. `equal` (default): stamps that are equal in OLD are equal in NEW. `free`: the scenario does not own its chunk
   * boundaries, so only pauses are compared: stamps that a pause parts in OLD are parted in NEW.
   */
  groups?: 'equal' | 'free';
}

/** Text of the scenario's own that may differ. It is matched within one line, begins with an anchor, and is validated. */
export interface PatternRule extends TokenRuleScope {
  use: 'pattern';
  /** Lower case, digits and `-`: what the ledger calls it. */
  name: string;
  /** Regular expression over the bytes of a line (one character a byte). Begins with `^`, or with three literal characters, or has them in a lookbehind. */
  pattern: string;
  validator: PatternValidator;
}

/**
 * What makes a differing text valid. `same`: equal texts in OLD are equal in NEW and different ones differ, over all channels;
 * `number`: decimal, within the bounds; `rising`: decimal, and in NEW never below the one before in its channel.
 * The number is the first group of the pattern, or all of it.
 */
export type PatternValidator = { kind: 'same' } | { kind: 'number'; min: number; max: number } | { kind: 'rising' };

/** `strict`: type and message; `typed`: the type; `present`: that there is one. */
export type CrashLevel = 'strict' | 'typed' | 'present';

/** A difference that is known and allowed, for a time. */
export interface DeclaredDivergence {
  /** A channel: `run1/stdout`, `run2/exit`, `host:/etc/x`, or a pattern of it with `*` that does not stand alone. */
  channel: string;
  kind?: DivergenceKind;
  reason: string;
  /** `YYYY-MM-DD`: from the day after it fails. */
  until: string;
  /** More differing bytes than this fail; default 4096. */
  maxBytes: number;
}

/** What can differ. */
export const DIVERGENCE_KINDS = [
  'bytes',
  'missing-tail',
  'extra-tail',
  'token-format',
  'token-order',
  'token-window',
  'token-group',
  'token-presence',
  'mode',
  'type',
  'link',
  'missing-file',
  'extra-file',
  'exit',
  'signal',
  'timeout',
  'crash',
  'stray-process',
] as const;
export type DivergenceKind = (typeof DIVERGENCE_KINDS)[number];
