import type { LintFacts, LintReport } from './finding.ts';
import { lintDockerfile } from './lint-dockerfile.ts';

/** A base that no rule minds; for tests of the lint. */
export const PINNED = `registry.example/base:1@sha256:${'a'.repeat(64)}`;

/** Lints text. */
export function lint(text: string | Uint8Array, facts: LintFacts = {}): LintReport {
  return lintDockerfile(typeof text === 'string' ? Buffer.from(text) : text, 'Dockerfile', facts);
}

/** Findings of a stage on a pinned base that starts a program, as `line:column code`. */
export function found(text: string, facts: LintFacts = {}): string[] {
  return lint(text, facts).findings.map(({ line, column, code }) => `${line}:${column} ${code}`);
}

/** The codes found in lines that stand in a stage nothing else is wrong with. */
export function inStage(lines: string, facts: LintFacts = {}): string[] {
  return lint(`FROM ${PINNED}\n${lines}\nENTRYPOINT ["/agent"]\n`, facts).findings.map(({ code }) => code);
}
