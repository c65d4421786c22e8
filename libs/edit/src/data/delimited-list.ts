import { indentAt, lineEnd, lineEndingAt, lineStart, nextLine, type TextSplice } from './source-text.ts';

/** One item of a bracketed list: an element, or a key with its value. */
export interface ListItem {
  start: number;
  end: number;
  /** Where the comma behind it is; undefined when there is none. */
  comma?: number | undefined;
}

/** A list in brackets with commas, as the text has it: an array or object of JSON, an array or inline table of TOML. */
export interface DelimitedList {
  /** The offset behind the opening bracket. */
  open: number;
  /** The offset of the closing bracket. */
  close: number;
  items: readonly ListItem[];
  /** The comments of the document, in order. */
  comments: readonly { start: number; end: number }[];
}

/** What new items look like where the list itself does not show it. */
export interface ListStyle {
  /** Between a comma and the next item on one line. */
  gap: string;
  /** One step of indentation. */
  unit: string;
  /** Whether the last item of a list over several lines has a comma behind it. */
  trailingComma: boolean;
}

/** Writes an item; on a line of its own it begins at `indent`, otherwise it stands between others. */
export type RenderItem = (indent: string | undefined) => string;

/**
 * Removes one item with its comments: those right above it and those behind it on its line. Lines that held nothing else go, commas
 * stay right, and what `insertItem` put in is taken out to the byte.
 */
export function removeItem(text: string, list: DelimitedList, index: number): TextSplice[] {
  const item = itemAt(list, index);
  const lead = leadOf(text, list, index);
  const trail = trailOf(text, list, index);
  const previous = list.items[index - 1];
  const next = list.items[index + 1];
  const contentBefore = list.open + text.slice(list.open, lead).trimEnd().length;
  const own = ownLines(text, list, index);
  if (own && item.comma !== undefined) {
    return [{ start: lineStart(text, lead), end: nextLine(text, trail), text: '' }];
  }
  if (next === undefined && item.comma === undefined) {
    if (previous?.comma === undefined) return [removeOnly(text, contentBefore, lead, trail, own)];
    const comma = { start: previous.comma, end: previous.comma + 1, text: '' };
    if (text.slice(lineStart(text, comma.start), comma.start).trim() === '') {
      // The comma begins the item's own line and goes with it.
      return [{ start: text.slice(0, comma.start).trimEnd().length, end: trail, text: '' }];
    }
    return [comma, { start: behindBlanks(text, Math.max(contentBefore, comma.end), own), end: trail, text: '' }];
  }
  const behind = (item.comma ?? item.end) + 1;
  if (next === undefined) {
    if (previous === undefined) return [removeOnly(text, contentBefore, lead, Math.max(behind, trail), own)];
    return [{ start: contentBefore, end: Math.max(behind, trail), text: '' }];
  }
  const sharesLine = previous !== undefined && lineStart(text, previous.end) === lineStart(text, item.start);
  const nextBelow = lineStart(text, next.start) !== lineStart(text, item.end);
  if (sharesLine && nextBelow) return [{ start: contentBefore, end: Math.max(behind, trail), text: '' }];
  const rest = Math.max(behind, trail);
  return [{ start: lead, end: rest + (/^\s*/.exec(text.slice(rest, next.start))?.[0].length ?? 0), text: '' }];
}

/** Blanks at the end of the line above stay with that line. */
function behindBlanks(text: string, start: number, own: boolean): number {
  return own ? start + (/^[ \t]*(?=\r?\n)/.exec(text.slice(start))?.[0].length ?? 0) : start;
}

function removeOnly(text: string, contentBefore: number, lead: number, end: number, own: boolean): TextSplice {
  if (own) return { start: contentBefore, end, text: '' };
  const padded = /[ \t]/.test(text[lead - 1] ?? '');
  const blanks = padded ? (/^[ \t]*/.exec(text.slice(end))?.[0].length ?? 0) : 0;
  return { start: lead, end: end + blanks, text: '' };
}

