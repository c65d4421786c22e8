const MINUS = 45;
const DOT = 46;
const COLON = 58;
const CAPITAL_T = 84;

/** Bytes of the longest stamp, `YYYY-MM-DDTHH:MM:SS.ffffff+00:00`, and of one digit more, which would make it invalid. */
export const LONGEST_STAMP = 33;

/**
 * Reads ISO stamps as Python's `isoformat()` writes them: `YYYY-MM-DDTHH:MM:SS` and six digits of a fraction, which is left out
 * exactly at microsecond 0. One parser a side: it remembers the day, so that a log of one day costs one calendar look-up.
 */
export class StampParser {
  #day = -1;
  /** In an array: a number of this size in a field would be allocated anew at each change. */
  readonly #dayMicros = new Float64Array(1);

  /**
   * Index behind the valid stamp that begins at `at`, 0 when there is none. Its microseconds since 1970, as if it were
   * UTC, are put into `micros` at `slot`. Allocates nothing.
   */
  parse(bytes: Uint8Array, at: number, end: number, micros: Float64Array, slot: number): number {
    if (at < 0 || at + 19 > end) return 0;
    if (bytes[at + 4] !== MINUS || bytes[at + 7] !== MINUS || bytes[at + 10] !== CAPITAL_T) return 0;
    if (bytes[at + 13] !== COLON || bytes[at + 16] !== COLON) return 0;
    const century = pair(bytes, at);
    const year = pair(bytes, at + 2);
    const month = pair(bytes, at + 5);
    const day = pair(bytes, at + 8);
    const hour = pair(bytes, at + 11);
    const minute = pair(bytes, at + 14);
    const second = pair(bytes, at + 17);
    // A pair that is no number is negative; whatever was or-ed with it stays so.
    if ((century | year | month | day | hour | minute | second) < 0) return 0;
    if (hour > 23 || minute > 59 || second > 59) return 0;
    const key = ((century * 100 + year) * 100 + month) * 100 + day;
    if (key !== this.#day && !this.#turnTo(century * 100 + year, month, day, key)) return 0;
    const whole = (this.#dayMicros[0] ?? 0) + ((hour * 60 + minute) * 60 + second) * 1_000_000;
    const fraction = at + 19;
    if (fraction + 1 < end && bytes[fraction] === DOT && isDigit(bytes, fraction + 1, end)) {
      if (fraction + 7 > end || isDigit(bytes, fraction + 7, end)) return 0;
      const high = pair(bytes, fraction + 1);
      const middle = pair(bytes, fraction + 3);
      const low = pair(bytes, fraction + 5);
      if ((high | middle | low) < 0 || (high | middle | low) === 0) return 0;
      micros[slot] = whole + (high * 100 + middle) * 100 + low;
      return fraction + 7;
    }
    micros[slot] = whole;
    return fraction;
  }

  #turnTo(year: number, month: number, day: number, key: number): boolean {
    const date = new Date(0);
    date.setUTCFullYear(year, month - 1, day);
    if (year === 0 || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return false;
    this.#day = key;
    this.#dayMicros[0] = date.getTime() * 1000;
    return true;
  }
}

/** Whether `+00:00` stands at an index. */
export function hasZone(bytes: Uint8Array, at: number, end: number): boolean {
  return (
    at + 6 <= end &&
    bytes[at] === 43 &&
    bytes[at + 1] === 48 &&
    bytes[at + 2] === 48 &&
    bytes[at + 3] === COLON &&
    bytes[at + 4] === 48 &&
    bytes[at + 5] === 48
  );
}

function pair(bytes: Uint8Array, at: number): number {
  const high = ((bytes[at] ?? 0) - 48) | 0;
  const low = ((bytes[at + 1] ?? 0) - 48) | 0;
  return high >>> 0 > 9 || low >>> 0 > 9 ? -1 : high * 10 + low;
}

function isDigit(bytes: Uint8Array, at: number, end: number): boolean {
  return at < end && ((bytes[at] ?? 0) - 48) >>> 0 <= 9;
}
