import { BatonError, type Emit, plural } from '@baton/kernel';
import type { Dockerfile } from './dockerfile.ts';
import type { Finding, LintReport } from './finding.ts';
import { type LintSubject, lintSubject } from './lint-subject.ts';
import type { ImageLintOptions } from './options.ts';

/** Looks over the Dockerfile that a path means. Errors: `USAGE`, `DOCKERFILE_INVALID`, those of reading a manifest. */
export async function lintImage(options: Pick<ImageLintOptions, 'path'>): Promise<LintReport> {
  const { bytes, file, facts } = await lintSubject(options.path);
  const { lintDockerfile } = await parser();
  return lintDockerfile(bytes, file, facts);
}

/** Why a report is not accepted, or undefined: `LINT_FAILED` for an error, with `strict` for a warning too. */
export function lintRefusal(report: LintReport, strict: boolean): BatonError | undefined {
  const counted = report.findings.filter(({ severity }) => strict || severity === 'error');
  const [first] = counted;
  if (first === undefined) return undefined;
  const more = counted.length === 1 ? '' : ` (and ${plural(counted.length - 1, 'more finding')})`;
  return new BatonError('LINT_FAILED', `${placeOf(report, first)} ${first.code}: ${first.message}${more}`, {
    hint: `${first.hint} Or allow it, right above: # baton: allow ${first.code} REASON`,
    details: { file: report.file, findings: counted },
  });
}

/**
 * Looks over the Dockerfile of a project before it is built. Errors: `LINT_FAILED`, `DOCKERFILE_INVALID`.
 *
 * @param subject of `projectSubject`
 */
export async function lintForBuild({
  bytes,
  file,
  facts,
}: LintSubject): Promise<{ report: LintReport; parsed: Dockerfile }> {
  const { lintParsed, parseDockerfile, sourceOf } = await parser();
  const parsed = parseDockerfile(sourceOf(bytes, file), facts);
  const report = lintParsed(parsed, facts);
  const refusal = lintRefusal(report, false);
  if (refusal !== undefined) throw refusal;
  return { report, parsed };
}

/** Sends the warnings of a report as `warn` events. */
export function tellWarnings(report: LintReport, emit: Emit): void {
  for (const finding of report.findings) {
    if (finding.severity === 'error') continue;
    const { code, line, column } = finding;
    const label = `${placeOf(report, finding)} ${code}: ${finding.message}`;
    emit({ type: 'warn', label, detail: finding.hint, data: { code, line, column } });
  }
}

/** `Dockerfile:3:6`, as editors and compilers write places. */
export function placeOf(
  { file }: Pick<LintReport, 'file'>,
  { line, column }: Pick<Finding, 'line' | 'column'>,
): string {
  return `${file}:${line}:${column}`;
}

// The parser of Dockerfiles is loaded when there is one to read: most projects have none.
function parser(): Promise<typeof import('./lint-dockerfile.ts')> {
  return import('./lint-dockerfile.ts');
}
