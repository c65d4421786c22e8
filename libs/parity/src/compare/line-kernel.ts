import { hasZone, LONGEST_STAMP, StampParser } from '../tokens/stamp-parser.ts';

const LF = 10;
const MINUS = 45;
const CAPITAL_T = 84;
/** `-` in each byte of a word. */
const MINUSES = 0x2d2d2d2d;

/** A part of one side that is in memory. Indexes are into `bytes`. */
export interface KernelSide {
  bytes: Uint8Array;
  /** The same memory, four bytes a word. */
  words: Int32Array;
  /** What is compared next; all before it agrees. */
  at: number;
  /** Behind the last byte that may be looked at. */
  end: number;
  /** A stamp may begin here or later: behind the last token. */
  floor: number;
  /** Whether the contents are over at `end`. */
  last: boolean;
}

/** What the kernel tells about each pair of stamps. */
export interface StampSink {
  /** Whether stamps are tokens at all, and whether those with `+00:00` are a kind of their own. */
  local: boolean;
  utc: boolean;
  /**
   * A pair of well-formed stamps that stand in the same place. `pair`: OLD's and NEW's microseconds since 1970, as if the stamps were
   * UTC. The sides stand behind them. `bytes`: length of NEW's stamp. `newline`: a newline is known to lie between them and the pair before.
   */
  stamp(isUtc: boolean, pair: Float64Array, bytes: number, newline: boolean): void;
}

/** Why a kernel stopped. */
export type Stop =
  /** One side has no more bytes in memory, and is not over. */
  | 'more'
  /** The bytes at `at` differ, and no stamp is there; or one side is over and the other is not. */
  | 'different'
  /** Both sides are over. */
  | 'end';

/** The inner loop of the comparison: a seam, so that another implementation can be held against this one byte for byte. */
export interface LineKernel {
  /** Moves both sides over equal bytes and over pairs of stamps, until there is a reason to stop. */
  scan(old: KernelSide, now: KernelSide, sink: StampSink): Stop;
}

/**
 * The kernel in plain JavaScript. It compares whole words while both sides have the same alignment, and looks closer only at
 * a `-` (each stamp has one behind its year) and at a difference. Allocates nothing.
 */
export function createScriptKernel(): LineKernel {
  const parseOld = new StampParser();
  const parseNew = new StampParser();
  const pair = new Float64Array(2);

  // The pair of stamps that begins at `from` and `to`: 0 none, 1 passed, 2 more bytes are needed.
  function takeStamps(old: KernelSide, now: KernelSide, from: number, to: number, sink: StampSink): number {
    if (!sink.local && !sink.utc) return 0;
    if (from < old.floor || to < now.floor) return 0;
    const short = (old.end < from + LONGEST_STAMP && !old.last) || (now.end < to + LONGEST_STAMP && !now.last);
    if (short) return 2;
    let oldEnd = parseOld.parse(old.bytes, from, old.end, pair, 0);
    if (oldEnd === 0) return 0;
    let newEnd = parseNew.parse(now.bytes, to, now.end, pair, 1);
    if (newEnd === 0) return 0;
    let utc = false;
    if (sink.utc) {
      utc = hasZone(old.bytes, oldEnd, old.end);
      if (utc !== hasZone(now.bytes, newEnd, now.end)) return 0;
      if (utc) {
        oldEnd += 6;
        newEnd += 6;
      } else if (!sink.local) return 0;
    }
    let back = from - 1;
    while (back >= old.floor && old.bytes[back] !== LF) back--;
    const newline = back >= old.floor;
    old.at = oldEnd;
    old.floor = oldEnd;
    now.at = newEnd;
    now.floor = newEnd;
    sink.stamp(utc, pair, newEnd - to, newline);
    return 1;
  }

  function scan(old: KernelSide, now: KernelSide, sink: StampSink): Stop {
    const a = old.bytes;
    const b = now.bytes;
    for (;;) {
      let i = old.at;
      let j = now.at;
      const stop = Math.min(old.end, i + now.end - j);
      const apart = j - i;
      let taken = 0;
      while (i < stop) {
        if ((i & 3) === 0 && (apart & 3) === 0) {
          const skipped = equalWords(old.words, now.words, i >> 2, (i + apart) >> 2, stop >> 2) << 2;
          i += skipped;
          if (i >= stop) break;
        }
        const byte = a[i];
        if (byte !== b[i + apart]) {
          // A difference in the year is the only one in front of the stamp's first `-`.
          for (let back = 0; back < 4 && taken === 0; back++)
            taken = takeStamps(old, now, i - back, i - back + apart, sink);
          if (taken === 0) {
            old.at = i;
            now.at = i + apart;
            return 'different';
          }
        } else if (byte === MINUS && (i + 6 >= stop || (a[i + 3] === MINUS && a[i + 6] === CAPITAL_T))) {
          taken = takeStamps(old, now, i - 4, i - 4 + apart, sink);
        }
        if (taken !== 0) break;
        i++;
      }
      if (taken === 1) continue;
      j = i + apart;
      if (taken === 2) {
        // The bytes in front of `i` agree; what may be the stamp is looked at again when more is there.
        old.at = i;
        now.at = j;
        return 'more';
      }
      old.at = i;
      now.at = j;
      const oldOver = i >= old.end && old.last;
      const newOver = j >= now.end && now.last;
      if (oldOver && newOver) return 'end';
      if ((oldOver && j < now.end) || (newOver && i < old.end)) return 'different';
      return 'more';
    }
  }
  return { scan };
}

// How many words agree and hold no `-`.
function equalWords(one: Int32Array, other: Int32Array, from: number, to: number, stop: number): number {
  let i = from;
  const apart = to - from;
  while (i < stop) {
    const word = one[i] ?? 0;
    if (word !== other[i + apart]) break;
    const mixed = word ^ MINUSES;
    if (((mixed - 0x01010101) & ~mixed & 0x80808080) !== 0) break;
    i++;
  }
  return i - from;
}
