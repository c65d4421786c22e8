import { BatonError } from '@baton/kernel';
import {
  decodeSource,
  lineEnd,
  lineEndingAt,
  lineStart,
  type TextSplice,
  withLineEnding,
} from '../data/source-text.ts';
import type { MdBulletOperation } from '../operations.ts';
import type { Edit } from '../splice.ts';
import { cutLines } from './cut-lines.ts';
import { exactlyOne, exactlyOneVerb, rangeUnder } from './find-section.ts';
import {
  finishMdEdit,
  linePrefix,
  type MdDocument,
  type MdNode,
  parseMarkdown,
  plainText,
  sourceOf,
} from './parse-markdown.ts';

/** A list item, its list and where it is in it. */
interface Bullet {
  item: MdNode;
  list: MdNode;
  index: number;
}

const MARKER = /^(?:[-+*]|([0-9]{1,9})[.)])(?:[ \t]+|$)/;

/**
 * Edits one list item with what is nested below it; `match` is looked for in the item's own text, not in that of nested lists.
 *
 * New text takes the item's marker and indentation; a marker that it brings along is dropped. Numbers that counted up go on counting.
 *
 * @throws BatonError `EDIT_REFUSED`, `EDIT_INVALID`, `EDIT_NO_MATCH`, `EDIT_AMBIGUOUS`, `EDIT_UNVERIFIED`
 */
export function editMdBullet(bytes: Uint8Array, operation: MdBulletOperation): Edit {
  exactlyOneVerb(operation, ['replace', 'remove', 'before', 'after'], 'md.bullet');
  const document = parseMarkdown(decodeSource(bytes));
  const range = rangeUnder(document, operation.under);
  const bullets = bulletsOf(document.root).filter(({ item }) => item.start >= range.start && item.end <= range.end);
  const found = bullets.filter(({ item }) => holds(document, item, operation.match));
  const { replace, before, after } = operation;
  if (
    replace !== undefined &&
    bullets.filter(({ item }) => contentOf(document, item) === plain(replace)).length === 1
  ) {
    const other = found.filter(({ item }) => contentOf(document, item) !== plain(replace));
    if (other.length === 0) return { splices: [], matches: 1 };
  }
  const what = `one list item with ${JSON.stringify(operation.match)}`;
  const bullet = exactlyOne(document, found, what, ({ item }) => item);
  if (replace !== undefined) return finishMdEdit(document, [replaceBullet(document, bullet, replace)]);
  if (before !== undefined) return finishMdEdit(document, insertBeside(document, bullet, before, 'before'));
  if (after !== undefined) return finishMdEdit(document, insertBeside(document, bullet, after, 'after'));
  return finishMdEdit(document, removeBullet(document, bullet));
}

function bulletsOf(node: MdNode): Bullet[] {
  return node.children.flatMap((child) => [
    ...(node.type === 'list' ? [{ item: child, list: node, index: node.children.indexOf(child) }] : []),
    ...bulletsOf(child),
  ]);
}

function holds(document: MdDocument, item: MdNode, match: string): boolean {
  const own = item.children.filter(({ type }) => type !== 'list');
  const wanted = match.replace(/\s+/g, ' ');
  return [own.map((node) => sourceOf(document, node)), own.map(plainText)].some((texts) =>
    texts.join(' ').replace(/\s+/g, ' ').includes(wanted),
  );
}

function markerOf(document: MdDocument, item: MdNode): { marker: string; number: number | undefined; width: number } {
  const found = MARKER.exec(sourceOf(document, item));
  const marker = found?.[0] ?? '- ';
  const bare = marker.trimEnd();
  // More than four blanks behind a marker are an indented code block; the content begins behind the first.
  const width = marker.length - bare.length > 4 || bare === marker ? bare.length + 1 : marker.length;
  return {
    marker: marker.slice(0, width).padEnd(width),
    number: found?.[1] === undefined ? undefined : Number(found[1]),
    width,
  };
}

/** The text of an item as an operation would say it: without marker and without the indentation that the marker asks for. */
function contentOf(document: MdDocument, item: MdNode): string {
  const { width } = markerOf(document, item);
  const prefix = linePrefix(document.text, item.start) + ' '.repeat(width);
  const [first = '', ...rest] = withLineEnding(sourceOf(document, item), '\n').split('\n');
  return [
    first.slice(width),
    ...rest.map((line) => (line.startsWith(prefix) ? line.slice(prefix.length) : line.replace(/^[>\s]*/, ''))),
  ]
    .join('\n')
    .trim();
}

