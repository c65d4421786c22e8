import { displayWidth, visibleText } from './text-width.ts';

/** On which side of its column a cell stands. */
export type Align = 'left' | 'right';

/** How a table is drawn. */
export interface TableOptions {
  header?: readonly string[];
  /** Per column; `left` where it is missing. */
  align?: readonly Align[];
}

/**
 * Text in columns, two spaces between them, no trailing white space, no final newline; without rows and header the empty
 * string. Rows may be of different length.
 */
export function table(rows: readonly (readonly string[])[], options: TableOptions = {}): string {
  const lines = [...(options.header === undefined ? [] : [options.header]), ...rows].map((row) => row.map(visibleText));
  const widths: number[] = [];
  for (const line of lines) {
    for (const [column, cell] of line.entries()) widths[column] = Math.max(widths[column] ?? 0, displayWidth(cell));
  }
  return lines
    .map((line) => {
      const cells = line.map((cell, column) => {
        const space = ' '.repeat((widths[column] ?? 0) - displayWidth(cell));
        return options.align?.[column] === 'right' ? space + cell : cell + space;
      });
      return cells.join('  ').trimEnd();
    })
    .join('\n');
}
