import { redact, registerSecret } from '@baton/kernel';
import { judge } from './allow.ts';
import type { Dockerfile } from './dockerfile.ts';
import type { Finding, LintFacts, LintReport, Severity } from './finding.ts';
import { parseDockerfile } from './parse-dockerfile.ts';
import type { Hit } from './rule.ts';
import { RULES } from './rules.ts';
import { type SecretPlace, secretPlaces, withoutSecrets } from './secrets.ts';
import { type Source, sourceOf } from './source.ts';

// For whoever needs the file itself as well: this module is loaded when there is a Dockerfile to read.
export { parseDockerfile, sourceOf };

/** Units of a line that an excerpt shows at most. */
const EXCERPT = 160;

/**
 * Looks a Dockerfile over. Equal bytes and facts give equal reports, in the order of the file.
 *
 * Values that may be secret are not in the report; they are registered, so that nothing else prints them either. Errors:
 * `DOCKERFILE_INVALID` (what cannot be read as a Dockerfile at all).
 *
 * @param file how the caller names it, for messages
 */
export function lintDockerfile(bytes: Uint8Array, file: string, facts: LintFacts): LintReport {
  return lintParsed(parseDockerfile(sourceOf(bytes, file), facts), facts);
}

/** The same for a file that is read already, with the same facts. */
export function lintParsed(parsed: Dockerfile, facts: LintFacts): LintReport {
  const { source } = parsed;
  const { file } = source;
  const secrets = secretPlaces(parsed);
  for (const { value } of secrets) if (value !== undefined) hide(source.text.slice(value.start, value.end));
  const hits = RULES.flatMap((rule) => rule.check(parsed, facts).map((hit) => ({ rule, hit })));
  const { hits: left, allowed, remarks } = judge(parsed, hits, RULES);
  const findings = [
    ...left.map(({ rule, hit }) => findingOf(rule.code, rule.severity, hit, source, secrets)),
    ...remarks.map(({ code, severity, hit }) => findingOf(code, severity, hit, source, secrets)),
  ].sort((a, b) => a.line - b.line || a.column - b.column);
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  return {
    file,
    findings,
    allowed: allowed.map(({ code, reason, hit }) => ({ code, ...place(hit, source), reason })),
    errors,
    warnings: findings.length - errors,
  };
}

function hide(value: string): void {
  // Short words would take ordinary text with them.
  if (value.length >= 6) registerSecret(value);
}

function place({ span }: Hit, source: Source): { line: number; column: number } {
  const { line, column } = source.position(span.start);
  return { line: line + 1, column: column + 1 };
}

function findingOf(
  code: string,
  severity: Severity,
  hit: Hit,
  source: Source,
  secrets: readonly SecretPlace[],
): Finding {
  const { line } = source.position(hit.span.start);
  const start = source.offset(line, 0);
  const span = { start, end: start + source.line(line).length };
  const shown = withoutSecrets(source.text, span, secrets);
  const from = shown.at(Math.min(hit.span.start, span.end));
  const to = Math.max(shown.at(Math.min(hit.span.end, span.end)), Math.min(from + 1, shown.text.length));
  // A long line is shown from shortly before the mark.
  const cut = from > EXCERPT - 40 ? from - 20 : 0;
  const text = shown.text.slice(cut, cut + EXCERPT);
  return {
    code,
    severity,
    ...place(hit, source),
    message: redact(hit.message),
    hint: hit.hint,
    excerpt: text,
    mark: { start: from - cut, length: Math.max(0, Math.min(to - cut, text.length) - (from - cut)) },
  };
}
