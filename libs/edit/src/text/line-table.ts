import { lineEndingAt, type TextSplice, withLineEnding } from '../data/source-text.ts';

/** One line of a text: `start` to `end` is its content, `next` is behind its ending (LF or CR LF). */
export interface TextLine {
  start: number;
  end: number;
  next: number;
}

/** The lines of a text. A byte order mark is in front of the first one; behind a final line ending there is none. */
export function linesOf(text: string): TextLine[] {
  const lines: TextLine[] = [];
  let start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  while (start < text.length) {
    const feed = text.indexOf('\n', start);
    const next = feed < 0 ? text.length : feed + 1;
    const end = feed < 0 ? text.length : feed > start && text[feed - 1] === '\r' ? feed - 1 : feed;
    lines.push({ start, end, next });
    start = next;
  }
  return lines;
}

/** Takes out the lines `first` to `last` (indexes, both included); a file without a final line ending still has none. */
export function removeLines(lines: readonly TextLine[], first: number, last: number): TextSplice {
  const from = lines[first];
  const to = lines[last];
  if (from === undefined || to === undefined) throw new RangeError(`no lines ${first} to ${last}`);
  const before = lines[first - 1];
  const start = to.end === to.next && before !== undefined ? before.end : from.start;
  return { start, end: to.next, text: '' };
}

/** Takes out the lines with these indexes (in ascending order): neighbours in one cut, so that the cuts can be undone. */
export function removeEach(lines: readonly TextLine[], indexes: Iterable<number>): TextSplice[] {
  const runs: [number, number][] = [];
  for (const index of indexes) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] === index - 1) last[1] = index;
    else runs.push([index, index]);
  }
  return runs.map(([first, last]) => removeLines(lines, first, last));
}

/** Puts whole lines in front of line `index`; an index behind the last line is the end of the file. */
export function insertBefore(text: string, lines: readonly TextLine[], index: number, added: string): TextSplice {
  const line = lines[index];
  if (line === undefined) return insertAfter(text, lines, lines.length - 1, added);
  const ending = lineEndingAt(text, line.next === line.end ? line.start : line.next);
  return { start: line.start, end: line.start, text: withLineEnding(withoutEnd(added), ending) + ending };
}

/** Puts whole lines behind line `index`; -1 is the start of the file. */
export function insertAfter(text: string, lines: readonly TextLine[], index: number, added: string): TextSplice {
  const line = lines[index];
  if (line === undefined) {
    const start = lines[0]?.start ?? (text.charCodeAt(0) === 0xfeff ? 1 : 0);
    const ending = lineEndingAt(text, start);
    return { start, end: start, text: withLineEnding(withoutEnd(added), ending) + ending };
  }
  const ending = lineEndingAt(text, line.next === line.end ? line.start : line.next);
  const body = withLineEnding(withoutEnd(added), ending);
  const at = line.next;
  return { start: at, end: at, text: line.next === line.end ? ending + body : body + ending };
}

/** The text without its one final line ending, if it has one. */
export function withoutEnd(text: string): string {
  return text.replace(/\r?\n$/, '');
}
