import type { Dockerfile } from './dockerfile.ts';
import type { LintFacts, Severity } from './finding.ts';
import type { Span } from './source.ts';

/** What a rule found, where. */
export interface Hit {
  span: Span;
  message: string;
  hint: string;
}

/** One rule of the lint. */
export interface Rule {
  /** Stable: people write it into their files. */
  code: string;
  severity: Severity;
  /** What it is about, for the list of rules. */
  about: string;
  /** Whether it is about the file as a whole: a comment at the top of the file may allow it. */
  wholeFile?: boolean;
  check(file: Dockerfile, facts: LintFacts): Hit[];
}
