import { BatonError } from '@baton/kernel';
import type { Count } from './operations.ts';

/**
 * Holds the places that an edit found against those it expects.
 *
 * @param what what was looked for, as a message names it: `the line "/agent/bin/"`
 * @throws BatonError `EDIT_NO_MATCH` for none at all (unless zero is expected), `EDIT_COUNT` for another number
 */
export function checkCount(found: number, expected: Count, what: string): void {
  const { min, max } = rangeOf(expected);
  if (found >= min && found <= max) return;
  const wanted = `expected ${describeCount(expected)}`;
  if (found === 0) {
    throw new BatonError('EDIT_NO_MATCH', `${what} is not in the file: ${wanted}, found none`, {
      hint: 'Edits see the bytes that the file has before any edit. Correct the text, or say `optional: true`.',
    });
  }
  throw new BatonError('EDIT_COUNT', `${what} is in the file ${found} times: ${wanted}`, {
    hint: 'Say the number with `count`, or name the place more exactly.',
    details: { found },
  });
}

/** `3`, `at least 1`, `2 to 4`. */
function describeCount(expected: Count): string {
  const { min, max } = rangeOf(expected);
  if (min === max) return String(min);
  if (max === Number.POSITIVE_INFINITY) return `at least ${min}`;
  return min === 0 ? `at most ${max}` : `${min} to ${max}`;
}

function rangeOf(expected: Count): { min: number; max: number } {
  if (expected === 'any') return { min: 1, max: Number.POSITIVE_INFINITY };
  if (typeof expected === 'number') return { min: expected, max: expected };
  return { min: expected.min ?? 0, max: expected.max ?? Number.POSITIVE_INFINITY };
}
