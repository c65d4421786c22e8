import { isUtf8 } from 'node:buffer';
import { structuredPatch } from 'diff';
import type { DiffHunk, FileEdit } from '../model/plan.ts';

/** More changed lines than a person reads: the diff is left out, and lines are only counted. */
const MOST_CHANGES = 4000;

/** The unified diff of a file for display, with three lines of context; without hunks for what is binary or too much. */
export function fileDiff(before: Uint8Array, after: Uint8Array): Pick<FileEdit, 'diff' | 'added' | 'removed'> {
  const old = textOf(before);
  const now = textOf(after);
  if (old === undefined || now === undefined) return { added: 0, removed: 0 };
  const patch = structuredPatch('', '', old, now, undefined, undefined, { context: 3, maxEditLength: MOST_CHANGES });
  if (patch === undefined) return { added: linesIn(now), removed: linesIn(old) };
  const count = (sign: string): number =>
    patch.hunks.reduce((sum, { lines }) => sum + lines.filter((line) => line.startsWith(sign)).length, 0);
  const diff: DiffHunk[] = patch.hunks.map(({ oldStart, oldLines, newStart, newLines, lines }) => ({
    oldStart,
    oldLines,
    newStart,
    newLines,
    lines,
  }));
  return { diff, added: count('+'), removed: count('-') };
}

function textOf(bytes: Uint8Array): string | undefined {
  return isUtf8(bytes) && !bytes.includes(0) ? Buffer.from(bytes).toString('utf8') : undefined;
}

function linesIn(text: string): number {
  return text === '' ? 0 : text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}
