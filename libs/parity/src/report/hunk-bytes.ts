import type { Divergence, Hunk } from '../model/verdict.ts';

const LF = 10;

export type Side = 'old' | 'new';

/** A line of one side of a hunk. */
export interface SideLine {
  line: number;
  bytes: Buffer;
}

/** The lines that one side has in a hunk. A row may hold several: a crash report is compared as one. */
export function sideLines(hunk: Hunk, side: Side): SideLine[] {
  const other = side === 'old' ? 'new' : 'old';
  const lines: SideLine[] = [];
  let line = side === 'old' ? hunk.oldStart : hunk.newStart;
  for (const row of hunk.rows) {
    const bytes = row.kind === other ? undefined : row[side];
    if (bytes === undefined) continue;
    for (let from = 0; from < bytes.length; line += 1) {
      const end = bytes.indexOf(LF, from);
      const to = end === -1 ? bytes.length : end + 1;
      lines.push({ line, bytes: bytes.subarray(from, to) });
      from = to;
    }
  }
  return lines;
}

/** How many lines a row takes up: one for each line end in it, and one for what stands behind the last one. */
export function lineCount(bytes: Buffer): number {
  let count = 0;
  for (let from = 0; from < bytes.length; count += 1) {
    const end = bytes.indexOf(LF, from);
    from = end === -1 ? bytes.length : end + 1;
  }
  return count;
}

/** Where a side diverges: the line, the index of the first byte in it, and the bytes around it with their offset. */
export interface SideView {
  /** Empty where the side has ended. */
  bytes: Buffer;
  at: number;
  /** Kept bytes around it, and the index of the first one that diverges. */
  around: Buffer;
  mark: number;
  /** Offset of the first byte of `around`. */
  offset: number;
}

/** The bytes of one side around a divergence, at most `before` and `after`; undefined where they were not kept. */
export function sideView(
  divergence: Divergence,
  side: Side,
  { before, after }: { before: number; after: number },
): SideView | undefined {
  const position = divergence[side];
  if (position === undefined || divergence.hunk === undefined) return undefined;
  const lines = sideLines(divergence.hunk, side);
  const index = lines.findIndex(({ line }) => line === position.line);
  const own = lines[index];
  const at = position.column - 1;
  // A position behind the last line is the end of the stream.
  const isEnd = own === undefined && at === 0 && position.line === (lines.at(-1)?.line ?? position.line - 1) + 1;
  if (own === undefined ? !isEnd : at > own.bytes.length) return undefined;
  const all = Buffer.concat(lines.map(({ bytes }) => bytes));
  const lead = lines
    .slice(0, own === undefined ? lines.length : index)
    .reduce((sum, { bytes }) => sum + bytes.length, 0);
  const from = Math.max(0, lead + at - before);
  return {
    bytes: own?.bytes ?? Buffer.alloc(0),
    at,
    around: all.subarray(from, lead + at + after),
    mark: lead + at - from,
    offset: position.offset - (lead + at - from),
  };
}
