import { BatonError } from '@baton/kernel';

/** Bytes that are stored as the name of a token: the Nth distinct value of its kind. */
export interface NamedSpan {
  /** Offset of the first byte, and of the first one behind. */
  start: number;
  end: number;
  /** `iso-local:3`: lower case, digits and `-`; a colon; a number from 1. */
  name: string;
}

/** The name of a token, as it stands between `\{` and `}`. */
export const TOKEN_NAME = /^[a-z][a-z0-9-]{0,63}:[1-9][0-9]{0,9}$/;

/** The longest escape: a token with its braces. */
export const LONGEST_ESCAPE = 80;

/** Bytes that have an escape of their own, and its letter. */
export const LETTERS: ReadonlyMap<number, string> = new Map([
  [0x5c, '\\'],
  [0x0d, 'r'],
  [0x09, 't'],
  [0x00, '0'],
]);

/** The error for text that no encoder of ours wrote. `where` names the file and what it holds. */
export function damaged(where: string, problem: string): BatonError {
  return new BatonError('GOLDEN_DAMAGED', `${where} ${problem}`, {
    hint: 'Take the file back from git, or record the golden again with "baton parity record".',
  });
}