/** A text as content: without the marker that it may bring along, and without the indentation that this asks for. */
function plain(text: string): string {
  const [first = '', ...rest] = withLineEnding(text, '\n').trim().split('\n');
  const marker = MARKER.exec(first)?.[0] ?? '';
  const blanks = new RegExp(`^ {0,${marker.length}}`);
  return [first.slice(marker.length), ...rest.map((line) => line.replace(blanks, ''))].join('\n');
}

function write(document: MdDocument, item: MdNode, marker: string, added: string): string {
  const prefix = linePrefix(document.text, item.start);
  const [first = '', ...rest] = plain(added).split('\n');
  const below = rest.map((line) => (line === '' ? prefix.trimEnd() : prefix + ' '.repeat(marker.length) + line));
  return [marker + first, ...below].join(lineEndingAt(document.text, item.start));
}

function replaceBullet(document: MdDocument, { item }: Bullet, replacement: string): TextSplice {
  const { marker } = markerOf(document, item);
  if (contentOf(document, item) === plain(replacement)) return { start: item.start, end: item.start, text: '' };
  return { start: item.start, end: item.end, text: write(document, item, marker, replacement) };
}

function insertBeside(
  document: MdDocument,
  { item, list, index }: Bullet,
  added: string,
  side: 'before' | 'after',
): TextSplice[] {
  const { text } = document;
  const neighbour = list.children[side === 'before' ? index - 1 : index + 1];
  if (neighbour !== undefined && contentOf(document, neighbour) === plain(added)) return [];
  const prefix = text.slice(lineStart(text, item.start), item.start);
  if (side === 'before' && /[^>\s]/.test(prefix)) {
    throw new BatonError(
      'EDIT_REFUSED',
      'the list item begins on the line of the one it lies in; nothing can go before it',
    );
  }
  const { marker, number } = markerOf(document, item);
  const counting = countsUp(document, list);
  const own =
    number === undefined
      ? marker
      : marker.replace(/^[0-9]+/, String(counting && side === 'after' ? number + 1 : number));
  const gap = gapBeside(document, list, index, side);
  const written = write(document, item, own, added);
  const at = side === 'before' ? lineStart(text, item.start) : lineEnd(text, item.end);
  const line = side === 'before' ? `${prefix}${written}${gap}` : `${gap}${linePrefix(text, item.start)}${written}`;
  const followers = list.children.slice(side === 'before' ? index : index + 1);
  return [{ start: at, end: at, text: line }, ...(counting ? renumber(document, followers, 1) : [])];
}

function removeBullet(document: MdDocument, { item, list, index }: Bullet): TextSplice[] {
  const { text } = document;
  const followers = list.children.slice(index + 1);
  const [next] = followers;
  const previous = list.children[index - 1];
  const counting = countsUp(document, list) ? renumber(document, followers, -1) : [];
  const from = lineStart(text, item.start);
  const shared = /[^>\s]/.test(text.slice(from, item.start));
  if (next !== undefined) {
    return [
      { start: shared ? item.start : from, end: shared ? next.start : lineStart(text, next.start), text: '' },
      ...counting,
    ];
  }
  if (previous !== undefined) return [{ start: lineEnd(text, previous.end), end: lineEnd(text, item.end), text: '' }];
  return [shared ? { start: item.start, end: item.end, text: '' } : cutLines(text, item.start, item.end)];
}

/** The line endings between an item and its neighbour on the given side, or on the other side, or one. */
function gapBeside({ text }: MdDocument, list: MdNode, index: number, side: 'before' | 'after'): string {
  const first = side === 'before' ? Math.max(0, index - 1) : Math.min(index, Math.max(0, list.children.length - 2));
  const above = list.children[first];
  const below = list.children[first + 1];
  if (above === undefined || below === undefined) return lineEndingAt(text, list.start);
  return text.slice(lineEnd(text, above.end), lineStart(text, below.start));
}

/** Whether an ordered list counts 3, 4, 5; a list that says `1.` everywhere is left so. */
function countsUp(document: MdDocument, list: MdNode): boolean {
  const first = Number(list.fields.start ?? 0);
  return (
    list.fields.ordered === true &&
    list.children.every((item, index) => markerOf(document, item).number === first + index)
  );
}

/** New numbers for items; none when one would become wider and its other lines would have to move. */
function renumber(document: MdDocument, items: readonly MdNode[], by: number): TextSplice[] {
  const splices = items.map((item) => {
    const old = String(markerOf(document, item).number);
    return { item, end: item.start + old.length, text: String(Number(old) + by), same: old };
  });
  const safe = splices.every(
    ({ item, text, same }) => text.length === same.length || !sourceOf(document, item).includes('\n'),
  );
  return safe ? splices.map(({ item, end, text }) => ({ start: item.start, end, text })) : [];
}
