import { BatonError } from '@baton/kernel';
import { decodeSource, lineEndingAt, type TextSplice, toEdit } from '../data/source-text.ts';
import type { PatchOperation } from '../operations.ts';
import type { Edit } from '../splice.ts';
import { linesOf, type TextLine } from './line-table.ts';
import { type PatchHunk, type PatchLine, parseUnifiedDiff } from './unified-diff.ts';

/**
 * Applies a unified diff exactly where it says: every line of context must stand on its line, with or without a final line ending as
 * the diff says. A diff with LF fits a file with CR LF: its new lines take the ending of the line beside them. A diff whose result
 * stands in the file already changes nothing. `matches` is the number of hunks.
 *
 * @throws BatonError `EDIT_INVALID` (no unified diff of one file), `EDIT_NO_MATCH` (a line differs), `EDIT_REFUSED`
 */
export function editPatch(bytes: Uint8Array, { diff }: PatchOperation): Edit {
  const text = decodeSource(bytes);
  const lines = wholeLines(text);
  const hunks = parseUnifiedDiff(diff).map((hunk) => withMark(text, hunk));
  const problems = hunks.flatMap((hunk) => mismatch(text, lines, hunk, 'old') ?? []);
  if (problems.length > 0 && hunks.every((hunk) => mismatch(text, lines, hunk, 'new') === undefined)) {
    return { splices: [], matches: hunks.length };
  }
  const [problem] = problems;
  if (problem !== undefined) {
    throw new BatonError('EDIT_NO_MATCH', problem, {
      hint: 'Patches apply without fuzz and without offset, to the bytes that the file has before any edit: make the diff again.',
      details: { problems },
    });
  }
  return toEdit(
    text,
    hunks.flatMap((hunk) => splicesOf(text, lines, hunk, diff.includes('\r'))),
    hunks.length,
  );
}

const MARK = '\ufeff';

// To diff programs a byte order mark is a part of the first line.
function wholeLines(text: string): TextLine[] {
  const [first, ...rest] = linesOf(text);
  if (first === undefined) return text === '' ? [] : [{ start: 0, end: text.length, next: text.length }];
  return [{ ...first, start: 0 }, ...rest];
}

/** A hunk for the start of a file with a byte order mark; one that was written without it gets it. */
function withMark(text: string, hunk: PatchHunk): PatchHunk {
  const isFirst = hunk.oldStart <= 1 && text.startsWith(MARK) && hunk.lines.some(({ kind }) => kind !== 'new');
  if (!isFirst || hunk.lines.some((line) => line.text.startsWith(MARK))) return hunk;
  const old = hunk.lines.findIndex(({ kind }) => kind !== 'new');
  const fresh = hunk.lines.findIndex(({ kind }) => kind !== 'old');
  const lines = hunk.lines.map((line, at) => (at === old || at === fresh ? { ...line, text: MARK + line.text } : line));
  return { ...hunk, lines };
}

/** Why a side of the hunk is not what stands in the file; undefined where it is. */
function mismatch(text: string, lines: readonly TextLine[], hunk: PatchHunk, side: 'old' | 'new'): string | undefined {
  const wanted = hunk.lines.filter(({ kind }) => kind === 'same' || kind === side);
  const first = firstLine(hunk, side, wanted.length);
  for (const [index, want] of wanted.entries()) {
    const place = `line ${first + index + 1} (hunk at line ${hunk.at} of the diff)`;
    const line = lines[first + index];
    if (line === undefined) return `${place}: expected ${JSON.stringify(want.text)}, found the end of the file`;
    const found = text.slice(line.start, line.end);
    const isSame = want.text === found || want.text === text.slice(line.start, line.next).replace(/\n$/, '');
    if (!isSame) return `${place}: expected ${JSON.stringify(want.text)}, found ${JSON.stringify(found)}`;
    if (want.isUnended !== (line.end === line.next)) {
      return `${place}: expected ${want.isUnended ? 'no ' : 'a '}line ending, found ${want.isUnended ? 'one' : 'none'}`;
    }
    if (want.isUnended && first + index !== lines.length - 1) return `${place}: expected the last line of the file`;
  }
  if (wanted.length === 0 && first > lines.length) return `expected at least ${first} lines, found ${lines.length}`;
  return undefined;
}

function firstLine({ oldStart, newStart }: PatchHunk, side: 'old' | 'new', count: number): number {
  const start = side === 'old' ? oldStart : newStart;
  return count === 0 ? start : start - 1;
}

// One splice for each run of changed lines, so that context stays whatever its bytes are.
function splicesOf(text: string, lines: readonly TextLine[], hunk: PatchHunk, hasReturns: boolean): TextSplice[] {
  const splices: TextSplice[] = [];
  let at = firstLine(hunk, 'old', hunk.lines.filter(({ kind }) => kind !== 'new').length);
  let run: PatchLine[] = [];
  const isExact = hasReturns || hasOwnEndings(text, lines, hunk);
  const flush = (): void => {
    if (run.length > 0) splices.push(spliceOf(text, lines, at, run, isExact));
    at += run.filter(({ kind }) => kind === 'old').length;
    run = [];
  };
  for (const line of hunk.lines) {
    if (line.kind !== 'same') run.push(line);
    else {
      flush();
      at += 1;
    }
  }
  flush();
  return splices;
}

function spliceOf(
  text: string,
  lines: readonly TextLine[],
  at: number,
  run: readonly PatchLine[],
  isExact: boolean,
): TextSplice {
  const removed = run.filter(({ kind }) => kind === 'old').length;
  const line = lines[at];
  const isMarked = at === 0 && removed === 0 && text.startsWith(MARK) && run[0]?.text.startsWith(MARK) === false;
  const start = isMarked ? 1 : (line?.start ?? text.length);
  const end = removed === 0 ? start : (lines[at + removed - 1]?.next ?? text.length);
  const added = run
    .filter(({ kind }) => kind === 'new')
    .map((line, index) => {
      if (line.isUnended) return line.text;
      if (isExact || line.text.endsWith('\r')) return `${line.text}\n`;
      const beside = lines[at + Math.max(0, Math.min(index, removed - 1))];
      return line.text + lineEndingAt(text, beside === undefined || beside.next === beside.end ? start : beside.next);
    });
  return { start, end, text: added.join('') };
}

// A diff that was made of the file's own bytes has its carriage returns; one that went through a manifest may have lost them.
function hasOwnEndings(text: string, lines: readonly TextLine[], hunk: PatchHunk): boolean {
  const old = hunk.lines.filter(({ kind }) => kind !== 'new');
  const first = firstLine(hunk, 'old', old.length);
  return old.length > 0 && lines.slice(first, first + old.length).every(({ end }) => text[end] !== '\r');
}
