import { BatonError } from '@baton/kernel';
import { decodeSource, lineEnd, lineEndingAt, lineStart, nextLine, type TextSplice } from '../data/source-text.ts';
import type { MdRowOperation } from '../operations.ts';
import type { Edit } from '../splice.ts';
import { exactlyOne, exactlyOneVerb, rangeUnder } from './find-section.ts';
import {
  finishMdEdit,
  linePrefix,
  type MdDocument,
  type MdNode,
  nodesOf,
  parseMarkdown,
  plainText,
} from './parse-markdown.ts';
import { alignCell, type Cell, cellsOf, escapeCell } from './table-cells.ts';

/** A row of a table. */
interface Row {
  node: MdNode;
  table: MdNode;
  index: number;
  cells: readonly Cell[];
}

/**
 * Edits one row of a table, found by the whole text of a cell (with or without its markup). Cells keep their padding: a column that is
 * aligned stays so as far as the new text fits.
 *
 * @throws BatonError `EDIT_REFUSED`, `EDIT_INVALID`, `EDIT_NO_MATCH`, `EDIT_AMBIGUOUS`, `EDIT_UNVERIFIED`
 */
export function editMdRow(bytes: Uint8Array, operation: MdRowOperation): Edit {
  exactlyOneVerb(operation, ['set', 'remove', 'after'], 'md.row');
  const document = parseMarkdown(decodeSource(bytes));
  const range = rangeUnder(document, operation.under);
  const tables = nodesOf(document.root, 'table').filter(({ start, end }) => start >= range.start && end <= range.end);
  const rows = tables.flatMap((table) => rowsOf(document, table).slice(1));
  const found = rows.filter((row) => matches(document, row, operation.match));
  const { set, after } = operation;
  if (found.length === 0 && set !== undefined) {
    const changed = changedMatch(operation.match, set);
    const done =
      changed === undefined ? [] : rows.filter((row) => matches(document, row, changed) && matches(document, row, set));
    if (done.length === 1) return { splices: [], matches: 1 };
  }
  const what = `one table row with ${JSON.stringify(operation.match)}`;
  const row = exactlyOne(document, found, what, ({ node }) => node);
  if (set !== undefined) return finishMdEdit(document, setCells(document, row, set));
  if (after !== undefined) return finishMdEdit(document, insertAfter(document, row, after));
  const start = lineStart(document.text, row.node.start);
  const end = nextLine(document.text, row.node.end);
  if (end < document.text.length || document.text.endsWith('\n'))
    return finishMdEdit(document, [{ start, end, text: '' }]);
  const above = document.text.slice(0, start).trimEnd().length;
  return finishMdEdit(document, [{ start: lineEnd(document.text, above), end, text: '' }]);
}

function rowsOf(document: MdDocument, table: MdNode): Row[] {
  return table.children.map((node, index) => ({
    node,
    table,
    index,
    cells: cellsOf(document.text, node.start, node.end),
  }));
}

/** The number of the column with a title. @throws BatonError `EDIT_NO_MATCH` */
function columnOf(document: MdDocument, table: MdNode, name: string): number {
  const header = table.children[0];
  const cells = header === undefined ? [] : cellsOf(document.text, header.start, header.end);
  const column = cells.findIndex(
    (cell, index) => cell.text === name || plainText(header?.children[index] ?? table).trim() === name,
  );
  if (column < 0) {
    throw new BatonError('EDIT_NO_MATCH', `expected a column ${JSON.stringify(name)}, found none`, {
      hint: `The columns: ${cells.map(({ text }) => text).join(', ')}`,
    });
  }
  return column;
}

function matches(document: MdDocument, row: Row, match: MdRowOperation['match']): boolean {
  const is = (column: number, wanted: string) => {
    const node = row.node.children[column];
    const text = wanted.trim();
    return row.cells[column]?.text === escapeCell(text) || (node !== undefined && plainText(node).trim() === text);
  };
  if (typeof match === 'string') return row.cells.some((_, column) => is(column, match));
  const header = row.table.children[0];
  return Object.entries(match).every(([name, text]) => {
    const titles = header?.children.map((cell) => plainText(cell).trim()) ?? [];
    const sources =
      header === undefined ? [] : cellsOf(document.text, header.start, header.end).map((cell) => cell.text);
    const column = titles.includes(name) ? titles.indexOf(name) : sources.indexOf(name);
    return column >= 0 && is(column, text);
  });
}

/** How the row would be found after `set`, when `set` changes a cell that it is found by. */
function changedMatch(match: MdRowOperation['match'], set: Readonly<Record<string, string>>) {
  return typeof match === 'string' ? undefined : { ...match, ...set };
}

function setCells(document: MdDocument, row: Row, set: Readonly<Record<string, string>>): TextSplice[] {
  return Object.entries(set).map(([name, value]) => {
    const column = columnOf(document, row.table, name);
    const cell = row.cells[column];
    if (cell === undefined) throw new BatonError('EDIT_INVALID', `the row has no cell under ${JSON.stringify(name)}`);
    const text = escapeCell(value.trim());
    if (text === cell.text)
      return { start: cell.start, end: cell.end, text: document.text.slice(cell.start, cell.end) };
    const cells = rowsOf(document, row.table).flatMap((other) => other.cells[column] ?? []);
    return { start: cell.start, end: cell.end, text: alignCell(cell, text, ruler(document, row.table)[column], cells) };
  });
}

/** The cells of the line below the header: they say how wide the columns are. */
function ruler(document: MdDocument, table: MdNode): readonly Cell[] {
  const header = table.children[0];
  const start = header === undefined ? table.start : nextLine(document.text, header.end);
  const prefix = linePrefix(document.text, table.start).length;
  return cellsOf(document.text, start + prefix, lineEnd(document.text, start));
}

function insertAfter(document: MdDocument, row: Row, values: readonly string[]): TextSplice[] {
  const { text } = document;
  const columns = row.table.children[0]?.children.length ?? 0;
  if (values.length > columns) {
    throw new BatonError('EDIT_INVALID', `expected at most ${columns} cells, found ${values.length}`);
  }
  const rows = rowsOf(document, row.table);
  const next = rows[row.index + 1];
  const wanted = values.map((value) => escapeCell(value.trim()));
  if (next !== undefined && wanted.every((value, column) => next.cells[column]?.text === value)) return [];
  const source = text.slice(row.node.start, row.node.end);
  const widths = ruler(document, row.table);
  const cells = Array.from({ length: columns }, (_, column) => {
    const model = row.cells[column] ?? { start: 0, end: 0, text: '', raw: '  ' };
    const others = rows.flatMap((other) => other.cells[column] ?? []);
    return alignCell(model, wanted[column] ?? '', widths[column], others);
  });
  const line = `${source.startsWith('|') ? '|' : ''}${cells.join('|')}${/(?<!\\)\|\s*$/.test(source) ? '|' : ''}`;
  const at = lineEnd(text, row.node.end);
  return [
    { start: at, end: at, text: `${lineEndingAt(text, at)}${linePrefix(text, row.node.start)}${line.trimEnd()}` },
  ];
}
