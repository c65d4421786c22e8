import type { Value } from '../operations.ts';
import { extentOf, hasDeeperComments } from './extent.ts';
import { columnOf, isFirstOnLine, lineEnd, nextLine } from './lines.ts';
import type { Found } from './place.ts';
import type { Quotes } from './print-scalar.ts';
import { printBlock, printFlow, shift, type Written } from './print-value.ts';
import { hasValue, isList, type Shape, valueShape } from './shape.ts';
import { endingAt, type YamlHand } from './style.ts';
import type { TextEdit } from './text-edits.ts';
import type { YamlEntry, YamlNode } from './yaml-tree.ts';

interface Span {
  start: number;
  end: number;
}

/**
 * Writes another value into the place of a node: text in the quotes that were there, a list or mapping in the brackets or on the lines
 * that were there. An anchor stays (others name it), a tag goes (it was the old value's).
 */
export function setValue(text: string, found: Found, value: Value, hand: YamlHand): TextEdit[] {
  const { node } = found;
  if (hasValue(node, value)) return [];
  if (isInFlow(found)) return setFlow(text, found, value, hand);
  const quotes = quotesOf(node);
  if (isFilled(value) && node.style === 'flow' && (node.entries.length > 0 || (isList(value) && hand.flowLists))) {
    return writeValue(text, found, { head: printFlow(value, { hand: padOf(text, node, hand) }), body: [] }, hand);
  }
  const wish = { hand, oneLine: isAboveComments(text, found), ...(quotes === undefined ? {} : { quotes }) };
  return writeValue(text, found, printBlock(value, wish, { dash: 0, step: 0 }), hand);
}

/** What a node means after `setValue`. */
export function setShape(node: YamlNode, value: Value): (shape: Shape) => Shape {
  return (shape) => {
    if (hasValue(node, value)) return shape;
    return { ...valueShape(value), ...(shape.anchor === undefined ? {} : { anchor: shape.anchor }) };
  };
}

/** Puts a written value, its body from column 0 on, into the place of a node that is not in brackets. */
export function writeValue(text: string, found: Found, { head, body }: Written, hand: YamlHand): TextEdit[] {
  const { node, holder } = found;
  const words = [node.anchor === undefined ? '' : `&${node.anchor}`, head].filter((word) => word !== '');
  const ending = endingAt(text, node.before);
  if (holder === undefined) return writeRoot(text, node, [...words, ...body], ending);
  const { entry, collection } = holder;
  const isDashes = head === '' && body.find((line) => !line.startsWith('#'))?.startsWith('-') === true;
  const onLines = hasOwnLines(text, node);
  // A collection behind a dash begins on the line of the dash.
  const compact = words.length === 0 && collection.kind === 'seq' && !onLines && body.length > 0;
  const column = compact ? dashColumn(text, node, entry) : bodyColumn(text, found, isDashes, hand);
  const [first = '', ...rest] = body;
  const spans = spansOf(text, node, entry.mark ?? node.before);
  const below = shift(compact ? rest : body, column);
  return replaced(text, spans, compact ? first : words.join(' '), below.map((line) => `${ending}${line}`).join(''));
}

/** Whether a node stands in brackets or braces. */
export function isInFlow({ holder }: Found): boolean {
  return holder?.collection.style === 'flow';
}

/** Whether a value is a list or mapping that holds something. */
export function isFilled(value: Value): boolean {
  return value !== null && typeof value === 'object' && Object.keys(value).length > 0;
}

/** The habits of a file with the blanks inside the brackets of one node. */
export function padOf(text: string, node: YamlNode, hand: YamlHand): YamlHand {
  if (node.style !== 'flow') return hand;
  const padded = /[ \t]/.test(text[node.content + 1] ?? '');
  return node.kind === 'map' ? { ...hand, padMaps: padded } : { ...hand, padLists: padded };
}

function isAboveComments(text: string, { holder }: Found): boolean {
  return holder !== undefined && hasDeeperComments(text, holder.collection, holder.index);
}

