import { isAscii, isUtf8 } from 'node:buffer';
import { BatonError } from '@baton/kernel';

/** A path of git as text: UTF-8; each byte that is not becomes a lone surrogate U+DC80..U+DCFF. Lossless. */
export function pathText(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isAscii(buffer)) return buffer.toString('latin1');
  if (isUtf8(buffer)) return buffer.toString('utf8');
  let text = '';
  for (let at = 0; at < buffer.byteLength; ) {
    const length = [1, 2, 3, 4].find((n) => at + n <= buffer.byteLength && isUtf8(buffer.subarray(at, at + n)));
    text +=
      length === undefined ? String.fromCharCode(0xdc00 + (buffer[at] ?? 0)) : buffer.toString('utf8', at, at + length);
    at += length ?? 1;
  }
  return text;
}

/**
 * The bytes of a path: the inverse of {@link pathText}.
 *
 * @throws BatonError `GIT_FAILED` for a lone surrogate that stands for no byte
 */
export function pathBytes(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text, 'utf8');
  const parts: Buffer[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0xdc80 && code <= 0xdcff) parts.push(Buffer.from([code - 0xdc00]));
    else if (character.isWellFormed()) parts.push(Buffer.from(character, 'utf8'));
    else {
      throw new BatonError(
        'GIT_FAILED',
        `the path ${JSON.stringify(text)} has a lone surrogate and stands for no bytes`,
      );
    }
  }
  return Buffer.concat(parts);
}

/** Orders paths by their bytes. */
export function comparePaths(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const one = a.charCodeAt(at);
    const other = b.charCodeAt(at);
    if (one === other) continue;
    // Below the surrogates the order of UTF-16 is that of UTF-8.
    return one < 0xd800 && other < 0xd800 ? one - other : Buffer.compare(pathBytes(a), pathBytes(b));
  }
  return a.length - b.length;
}

/** A path for people: as it is, or quoted as git does (`"a\nb\377"`) when it has control characters or other bytes than UTF-8. */
export function displayPath(text: string): string {
  let plain = text.isWellFormed();
  let quoted = '';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20 || code === 0x7f) {
      plain = false;
      quoted += ESCAPES[character] ?? octal(code);
    } else if (code >= 0xdc80 && code <= 0xdcff) quoted += octal(code - 0xdc00);
    else quoted += character === '"' || character === '\\' ? `\\${character}` : character;
  }
  return plain ? text : `"${quoted}"`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
};

function octal(byte: number): string {
  return `\\${byte.toString(8).padStart(3, '0')}`;
}
