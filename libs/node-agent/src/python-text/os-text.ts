import { decodeWith, encodeError, loneSurrogates } from './utf8.ts';

/**
 * A text of the operating system (argument, environment value, file name): UTF-8, where a byte that is none becomes a lone
 * surrogate from U+DC80 to U+DCFF (contract 18.6, Python's surrogateescape). {@link encodeOs} gives the same bytes back.
 */
export function decodeOs(bytes: Uint8Array): string {
  return decodeWith(bytes, ({ start, end }) => {
    const units = Array.from(bytes.subarray(start, end), (byte) => 0xdc00 + byte);
    return { text: String.fromCharCode(...units), next: end };
  });
}

/** The bytes of such a text. Throws UnicodeEncodeError when it holds another lone surrogate. */
export function encodeOs(text: string): Buffer {
  const parts: Buffer[] = [];
  let from = 0;
  for (const { index, 0: run } of loneSurrogates(text)) {
    const units = Array.from({ length: run.length }, (_, i) => run.charCodeAt(i));
    const strange = units.findIndex((unit) => unit < 0xdc80 || unit > 0xdcff);
    if (strange >= 0) throw encodeError(text, index + strange, index + run.length);
    parts.push(Buffer.from(text.slice(from, index), 'utf8'), Buffer.from(units.map((unit) => unit - 0xdc00)));
    from = index + run.length;
  }
  if (from === 0) return Buffer.from(text, 'utf8');
  parts.push(Buffer.from(text.slice(from), 'utf8'));
  return Buffer.concat(parts);
}