function replaced(text: string, { head, body }: { head: Span; body: Span }, word: string, lines: string): TextEdit[] {
  // Without a word the blank behind the key goes too.
  const start = word === '' ? text.slice(0, head.start).trimEnd().length : head.start;
  const blank = word === '' || /\s/.test(text[head.start - 1] ?? ' ') ? '' : ' ';
  const edit = { start, end: head.end, text: `${blank}${word}` };
  return body.start === body.end && lines === '' ? [edit] : [edit, { ...body, text: lines }];
}

/** The two parts of a node's text: behind the key or dash up to a comment, and the lines below. */
function spansOf(text: string, node: YamlNode, mark: number): { head: Span; body: Span } {
  if (node.header !== undefined) {
    const line = lineEnd(text, node.header);
    return { head: { start: node.start, end: node.header }, body: { start: line, end: Math.max(line, node.end) } };
  }
  if (hasOwnLines(text, node)) {
    const start = node.start < node.before ? node.start : mark;
    return {
      head: { start, end: node.before },
      body: { start: lineEnd(text, node.before), end: blockEnd(text, node) },
    };
  }
  const end = node.style === 'block' && node.entries.length > 0 ? blockEnd(text, node) : node.end;
  const line = lineEnd(text, end);
  return { head: { start: node.start === node.end ? mark : node.start, end }, body: { start: line, end: line } };
}

/** Whether a node is a block collection below the line of its key or dash. */
function hasOwnLines(text: string, node: YamlNode): boolean {
  const [first] = node.entries;
  return node.style === 'block' && first !== undefined && isFirstOnLine(text, first.start);
}

/** Before the last line ending of a block collection, with the comments that belong to its last entry. */
function blockEnd(text: string, node: YamlNode): number {
  const { next } = extentOf(text, node, node.entries.length - 1);
  if (text[next - 1] !== '\n') return next;
  return text[next - 2] === '\r' ? next - 2 : next - 1;
}

function bodyColumn(text: string, { node, holder }: Found, isDashes: boolean, hand: YamlHand): number {
  const [first] = node.entries;
  if (first !== undefined && hasOwnLines(text, node) && (node.kind === 'seq') === isDashes) {
    return columnOf(text, first.start);
  }
  if (node.header !== undefined && !isDashes) {
    const lines = text.slice(nextLine(text, node.header), node.end).split('\n');
    const line = lines.find((one) => one.trim() !== '');
    if (line !== undefined) return line.length - line.trimStart().length;
  }
  const own = columnOf(text, holder?.entry.start ?? node.before);
  if (holder?.collection.kind === 'seq') return own + 2;
  return own + (isDashes ? hand.dash : hand.step);
}

function dashColumn(text: string, { start, end }: YamlNode, entry: YamlEntry): number {
  const sameLine = start < end && !text.slice(entry.start, start).includes('\n');
  return sameLine ? columnOf(text, start) : columnOf(text, entry.start) + 2;
}

function writeRoot(text: string, node: YamlNode, lines: readonly string[], ending: string): TextEdit[] {
  const written = lines.join(ending);
  if (node.start < node.end) return [{ start: node.start, end: node.end, text: written }];
  // An empty document may hold comments; what is new stands behind them.
  const rest = /^(?:[ \t]*(?:#.*)?(?:\r?\n|$))*/.exec(text.slice(node.before))?.[0] ?? '';
  const at = node.before + rest.length;
  const open = at > 0 && text[at - 1] !== '\n';
  return [{ start: at, end: at, text: open ? `${ending}${written}` : `${written}${ending}` }];
}

function setFlow(text: string, { node, holder }: Found, value: Value, hand: YamlHand): TextEdit[] {
  const quotes = quotesOf(node);
  const wish = { hand: padOf(text, node, hand), flow: true, ...(quotes === undefined ? {} : { quotes }) };
  const written = `${node.anchor === undefined ? '' : `&${node.anchor} `}${printFlow(value, wish)}`;
  if (node.start < node.end) return [{ start: node.start, end: node.end, text: written }];
  const mark = holder?.entry.mark;
  const at = mark ?? node.before;
  return [{ start: at, end: at, text: `${mark === undefined ? ':' : ''} ${written}` }];
}

function quotesOf({ style }: YamlNode): Quotes | undefined {
  return style === 'single' || style === 'double' ? style : undefined;
}
