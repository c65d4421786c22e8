import { visibleText } from './text-width.ts';

/** Bytes that GitHub takes as the summary of a step; a larger one is dropped whole. */
export const SUMMARY_LIMIT = 1024 * 1024;

/** Text that stands in a paragraph, a heading or the cell of a table as it is: no markup, no link, one line. */
export function markdownText(text: string): string {
  return visibleText(text.toWellFormed())
    .replace(/[&<>]/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[character] ?? '')
    .replace(/[\\`*_[\]()#!|~@:]|^[+-]|(?<=^\d+)[.)]/g, (character) => `\\${character}`);
}

/** Text of several lines in a fence that is longer than any run of backticks in it. Control characters become visible. */
export function markdownFence(text: string): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(Math.max(3, longest + 1));
  const lines = text.toWellFormed().split(/\r?\n/).map(visibleText);
  return `${fence}text\n${lines.join('\n')}\n${fence}\n`;
}

/** A table; cells are text. */
export function markdownTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  align: readonly ('left' | 'right')[] = [],
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  const rule = header.map((_, column) => (align[column] === 'right' ? '--:' : ':--'));
  return [header.map(markdownText), rule, ...rows.map((row) => row.map(markdownText))].map(line).join('');
}
