/** What a piece of bytes is: readable text, something that has a mark of its own, or bytes that are no UTF-8. */
export type BytePieceKind =
  | 'text'
  | 'space'
  | 'tab'
  | 'cr'
  | 'lf'
  | 'nul'
  /** Control characters, those that turn the direction of writing or show nothing, and those that look like a mark. */
  | 'control'
  /** One byte that is not part of valid UTF-8. */
  | 'invalid'
  /** A U+FFFD that stands in the bytes themselves. */
  | 'replacement';

/** A run of bytes of one kind. */
export interface BytePiece {
  kind: BytePieceKind;
  /** In plain characters: text as it is, all else escaped (`\t`, `\x1b`, `\u{202e}`, `\xc3`); a backslash as `\\`. */
  text: string;
  /** First byte, counted from 0, and how many bytes. */
  at: number;
  length: number;
}

// The arrow, dot and control pictures are the marks by which pages show white space: real ones must look different.
const LOOKS_LIKE_A_MARK = /[·→␍␊␀]/u;
const HIDDEN = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;

/** Takes bytes apart so that every one of them can be seen: valid UTF-8 stays readable, nothing is lost or merged. */
export function visibleBytes(bytes: Uint8Array): BytePiece[] {
  const pieces: BytePiece[] = [];
  const add = (kind: BytePieceKind, text: string, at: number, length: number): void => {
    const last = pieces.at(-1);
    if (last !== undefined && last.kind === kind && (kind === 'text' || kind === 'space')) {
      last.text += text;
      last.length += length;
    } else {
      pieces.push({ kind, text, at, length });
    }
  };
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    if (length === 0) {
      add('invalid', `\\x${hex(bytes[at] ?? 0)}`, at, 1);
      at += 1;
      continue;
    }
    const character = String.fromCodePoint(codePoint(bytes, at, length));
    const [kind, text] = classify(character);
    add(kind, text, at, length);
    at += length;
  }
  return pieces;
}

/** Bytes as one line of plain characters, escaped as {@link BytePiece.text}. */
export function escapeBytes(bytes: Uint8Array): string {
  return visibleBytes(bytes)
    .map(({ text }) => text)
    .join('');
}

function classify(character: string): [BytePieceKind, string] {
  switch (character) {
    case ' ':
      return ['space', ' '];
    case '\t':
      return ['tab', '\\t'];
    case '\r':
      return ['cr', '\\r'];
    case '\n':
      return ['lf', '\\n'];
    case '\0':
      return ['nul', '\\0'];
    case '\\':
      return ['text', '\\\\'];
    case '\ufffd':
      return ['replacement', '\\u{fffd}'];
  }
  if (!HIDDEN.test(character) && !LOOKS_LIKE_A_MARK.test(character)) return ['text', character];
  const code = character.codePointAt(0) ?? 0;
  return ['control', code < 128 ? `\\x${hex(code)}` : `\\u{${code.toString(16)}}`];
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

/** How many bytes a valid character has that begins at `at` (Unicode, table 3-7); 0 when none does. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return 1;
  const length =
    lead >= 0xc2 && lead <= 0xdf ? 2 : lead >= 0xe0 && lead <= 0xef ? 3 : lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  const second = bytes[at + 1] ?? 0;
  const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let i = 2; i < length; i += 1) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0;
  return length;
}

function codePoint(bytes: Uint8Array, at: number, length: number): number {
  let code = (bytes[at] ?? 0) & (length === 1 ? 0x7f : 0xff >> (length + 1));
  for (let i = 1; i < length; i += 1) code = (code << 6) | ((bytes[at + i] ?? 0) & 0x3f);
  return code;
}