/**
 * Puts an item at `index`, next to the one `beside`: behind its neighbour above, or before its neighbour below. Line breaks,
 * indentation, spaces and trailing commas follow the neighbour.
 */
export function insertItem(
  text: string,
  list: DelimitedList,
  index: number,
  beside: 'before' | 'after',
  render: RenderItem,
  style: ListStyle,
): TextSplice[] {
  if (list.items.length === 0) return insertOnly(text, list, render, style);
  const below = list.items[index];
  if (below !== undefined && (beside === 'before' || index === 0)) {
    const lead = leadOf(text, list, index);
    if (ownLines(text, list, index)) {
      const indent = indentAt(text, lead);
      const line = `${indent}${render(indent)},${lineEndingAt(text, below.start)}`;
      return [{ start: lineStart(text, lead), end: lineStart(text, lead), text: line }];
    }
    if (index === 0) return [{ start: lead, end: lead, text: `${render(undefined)}${separator(text, list, style)}` }];
  }
  return insertBehind(text, list, Math.max(0, index - 1), render, style);
}

function insertBehind(text: string, list: DelimitedList, index: number, render: RenderItem, style: ListStyle) {
  const above = itemAt(list, index);
  const last = index === list.items.length - 1;
  if (ownLines(text, list, index)) {
    const indent = indentAt(text, leadOf(text, list, index));
    const trail = lineEnd(text, trailOf(text, list, index));
    const line = `${lineEndingAt(text, nextLine(text, trail))}${indent}${render(indent)}`;
    if (above.comma !== undefined) return [{ start: trail, end: trail, text: `${line},` }];
    return insertions([above.end, ','], [trail, line]);
  }
  const leading = leadingComma(text, list);
  if (leading !== undefined) {
    const trail = Math.max(above.end, trailBeforeComma(text, list, index));
    return [
      { start: trail, end: trail, text: `${lineEndingAt(text, leading.at)}${leading.prefix}${render(undefined)}` },
    ];
  }
  if (above.comma === undefined) {
    return [
      { start: above.end, end: above.end, text: `,${gapBehind(text, list, index - 1, style)}${render(undefined)}` },
    ];
  }
  const beforeComma = text.slice(above.end, above.comma);
  const pad = beforeComma.trim() === '' && !beforeComma.includes('\n') ? beforeComma : '';
  const item = `${gapBehind(text, list, last ? index - 1 : index, style)}${render(undefined)}${pad},`;
  return [{ start: above.comma + 1, end: above.comma + 1, text: item }];
}

function insertions(...parts: readonly [position: number, text: string][]): TextSplice[] {
  const joined = new Map<number, string>();
  for (const [position, text] of parts) joined.set(position, `${joined.get(position) ?? ''}${text}`);
  return [...joined].map(([position, text]) => ({ start: position, end: position, text }));
}

function insertOnly(text: string, list: DelimitedList, render: RenderItem, style: ListStyle): TextSplice[] {
  const inner = text.slice(list.open, list.close);
  if (!inner.includes('\n')) {
    const at = inner.trim() === '' ? list.close : list.open;
    return [{ start: at, end: at, text: `${render(undefined)}${at === list.close ? inner : ' '}` }];
  }
  let at = list.open + (inner.split('\n')[0] ?? '').trimEnd().length;
  for (const comment of list.comments) if (comment.start < at && comment.end > at) at = comment.end;
  const comment = list.comments.find(({ start }) => start >= at && start < list.close);
  const below = comment !== undefined && lineStart(text, comment.start) > at;
  const indent = below ? indentAt(text, comment.start) : indentAt(text, list.close) + style.unit;
  const line = `${lineEndingAt(text, list.close)}${indent}${render(indent)}${style.trailingComma ? ',' : ''}`;
  return [{ start: at, end: at, text: line }];
}

