import { isUtf8 } from 'node:buffer';
import { PythonError } from '../crash.ts';
import { findUtf8Fault, type Utf8Fault } from './utf8-faults.ts';

/** What stands for a fault, and where reading goes on. */
export interface Repair {
  text: string;
  next: number;
}

/**
 * Decodes UTF-8 strictly and keeps a byte order mark (contract 6.1). Throws UnicodeDecodeError in Python's words, with the
 * byte or bytes at fault and their position.
 */
export function decodeUtf8(bytes: Uint8Array): string {
  return decodeWith(bytes, (fault) => {
    throw decodeError(bytes, fault);
  });
}

/** Decodes UTF-8 with one U+FFFD for each maximal part of a sequence; a byte order mark stays (section 11, T9, T10). */
export function decodeReplace(bytes: Uint8Array): string {
  // Node follows the same rule here, and its string keeps the mark.
  return viewOf(bytes).toString('utf8');
}

/** {@link decodeReplace}, back in UTF-8: well-formed bytes are given back as they are, without a copy. */
export function replaceIllFormed(bytes: Uint8Array): Buffer {
  return isUtf8(bytes) ? viewOf(bytes) : Buffer.from(decodeReplace(bytes), 'utf8');
}

/** Encodes strictly. Throws UnicodeEncodeError for a lone surrogate: what open() for writing and encode() do in Python. */
export function encodeUtf8(text: string): Buffer {
  const [lone] = loneSurrogates(text);
  if (lone !== undefined) throw encodeError(text, lone.index, lone.index + lone[0].length);
  return Buffer.from(text, 'utf8');
}

/** Decodes UTF-8 with a rule for what is not. */
export function decodeWith(bytes: Uint8Array, repair: (fault: Utf8Fault) => Repair): string {
  const view = viewOf(bytes);
  if (isUtf8(bytes)) return view.toString('utf8');
  const parts: string[] = [];
  let from = 0;
  for (let fault = findUtf8Fault(bytes, 0); fault !== undefined; fault = findUtf8Fault(bytes, from)) {
    const { text, next } = repair(fault);
    parts.push(view.toString('utf8', from, fault.start), text);
    from = next;
  }
  parts.push(view.toString('utf8', from));
  return parts.join('');
}

/** The UnicodeDecodeError of Python for a fault. */
export function decodeError(bytes: Uint8Array, { start, end, reason }: Utf8Fault): PythonError {
  const place =
    end - start === 1
      ? `byte 0x${(bytes[start] ?? 0).toString(16).padStart(2, '0')} in position ${start}`
      : `bytes in position ${start}-${end - 1}`;
  return new PythonError('UnicodeDecodeError', `'utf-8' codec can't decode ${place}: ${reason}`);
}

/** Runs of surrogates that are no pairs. */
export function loneSurrogates(text: string): IterableIterator<RegExpExecArray> | [] {
  return text.isWellFormed() ? [] : text.matchAll(/[\ud800-\udfff]+/gu);
}

/** The UnicodeEncodeError of Python for the lone surrogates from `start` to `end`, which it counts in code points. */
export function encodeError(text: string, start: number, end: number): PythonError {
  const position = [...text.slice(0, start)].length;
  const unit = text.charCodeAt(start).toString(16);
  const place =
    end - start === 1
      ? `character '\\u${unit}' in position ${position}`
      : `characters in position ${position}-${position + end - start - 1}`;
  return new PythonError('UnicodeEncodeError', `'utf-8' codec can't encode ${place}: surrogates not allowed`);
}

/** The same bytes with a Buffer's methods. */
export function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
