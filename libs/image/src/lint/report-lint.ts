import { plural } from '@baton/kernel';
import { displayWidth, visibleText } from '@baton/report';
import type { Finding, LintReport } from './finding.ts';
import { placeOf } from './lint-image.ts';

/** What the lint found, for a terminal: each finding with its line and a mark below it. */
export function reportLint(report: LintReport): string {
  const blocks = report.findings.map((finding) => block(report, finding));
  const allowed = report.allowed.map(
    (each) => `${placeOf(report, each)}  allowed  ${each.code}  ${visibleText(each.reason)}`,
  );
  const found =
    report.findings.length === 0
      ? 'nothing found'
      : `${plural(report.errors, 'error')}, ${plural(report.warnings, 'warning')}`;
  const total = `${report.file}: ${found}${allowed.length === 0 ? '' : `, ${allowed.length} allowed`}`;
  return [...blocks, ...(allowed.length === 0 ? [] : [allowed.join('\n')]), total].join('\n\n');
}

function block(report: LintReport, finding: Finding): string {
  const { severity, code, message, hint, excerpt, mark, line } = finding;
  const number = String(line);
  const before = visibleText(excerpt.slice(0, mark.start));
  const marked = visibleText(excerpt.slice(mark.start, mark.start + mark.length));
  const caret = '^'.repeat(Math.max(1, displayWidth(marked)));
  return [
    `${placeOf(report, finding)}  ${severity}  ${code}  ${visibleText(message)}`,
    `  ${number} | ${visibleText(excerpt)}`,
    `  ${' '.repeat(number.length)} | ${' '.repeat(displayWidth(before))}${caret}`,
    `  hint: ${visibleText(hint)}`,
  ].join('\n');
}
