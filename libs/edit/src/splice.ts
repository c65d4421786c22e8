import { BatonError } from '@baton/kernel';

/** One replacement in a file: the bytes from `start` up to `end` (offsets into the original bytes) become `bytes`. */
export interface Splice {
  start: number;
  end: number;
  bytes: Uint8Array;
}

/** What an editor gives: where it would cut, and how many places of the file its operation matched. */
export interface Edit {
  splices: readonly Splice[];
  /** Places that the operation names; for an operation that finds its result already there, those places, with no splices. */
  matches: number;
}

/**
 * Applies splices that were all located in the original bytes; their order does not matter.
 *
 * @throws BatonError `EDIT_OVERLAP` when two touch the same bytes, or two insert at the same place
 */
export function applySplices(original: Uint8Array, splices: readonly Splice[]): Buffer {
  const sorted = sortSplices(splices);
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const { start, end, bytes } of sorted) {
    parts.push(original.subarray(at, start), bytes);
    at = end;
  }
  parts.push(original.subarray(at));
  return Buffer.concat(parts);
}

/** The splices that undo `splices`: applied to the edited bytes they give the original ones. */
export function invertSplices(original: Uint8Array, splices: readonly Splice[]): Splice[] {
  let shift = 0;
  return joinTouching(sortSplices(splices)).map(({ start, end, bytes }) => {
    const inverse = {
      start: start + shift,
      end: start + shift + bytes.byteLength,
      bytes: original.subarray(start, end),
    };
    shift += bytes.byteLength - (end - start);
    return inverse;
  });
}

// Two cuts side by side leave one place: what goes back there is one text.
function joinTouching(sorted: readonly Splice[]): Splice[] {
  const joined: Splice[] = [];
  for (const splice of sorted) {
    const before = joined.at(-1);
    if (before === undefined || before.end !== splice.start) joined.push(splice);
    else
      joined[joined.length - 1] = {
        start: before.start,
        end: splice.end,
        bytes: Buffer.concat([before.bytes, splice.bytes]),
      };
  }
  return joined;
}

/** Splices in the order of the file. @throws BatonError `EDIT_OVERLAP` */
export function sortSplices(splices: readonly Splice[]): Splice[] {
  const sorted = [...splices].sort((a, b) => a.start - b.start || a.end - b.end);
  for (const [index, splice] of sorted.entries()) {
    const before = sorted[index - 1];
    if (before === undefined) continue;
    // Two insertions at one place have no order of their own; an insertion right behind a replaced span has one.
    const sameInsertion = before.start === splice.start && before.end === splice.end;
    if (splice.start < before.end || sameInsertion) {
      throw new BatonError(
        'EDIT_OVERLAP',
        `two edits touch the same bytes: ${before.start}-${before.end} and ${splice.start}-${splice.end}`,
        {
          hint: 'Say both in one operation: each is located in the original file, so neither sees the other.',
          details: { start: splice.start },
        },
      );
    }
  }
  return sorted;
}