/** Whether an item with its comments and comma has its lines for itself. */
export function ownLines(text: string, list: DelimitedList, index: number): boolean {
  const item = itemAt(list, index);
  const lead = leadOf(text, list, index);
  const trail = trailOf(text, list, index);
  const before = text.slice(lineStart(text, lead), lead);
  const after = text.slice(trail, lineEnd(text, trail));
  return before.trim() === '' && after.trim() === '' && (item.comma === undefined || item.comma < trail);
}

/** Where an item begins with the comments right above it. */
function leadOf(text: string, list: DelimitedList, index: number): number {
  const item = itemAt(list, index);
  const previous = list.items[index - 1];
  const boundary = previous === undefined ? list.open : (previous.comma ?? previous.end) + 1;
  const previousEnd = previous === undefined ? list.open : previous.end;
  const ownLine = lineStart(text, item.start);
  let lead = item.start;
  for (const comment of commentsIn(list, boundary, item.start).reverse()) {
    const between = text.slice(comment.end, lead);
    if (between.trim() !== '' || between.split('\n').length > 2) break;
    // A comment behind the item above, on its line, belongs to that one.
    const behindPrevious = lineStart(text, comment.start) === lineStart(text, previousEnd);
    if (behindPrevious && lineStart(text, previousEnd) !== ownLine) break;
    lead = comment.start;
  }
  return lead;
}

/** Where an item ends with its comma and the comments behind it, as far as they begin on its line. */
function trailOf(text: string, list: DelimitedList, index: number): number {
  const item = itemAt(list, index);
  const next = list.items[index + 1];
  const end = lineEnd(text, item.end);
  const comma = item.comma !== undefined && item.comma < end ? item.comma : undefined;
  const nextOnLine = next !== undefined && next.start < end;
  const limit = nextOnLine ? (item.comma ?? item.end) : Math.min(end, list.close);
  const behind = commentsIn(list, item.end, limit, true).at(-1)?.end ?? item.end;
  return Math.max(behind, comma === undefined ? item.end : comma + 1);
}

function trailBeforeComma(text: string, list: DelimitedList, index: number): number {
  const item = itemAt(list, index);
  const limit = Math.min(lineEnd(text, item.end), item.comma ?? list.close);
  return commentsIn(list, item.end, limit, true).at(-1)?.end ?? item.end;
}

function commentsIn(list: DelimitedList, from: number, to: number, startsIn = false) {
  return list.comments.filter(({ start, end }) => start >= from && (startsIn ? start < to : end <= to));
}

/** The place and text of a comma that begins a line before an item (`, "b"`), for lists that are written so. */
function leadingComma(text: string, list: DelimitedList): { at: number; prefix: string } | undefined {
  for (const [index, { comma, end }] of list.items.entries()) {
    const next = list.items[index + 1];
    if (comma === undefined || next === undefined) continue;
    // Looked at first: on a line of many items the line's begin is far away from each.
    if (!text.slice(end, comma).includes('\n')) continue;
    const gap = text.slice(comma + 1, next.start);
    if (text.slice(lineStart(text, comma), comma).trim() !== '' || gap.trim() !== '' || gap.includes('\n')) continue;
    return { at: comma, prefix: text.slice(lineStart(text, comma), next.start) };
  }
  return undefined;
}

function separator(text: string, list: DelimitedList, style: ListStyle): string {
  const leading = leadingComma(text, list);
  if (leading !== undefined) return `${lineEndingAt(text, leading.at)}${leading.prefix}`;
  return `,${gapBehind(text, list, 0, style)}`;
}

/** What stands between the comma of an item and the next one, when that is blanks on one line; else the file's usual. */
function gapBehind(text: string, list: DelimitedList, index: number, style: ListStyle): string {
  const item = list.items[index];
  const next = list.items[index + 1];
  if (item?.comma === undefined || next === undefined) return style.gap;
  const gap = text.slice(item.comma + 1, next.start);
  return /^[ \t]*$/.test(gap) ? gap : style.gap;
}

function itemAt(list: DelimitedList, index: number): ListItem {
  const item = list.items[index];
  if (item === undefined) throw new RangeError(`a list of ${list.items.length} has no item ${index}`);
  return item;
}
