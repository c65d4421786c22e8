import { PythonError } from '../crash.ts';
import { decimalValue } from './printable.ts';
import { repr } from './repr.ts';

/**
 * int() of Python for a text (contract, section 3): blanks around it, one sign, single underscores between digits, and
 * decimal digits of any script. Throws ValueError with the repr of the text, of which 200 characters are shown.
 */
export function parseInteger(text: string): bigint {
  const [, sign, digits] = /^[ \t-\r]*([+-]?)([0-9]+(?:_[0-9]+)*)[ \t-\r]*$/.exec(plainDigits(text)) ?? [];
  if (digits === undefined) {
    const shown = [...repr(text)].slice(0, 200).join('');
    throw new PythonError('ValueError', `invalid literal for int() with base 10: ${shown}`);
  }
  const magnitude = integerOf(digits.replaceAll('_', ''));
  return sign === '-' ? -magnitude : magnitude;
}

/**
 * The value of ASCII digits. Throws ValueError above 4,300 of them, where Python refuses as well: the time it takes grows
 * with the square of their number.
 */
export function integerOf(digits: string): bigint {
  if (digits.length > MOST_DIGITS) {
    throw new PythonError(
      'ValueError',
      `Exceeds the limit (${MOST_DIGITS} digits) for integer string conversion: value has ${digits.length} digits; use sys.set_int_max_str_digits() to increase the limit`,
    );
  }
  return BigInt(digits);
}

const MOST_DIGITS = 4300;

/** Digits and blanks of other scripts as ASCII; whatever cannot be in a number as a question mark. */
function plainDigits(text: string): string {
  return text.replace(/[^\0-\x7e]/gu, (character) => {
    if (WIDE_BLANK.test(character)) return ' ';
    const value = decimalValue(character.codePointAt(0) ?? 0);
    return value === undefined ? '?' : String(value);
  });
}

// Python's blanks above ASCII: bidirectional class WS, B or S, or category Zs.
const WIDE_BLANK = /^[\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/;
