import { BatonError, plural } from '@baton/kernel';
import type { Problem } from './problems.ts';

/**
 * The error for a file with problems: the message names the first with line and column, the hint what to do about it and the others,
 * `details.problems` all of them.
 *
 * @param where the file's name, for messages
 */
export function invalidFile(problems: readonly Problem[], where: string): BatonError {
  const lines = problems.map(({ line, column, message }) => `${where}:${line}:${column}: ${message}`);
  const [first, ...others] = lines;
  const hint = [problems[0]?.hint, ...alsoWrong(others)].filter((part) => part !== undefined).join('\n');
  return new BatonError(problems[0]?.code ?? 'MANIFEST_INVALID', first ?? `${where}: the file is not valid`, {
    ...(hint === '' ? {} : { hint }),
    details: {
      problems: problems.slice(0, 100).map(({ line, column, message, hint: help }) => ({
        line,
        column,
        message,
        ...(help === undefined ? {} : { hint: help }),
      })),
    },
  });
}

function alsoWrong(lines: string[]): string[] {
  if (lines.length === 0) return [];
  const shown = lines.slice(0, 9);
  const rest = lines.length - shown.length;
  return [
    `${plural(lines.length, 'more problem')}:`,
    ...shown.map((line) => `  ${line}`),
    ...(rest === 0 ? [] : [`  and ${rest} more`]),
  ];
}
