import type { Source, Span } from './source.ts';

/** Text as an engine reads it, and where in the file each unit of it stands. */
export interface LogicalText {
  text: string;
  /** The offset in the file of the unit at `index`. */
  at(index: number): number;
  /** From `index` to the end. */
  from(index: number): LogicalText;
}

interface Piece {
  index: number;
  offset: number;
}

/**
 * Joins the lines of an instruction: line continuations, and comment and empty lines between them, are left out.
 *
 * @param escapeChar the character that continues a line
 * @param heredoc the body of the first heredoc: from there on, lines stay as they are
 */
export function logicalText(source: Source, span: Span, escapeChar: string, heredoc?: Span): LogicalText {
  const pieces: Piece[] = [];
  let text = '';
  const add = (start: number, end: number): void => {
    pieces.push({ index: text.length, offset: start });
    text += source.text.slice(start, end);
  };
  const first = source.position(span.start).line;
  const last = source.position(span.end).line;
  for (let line = first; line <= last; line += 1) {
    const start = Math.max(source.offset(line, 0), span.start);
    const end = Math.min(source.offset(line, source.line(line).length), span.end);
    if (heredoc !== undefined && start >= heredoc.start) {
      add(start, Math.min(source.offset(line + 1, 0), span.end));
      continue;
    }
    const raw = source.text.slice(start, end);
    if (line > first && /^\s*(?:#.*)?$/.test(raw)) continue;
    const trimmed = raw.trimEnd();
    if (trimmed.endsWith(escapeChar) && line < last) add(start, start + trimmed.length - 1);
    else add(start, heredoc === undefined ? end : Math.min(source.offset(line + 1, 0), span.end));
  }
  return make(text, pieces, span.end, 0);
}

function make(text: string, pieces: readonly Piece[], end: number, base: number): LogicalText {
  return {
    text,
    at(index) {
      if (index >= text.length) return end;
      let low = 0;
      let high = pieces.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if ((pieces[middle]?.index ?? 0) <= index + base) low = middle;
        else high = middle - 1;
      }
      const found = pieces[low];
      return found === undefined ? end : found.offset + (index + base - found.index);
    },
    from: (index) => make(text.slice(index), pieces, end, base + index),
  };
}

/** The span in the file of a part of logical text; never empty where there is anything to mark. */
export function spanOf(part: LogicalText, index: number, length: number): Span {
  const start = part.at(index);
  return { start, end: length === 0 ? start : part.at(index + length - 1) + 1 };
}
