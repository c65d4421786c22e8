import { BatonError } from '@baton/kernel';

/** A cell between its pipes. */
export interface Cell {
  start: number;
  end: number;
  /** All between the pipes, padding included. */
  raw: string;
  text: string;
}

/** Splits the source of a table row. A pipe behind a backslash is text. */
export function cellsOf(text: string, start: number, end: number): Cell[] {
  const bounds: number[] = [];
  for (let at = start; at < end; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '|') bounds.push(at);
  }
  const source = text.slice(start, end);
  if (!source.trimStart().startsWith('|')) bounds.unshift(start - 1);
  if (bounds.length === 1 || text.slice((bounds.at(-1) ?? 0) + 1, end).trim() !== '') bounds.push(end);
  return bounds.slice(1).map((bound, index) => {
    const from = (bounds[index] ?? start) + 1;
    const raw = text.slice(from, bound);
    return { start: from, end: bound, raw, text: raw.trim() };
  });
}

/** Text as it can stand in a cell. @throws BatonError `EDIT_INVALID` for more than one line */
export function escapeCell(text: string): string {
  if (/[\r\n]/.test(text))
    throw new BatonError('EDIT_INVALID', `a table cell has one line, found ${JSON.stringify(text)}`);
  return text.replace(/\\.|\|/g, (found) => (found === '|' ? '\\|' : found));
}

/**
 * The raw text of a cell with a new text. In a column whose cells are padded to its width the new one is too; otherwise the blanks
 * on both sides stay as they are, so that setting it back gives the same bytes.
 *
 * @param ruler the cell below the header in the same column
 * @param column all cells of the column, the old one too
 */
export function alignCell(old: Cell, text: string, ruler: Cell | undefined, column: readonly Cell[]): string {
  if (ruler !== undefined && isAligned(old, column, ruler)) return padded(text, ruler);
  if (old.text === '') return ` ${text} `;
  const at = old.raw.indexOf(old.text);
  return old.raw.slice(0, at) + text + old.raw.slice(at + old.text.length);
}

/** Whether a cell is padded to its column's width: by its own blanks, or where they do not show it, by those of most others. */
function isAligned(old: Cell, column: readonly Cell[], ruler: Cell): boolean {
  const votes = [[old], column].map((cells) => cells.reduce((sum, cell) => sum + alignedVote(cell, ruler), 0));
  return (votes.find((sum) => sum !== 0) ?? 0) > 0;
}

// A cell that is wider than the column says nothing, nor does one that is as wide as a short ruler (`---`, `:---:`) by chance.
function alignedVote(cell: Cell, ruler: Cell): number {
  const room = roomFor(cell.text, ruler);
  if (room < 0 || (room === 0 && [...ruler.raw].length <= 5)) return 0;
  return padded(cell.text, ruler) === cell.raw ? 1 : -1;
}

function roomFor(text: string, ruler: Cell): number {
  return [...ruler.raw].length - [...text].length - 2;
}

function padded(text: string, ruler: Cell): string {
  const room = Math.max(0, roomFor(text, ruler));
  const right = ruler.text.endsWith(':');
  const left = right ? (ruler.text.startsWith(':') ? Math.floor(room / 2) : room) : 0;
  return ` ${' '.repeat(left)}${text}${' '.repeat(room - left)} `;
}
