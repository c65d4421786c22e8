import fc from 'fast-check';
import { edgeNumber } from './edge-number.ts';

/** The longest run of one character. */
const LONGEST_RUN = 70_000;

/** Pieces that text rules get wrong, the simplest ones first. */
const FRAGMENTS: readonly (readonly [weight: number, pieces: readonly (string | readonly number[])[]])[] = [
  // Characters of one to four bytes, and one of several code points.
  [6, ['a', ' ', 'é', '€', '😀', 'e\u0301', '👩‍👧']],
  // Line ends, together and alone.
  [6, ['\n', '\r\n', '\r', '\n\n', '\n\r']],
  // What is no line end, although some take it for one; and what text functions drop.
  [3, ['\0', '\v', '\f', '\u001c', '\u001d', '\u001e', '\u0085', '\u2028', '\u2029', '\t', '\u001b[31m']],
  // A byte order mark, in the middle as well; the replacement character itself.
  [3, ['\ufeff', '\ufeff', '\ufffd', '\ufffe']],
  // Beginnings of characters of two, three and four bytes.
  [4, [[0xc3], [0xe2], [0xe2, 0x82], [0xf0], [0xf0, 0x9f], [0xf0, 0x9f, 0x98]]],
  // Ends without a beginning; bytes that are never right.
  [3, [[0x80], [0xbf], [0x80, 0x80], [0xff], [0xfe], [0xc0], [0xc1], [0xf5], [0xf8]]],
  // Surrogates, overlong forms, more than U+10FFFF.
  [
    3,
    [
      [0xed, 0xa0, 0x80],
      [0xed, 0xbf, 0xbf],
      [0xc0, 0xaf],
      [0xe0, 0x80, 0x80],
      [0xf0, 0x80, 0x80, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
    ],
  ],
  // What a step prints that wants to be taken for the agent.
  [1, ['[out]', '[err]2026-01-02T03:04:05.678901 ', 'Traceback (most recent call last):\n', 'FAILED: a.sh  1\n']],
];

/**
 * Bytes that are put together of fragments: characters, line ends, marks, broken and forbidden forms, long runs, anything.
 * Where they are cut is drawn apart from them ({@link cutPoints}).
 *
 * `longest`: most bytes.
 */
export function byteStream(longest: number = 3 * LONGEST_RUN): fc.Arbitrary<Buffer> {
  return fc.array(fragment(), { maxLength: 12 }).map((parts) => Buffer.concat(parts).subarray(0, longest));
}

/** Offsets at which a stream may be cut, whatever its length: each counts modulo that. */
export function cutPoints(): fc.Arbitrary<readonly number[]> {
  return fc.array(edgeNumber({ max: 2 * LONGEST_RUN, small: 40, edges: [8192, 16_384, 65_536] }), { maxLength: 6 });
}

/** The pieces of a stream between the cuts, none of them empty. */
export function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const inside = cuts.map((cut) => cut % (bytes.length + 1));
  const ends = [...new Set([...inside, bytes.length])].filter((end) => end > 0).sort((a, b) => a - b);
  return ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end));
}

function fragment(): fc.Arbitrary<Buffer> {
  const listed = FRAGMENTS.map(([weight, pieces]) => ({
    weight,
    arbitrary: fc.constantFrom(...pieces).map((piece) => Buffer.from(typeof piece === 'string' ? piece : [...piece])),
  }));
  const length = edgeNumber({ max: LONGEST_RUN, edges: [8192, 65_536] });
  const run = fc
    .tuple(fc.constantFrom('x', 'é', '€', '\n', 'x\n'), length)
    .map(([unit, size]) => Buffer.alloc(size, unit));
  const raw = fc.uint8Array({ minLength: 1, maxLength: 6 }).map((bytes) => Buffer.from(bytes));
  return fc.oneof(...listed, { weight: 2, arbitrary: run }, { weight: 2, arbitrary: raw });
}
