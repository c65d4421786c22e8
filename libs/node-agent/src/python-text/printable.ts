import { DECIMAL_ZEROS, PRINTABLE_CHANGES } from './unicode-tables.ts';

/**
 * Whether repr() shows a character as it is (contract 18.1): by the categories of Unicode 15.1, whatever the Unicode of
 * this Node; characters that were assigned later are not printable.
 */
export function isPrintable(codePoint: number): boolean {
  if (codePoint < 0x7f) return codePoint >= 0x20;
  printableChanges ??= decodeRuns(PRINTABLE_CHANGES);
  // Code points begin as not printable, and each change turns that round.
  return countUpTo(printableChanges, codePoint) % 2 === 1;
}

/** The value of a decimal digit of any script (category Nd of Unicode 15.1), or undefined. */
export function decimalValue(codePoint: number): number | undefined {
  decimalZeros ??= decodeRuns(DECIMAL_ZEROS);
  const zero = decimalZeros[countUpTo(decimalZeros, codePoint) - 1];
  return zero !== undefined && codePoint - zero < 10 ? codePoint - zero : undefined;
}

// Decoded when first asked: most runs see ASCII only.
let printableChanges: number[] | undefined;
let decimalZeros: number[] | undefined;

/** Reads ascending numbers from base64 of their differences, seven bits to a byte, lowest first, the top bit for "more". */
export function decodeRuns(text: string): number[] {
  const numbers: number[] = [];
  let last = 0;
  let difference = 0;
  let shift = 0;
  for (const byte of Buffer.from(text, 'base64')) {
    difference |= (byte & 0x7f) << shift;
    shift += 7;
    if (byte < 0x80) {
      last += difference;
      numbers.push(last);
      difference = 0;
      shift = 0;
    }
  }
  return numbers;
}

/** How many of ascending numbers are at most `limit`. */
function countUpTo(numbers: readonly number[], limit: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
