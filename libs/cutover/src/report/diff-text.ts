import { displayPath } from '@baton/git';
import { plural } from '@baton/kernel';
import { visibleText } from '@baton/report';
import type { DiffHunk } from '../model/plan.ts';

/** Lines of one file's diff that are drawn. */
const LINES = 400;

/** A unified diff for a terminal; empty without hunks. A side without a path is `/dev/null`, as git has it. */
export function diffText(
  sides: { old: string | undefined; new: string },
  hunks: readonly DiffHunk[] | undefined,
): string {
  if (hunks === undefined || hunks.length === 0) return '';
  const lines = [
    `--- ${sides.old === undefined ? '/dev/null' : visibleText(displayPath(sides.old))}`,
    `+++ ${visibleText(displayPath(sides.new))}`,
    ...hunks.flatMap(hunkLines),
  ];
  const more = lines.length - LINES;
  return (more <= 0 ? lines : [...lines.slice(0, LINES), `... and ${plural(more, 'more line')}`]).join('\n');
}

function hunkLines({ oldStart, oldLines, newStart, newLines, lines }: DiffHunk): string[] {
  return [`@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`, ...lines.map(diffLine)];
}

// A tab is white space that a reader of a diff needs; a carriage return is shown.
function diffLine(line: string): string {
  return line.split('\t').map(visibleText).join('\t');
}
