/** A place in bytes that are not UTF-8: from `start` up to `end`, and Python's word for what is wrong. */
export interface Utf8Fault {
  start: number;
  end: number;
  reason: 'invalid start byte' | 'invalid continuation byte' | 'unexpected end of data';
}

/**
 * The first ill-formed place at or after `from`, which must be where a character begins; undefined when there is none.
 * It covers the maximal part of a well-formed sequence, or one byte (Unicode 15.1, section 3.9, table 3-7).
 */
export function findUtf8Fault(bytes: Uint8Array, from: number): Utf8Fault | undefined {
  let at = from;
  while (at < bytes.length) {
    const lead = bytes[at] ?? 0;
    if (lead < 0x80) {
      at += 1;
      continue;
    }
    if (lead < 0xc2 || lead > 0xf4) return { start: at, end: at + 1, reason: 'invalid start byte' };
    const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    for (let next = at + 1; next < at + length; next += 1) {
      const byte = bytes[next];
      if (byte === undefined) return { start: at, end: next, reason: 'unexpected end of data' };
      const isFirst = next === at + 1;
      if (byte < (isFirst ? lowest(lead) : 0x80) || byte > (isFirst ? highest(lead) : 0xbf)) {
        return { start: at, end: next, reason: 'invalid continuation byte' };
      }
    }
    at += length;
  }
  return undefined;
}

/** The least second byte: below it a shorter form of the same character exists. */
function lowest(lead: number): number {
  return lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
}

/** The greatest second byte: above it are surrogates, and what is beyond U+10FFFF. */
function highest(lead: number): number {
  return lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
}
