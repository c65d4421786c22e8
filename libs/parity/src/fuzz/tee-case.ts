import fc from 'fast-check';
import { byteStream, cutAt, cutPoints } from './byte-stream.ts';
import { edgeNumber } from './edge-number.ts';

/** What one stream of a step gives to the function that makes log text of it. */
export interface TeeCase {
  label: '[out]' | '[err]';
  /** Most bytes of a chunk, 1 or more. */
  limit: number;
  /** What each read gave, none of them empty, and what the clock shows while it is handled. */
  reads: readonly { bytes: Buffer; micros: number }[];
}

/** 2026-01-02T03:04:05 UTC, in seconds. */
const START = 1_767_323_045;
/** Bytes that a limit allows: each chunk has a stamp, and a stamp for every byte of a long run says nothing new. */
const CHUNKS = 4096;

/** Streams of fragments, cut anywhere, each read with a clock of its own. */
export function teeCase(): fc.Arbitrary<TeeCase> {
  return fc
    .record({
      label: fc.constantFrom('[out]' as const, '[err]' as const),
      limit: edgeNumber({ min: 1, max: 100_000, small: 4, edges: [16, 8192, 65_536] }),
      bytes: byteStream(),
      cuts: cutPoints(),
      clocks: fc.array(clock(), { minLength: 1, maxLength: 7 }),
    })
    .map(({ label, limit, bytes, cuts, clocks }) => {
      const reads = cutAt(bytes.subarray(0, limit * CHUNKS), cuts);
      return { label, limit, reads: reads.map((part, i) => ({ bytes: part, micros: clocks[i % clocks.length] ?? 0 })) };
    });
}

function clock(): fc.Arbitrary<number> {
  const micros = edgeNumber({ max: 999_999, small: 1, edges: [10, 1000, 123_000, 500_000, 678_901, 999_998] });
  const seconds = edgeNumber({
    max: 400 * 86_400,
    small: 1,
    edges: [60, 75_355, 86_400, 29 * 86_400, 58 * 86_400, 364 * 86_400],
  });
  return fc.tuple(micros, seconds).map(([fraction, after]) => (START + after) * 1_000_000 + fraction);
}
