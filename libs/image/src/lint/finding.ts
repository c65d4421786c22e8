/** How much a finding matters: an `error` refuses a build. */
export type Severity = 'error' | 'warning';

/** One thing that the lint found. */
export interface Finding {
  /** The rule, `base-unpinned`: stable, part of the contract. */
  code: string;
  severity: Severity;
  /** From 1. */
  line: number;
  /** From 1, in UTF-16 units as editors count. */
  column: number;
  /** What was found, in one line that stands alone. */
  message: string;
  /** The next step. */
  hint: string;
  /** The line where it begins, values that may be secret replaced by `***`. */
  excerpt: string;
  /** What to mark in the excerpt: first unit (from 0) and number of units. */
  mark: { start: number; length: number };
}

/** A finding that a comment in the file allows. */
export interface Allowed {
  code: string;
  line: number;
  column: number;
  /** What the comment says why. */
  reason: string;
}

/** What the lint has to say about one Dockerfile. */
export interface LintReport {
  /** The Dockerfile as the caller named it. */
  file: string;
  /** In the order of the file. */
  findings: Finding[];
  allowed: Allowed[];
  errors: number;
  warnings: number;
}

/** What the lint is told besides the Dockerfile; what is undefined is not checked. */
export interface LintFacts {
  /** The stage that will be built; the last one by default. */
  target?: string | undefined;
  /** Build arguments that the caller will pass. */
  args?: Readonly<Record<string, string>> | undefined;
  /** Whether there is an ignore file for the context. */
  ignoreFile?: boolean | undefined;
  platforms?: readonly string[] | undefined;
  user?: string | undefined;
  entrypoint?: readonly string[] | undefined;
  cmd?: readonly string[] | undefined;
  env?: Readonly<Record<string, string>> | undefined;
  workdir?: string | undefined;
  volumes?: readonly string[] | undefined;
}
