import type { Side } from './side.ts';

const LF = 10;
const STEP = 64 * 1024;
const EXCERPT = 64;

/** Where two long lines end, and how many bytes of them differ. */
export interface LongLines {
  old: number;
  now: number;
  bytes: number;
  /** What stands at the first difference, one character a byte. */
  oldExcerpt: string;
  newExcerpt: string;
}

/** Goes to the ends of two lines that are too long to be aligned: from the position on they are compared byte by byte in blocks, by offset. */
export function skipLongLines(old: Side, now: Side): LongLines {
  const [from, to] = [old.offset, now.offset];
  const [oldEnd, newEnd] = [endOfLine(old, from), endOfLine(now, to)];
  const common = Math.min(oldEnd - from, newEnd - to);
  let bytes = Math.max(oldEnd - from, newEnd - to) - common;
  for (let at = 0; at < common; at += STEP) {
    const length = Math.min(STEP, common - at);
    const one = old.copy(from + at, from + at + length);
    const other = now.copy(to + at, to + at + length);
    if (one.equals(other)) continue;
    for (let i = 0; i < length; i++) if (one[i] !== other[i]) bytes++;
  }
  return {
    old: oldEnd,
    now: newEnd,
    bytes,
    oldExcerpt: old.copy(from, Math.min(oldEnd, from + EXCERPT)).toString('latin1'),
    newExcerpt: now.copy(to, Math.min(newEnd, to + EXCERPT)).toString('latin1'),
  };
}

function endOfLine(side: Side, offset: number): number {
  for (let from = offset; from < side.source.size; from += STEP) {
    const found = side.copy(from, Math.min(side.source.size, from + STEP)).indexOf(LF);
    if (found !== -1) return from + found + 1;
  }
  return side.source.size;
}
