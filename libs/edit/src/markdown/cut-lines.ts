import { lineEnd, lineStart, type TextSplice } from '../data/source-text.ts';

/**
 * Removes the lines from the one of `start` to the one of `end` with the empty lines below; at the end of the file with the empty lines
 * above, so that the file still ends as it did.
 */
export function cutLines(text: string, start: number, end: number): TextSplice {
  const from = lineStart(text, start);
  const last = lineEnd(text, end > start ? end - 1 : end);
  const rest = /^(?:[>\s]*\n)*/.exec(text.slice(last))?.[0].length ?? 0;
  if (text.slice(last + rest).trim() !== '') return { start: from, end: lineStart(text, last + rest), text: '' };
  const before = text.slice(0, from).trimEnd().length;
  if (before === 0) return { start: from, end: text.length, text: '' };
  return { start: before, end: last, text: '' };
}
