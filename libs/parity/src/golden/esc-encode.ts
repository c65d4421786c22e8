import { LETTERS, type NamedSpan } from './esc-syntax.ts';

const LF = 0x0a;
const BACKSLASH = 0x5c;

/**
 * Bytes as escaped text: ASCII, one line per LF; what is printable stands as it is, a backslash is `\\`, CR TAB NUL are `\r \t \0`,
 * valid multi-byte UTF-8 is `\u{20ac}`, any other byte is `\xNN`, and a token is `\{kind:N}`.
 *
 * A text may be encoded in pieces that are cut behind an LF, or anywhere but inside a character or a token.
 *
 * @param spans tokens in the order of their offsets, not overlapping
 */
export function escapeBytes(bytes: Buffer, spans: readonly NamedSpan[] = []): string {
  let text = '';
  let at = 0;
  for (const { start, end, name } of spans) {
    if (start < at || end < start || end > bytes.length) throw new RangeError(`token ${name} at ${start} to ${end}`);
    text += escapePlain(bytes, at, start);
    text += `\\{${name}}`;
    at = end;
  }
  return text + escapePlain(bytes, at, bytes.length);
}

/** Bytes as the text of an `.esc` file: as {@link escapeBytes}; where the last line has no LF it ends in `\c`. No bytes, no text. */
export function encodeEsc(bytes: Buffer, spans: readonly NamedSpan[] = []): string {
  const text = escapeBytes(bytes, spans);
  return text + fileEnd(text);
}

/** What ends a file behind escaped text: nothing where there is none, or where it ends with a line end. */
export function fileEnd(text: string): string {
  return text === '' || text.endsWith('\n') ? '' : '\\c\n';
}

function escapePlain(bytes: Buffer, from: number, to: number): string {
  const parts: string[] = [];
  let plain = from;
  for (let at = from; at < to; ) {
    const byte = bytes[at] ?? 0;
    if ((byte >= 0x20 && byte < 0x7f && byte !== BACKSLASH) || byte === LF) {
      at++;
      continue;
    }
    const length = byte < 0x80 ? 1 : characterLength(bytes, at, to);
    parts.push(bytes.toString('latin1', plain, at), escapeOne(bytes, at, length));
    at += Math.max(1, length);
    plain = at;
  }
  parts.push(bytes.toString('latin1', plain, to));
  return parts.join('');
}

function escapeOne(bytes: Buffer, at: number, length: number): string {
  if (length > 1) {
    const code = bytes.toString('utf8', at, at + length).codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  }
  const byte = bytes[at] ?? 0;
  const letter = LETTERS.get(byte);
  return letter === undefined ? `\\x${byte.toString(16).padStart(2, '0')}` : `\\${letter}`;
}

/**
 * How many bytes the character at an offset has: 2 to 4, or 0 when it is not well-formed (RFC 3629: no overlong forms, no surrogates,
 * nothing above U+10FFFF).
 */
function characterLength(bytes: Buffer, at: number, to: number): number {
  const first = bytes[at] ?? 0;
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (length === 0 || at + length > to) return 0;
  const second = bytes[at + 1] ?? 0;
  const lowest = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const highest = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) return 0;
  for (let i = at + 2; i < at + length; i++) if (((bytes[i] ?? 0) & 0xc0) !== 0x80) return 0;
  return length;
}

/**
 * Where a block may be cut so that no character is divided: behind the last LF, else before a character that goes on behind the end.
 * Never 0 for a block of four bytes or more.
 */
export function cutOffset(block: Buffer): number {
  const lf = block.lastIndexOf(LF);
  if (lf !== -1) return lf + 1;
  for (let back = 1; back <= Math.min(3, block.length - 1); back++) {
    const byte = block[block.length - back] ?? 0;
    if (byte < 0x80) break;
    if (byte >= 0xc0) return block.length - back;
  }
  return block.length;
}
