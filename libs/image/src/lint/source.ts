import { BatonError } from '@baton/kernel';

/** Bytes that a Dockerfile may have. */
export const DOCKERFILE_LIMIT = 128 * 1024;

/** A part of a file: offsets in UTF-16 units, the end not included. */
export interface Span {
  start: number;
  end: number;
}

/** The text of a Dockerfile, and where its lines begin. */
export interface Source {
  /** As the caller names it. */
  file: string;
  /** Without a byte order mark. */
  text: string;
  /** Line and column of an offset, both from 0; an offset outside is the nearest one inside. */
  position(offset: number): { line: number; column: number };
  /** The offset of a line and column, both from 0. */
  offset(line: number, column: number): number;
  /** A line without its end. */
  line(index: number): string;
  lines: number;
}

/**
 * Reads the bytes of a Dockerfile as text; bytes that are no UTF-8 become U+FFFD, for they may stand in a comment.
 * Errors: `DOCKERFILE_INVALID` (larger than 128 KiB, binary, nothing but white space).
 */
export function sourceOf(bytes: Uint8Array, file: string): Source {
  if (bytes.byteLength > DOCKERFILE_LIMIT) {
    throw invalid(file, `has ${bytes.byteLength} bytes, a Dockerfile has at most ${DOCKERFILE_LIMIT}`);
  }
  if (bytes.includes(0)) throw invalid(file, 'is binary: it holds a NUL byte');
  const text = new TextDecoder().decode(bytes);
  if (text.trim() === '') throw invalid(file, 'is empty');
  // The parser's own idea of a line: ended by LF, CR LF, or CR alone.
  const starts = [0];
  for (const { index, 0: end } of text.matchAll(/\r\n|\r|\n/g)) starts.push(index + end.length);
  const startOf = (line: number): number => starts[line] ?? text.length;
  return {
    file,
    text,
    lines: starts.length,
    position(offset) {
      const at = Math.max(0, Math.min(offset, text.length));
      let low = 0;
      let high = starts.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (startOf(middle) <= at) low = middle;
        else high = middle - 1;
      }
      return { line: low, column: at - startOf(low) };
    },
    offset: (line, column) => Math.min(startOf(line) + column, text.length),
    line: (index) => text.slice(startOf(index), startOf(index + 1)).replace(/[\r\n]+$/, ''),
  };
}

/** A file that is no Dockerfile. */
export function invalid(file: string, what: string, cause?: unknown): BatonError {
  return new BatonError('DOCKERFILE_INVALID', `${file} ${what}`, {
    hint: 'A Dockerfile is text whose first instruction is FROM, or ARG in front of it.',
    ...(cause === undefined ? {} : { cause }),
  });
}
