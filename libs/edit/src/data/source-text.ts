import { BatonError } from '@baton/kernel';
import type { Edit, Splice } from '../splice.ts';

/** A replacement in decoded text: offsets are UTF-16 code units of the original text. */
export interface TextSplice {
  start: number;
  end: number;
  text: string;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Decodes a file to look at it. Lossless: a byte order mark stays as U+FEFF, and what is not UTF-8 is refused, so that offsets of the
 * text can be turned into offsets of the bytes.
 *
 * @throws BatonError `EDIT_REFUSED` for a NUL byte or bytes that are not UTF-8
 */
export function decodeSource(bytes: Uint8Array): string {
  const nul = bytes.indexOf(0);
  if (nul >= 0) {
    throw new BatonError('EDIT_REFUSED', `expected text, found a NUL byte at offset ${nul}`, {
      hint: 'Replace a binary file as a whole.',
    });
  }
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new BatonError('EDIT_REFUSED', 'expected text in UTF-8, found bytes that are not', {
      hint: 'Replace the file as a whole, or convert it to UTF-8 in a commit of its own.',
      cause,
    });
  }
}

/** An edit of the bytes from an edit of their text; replacements that change nothing are left out. */
export function toEdit(text: string, splices: readonly TextSplice[], matches: number): Edit {
  const result: Splice[] = [];
  let at = 0;
  let offset = 0;
  const byteOffset = (position: number): number => {
    offset += Buffer.byteLength(text.slice(at, position));
    at = position;
    return offset;
  };
  for (const splice of inOrder(splices)) {
    if (text.slice(splice.start, splice.end) === splice.text) continue;
    const start = byteOffset(splice.start);
    result.push({ start, end: byteOffset(splice.end), bytes: Buffer.from(splice.text) });
  }
  return { splices: result, matches };
}

/** Applies splices that were all located in `text`. @throws BatonError `EDIT_OVERLAP` */
export function spliceText(text: string, splices: readonly TextSplice[]): string {
  let result = '';
  let at = 0;
  for (const splice of inOrder(splices)) {
    if (splice.start < at) {
      throw new BatonError('EDIT_OVERLAP', `two parts of one edit touch the same text at ${splice.start}`);
    }
    result += text.slice(at, splice.start) + splice.text;
    at = splice.end;
  }
  return result + text.slice(at);
}

/**
 * Two edits in a row as one: `first` was located in the original text, `second` in what `first` made of it.
 * What touches is joined, so that the result can always be applied to the original.
 */
export function composeSplices(first: readonly TextSplice[], second: readonly TextSplice[]): TextSplice[] {
  let result = inOrder(first);
  // From the end backwards: the positions of what is still to come do not move.
  for (const splice of inOrder(second).reverse()) result = addSplice(result, splice);
  return result;
}

function addSplice(splices: readonly TextSplice[], added: TextSplice): TextSplice[] {
  const before: TextSplice[] = [];
  const after: TextSplice[] = [];
  let joined: TextSplice | undefined;
  let shift = 0;
  let start = added.start;
  let end = added.end;
  let text = added.text;
  for (const splice of splices) {
    const from = splice.start + shift;
    const to = from + splice.text.length;
    shift += splice.text.length - (splice.end - splice.start);
    if (to < added.start) before.push(splice);
    else if (from > added.end) after.push(splice);
    else {
      if (joined === undefined) {
        start = added.start < from ? splice.start - (from - added.start) : splice.start;
        text = splice.text.slice(0, Math.max(0, added.start - from)) + text;
      }
      end = added.end > to ? splice.end + (added.end - to) : splice.end;
      text += splice.text.slice(Math.max(0, splice.text.length - Math.max(0, to - added.end)));
      joined = splice;
    }
  }
  if (joined === undefined) {
    const moved = before.reduce((sum, splice) => sum + splice.text.length - (splice.end - splice.start), 0);
    start -= moved;
    end -= moved;
  }
  return [...before, { start, end, text }, ...after];
}

function inOrder(splices: readonly TextSplice[]): TextSplice[] {
  return [...splices].sort((a, b) => a.start - b.start || a.end - b.end);
}

/** The line ending that new text at `position` takes: of the line before it, else of its own line, else a line feed. */
export function lineEndingAt(text: string, position: number): '\n' | '\r\n' {
  let feed = text.lastIndexOf('\n', position - 1);
  if (feed < 0 || position === 0) feed = text.indexOf('\n', position);
  return feed > 0 && text[feed - 1] === '\r' ? '\r\n' : '\n';
}

/** The offset of the first character of the line that `position` is on; a byte order mark is not part of the line. */
export function lineStart(text: string, position: number): number {
  const start = position === 0 ? 0 : text.lastIndexOf('\n', position - 1) + 1;
  return start === 0 && text.charCodeAt(0) === 0xfeff ? 1 : start;
}

/** The offset behind the last character of the line that `position` is on, before its line ending. */
export function lineEnd(text: string, position: number): number {
  const feed = text.indexOf('\n', position);
  if (feed < 0) return text.length;
  return feed > position && text[feed - 1] === '\r' ? feed - 1 : feed;
}

/** The offset of the line below the one that `position` is on; the length of the text when there is none. */
export function nextLine(text: string, position: number): number {
  const feed = text.indexOf('\n', position);
  return feed < 0 ? text.length : feed + 1;
}

/** The blanks that the line of `position` begins with. */
export function indentAt(text: string, position: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, position), lineEnd(text, position)))?.[0] ?? '';
}

/** Line and column of a place, both from 1, as messages name it. */
export function placeOf(text: string, position: number): string {
  const before = text.slice(0, position);
  const line = before.split('\n').length;
  return `${line}:${position - lineStart(text, position) + 1}`;
}

/** `text` with every line ending made `ending`. */
export function withLineEnding(text: string, ending: '\n' | '\r\n'): string {
  return text.replace(/\r?\n/g, ending);
}
