import { commentOnLine, extentOf } from './extent.ts';
import type { NewEntry } from './insert-entries.ts';
import { columnOf, lineEnd, lineStart, nextLine } from './lines.ts';
import { behindDash, printKey, shift } from './print-value.ts';
import type { YamlHand } from './style.ts';
import type { YamlEntry, YamlNode } from './yaml-tree.ts';

/** An entry of a source file. */
export interface CarrySource {
  text: string;
  collection: YamlNode;
  entry: YamlEntry;
  index: number;
}

/**
 * The text of an entry, verbatim with its comments, as lines from the column of its key or dash on. `key` asks for a pair, no key for an
 * item; where the source is the other kind, only what stands behind the key or dash is carried.
 */
export function carriedEntry(source: CarrySource, key: string | undefined, hand: YamlHand): NewEntry {
  const { text, collection, entry } = source;
  const flow = flowText(source, key, hand);
  const lead = collection.style === 'flow' ? [] : leadLines(source);
  const inBlock = collection.style === 'block';
  const samePair = key !== undefined && entry.key !== undefined && inBlock;
  const sameItem = key === undefined && entry.key === undefined && inBlock;
  let lines: string[];
  if (samePair && entry.key !== undefined) {
    const name =
      String(entry.key.value) === key ? text.slice(entry.key.content, entry.key.end) : printKey(key, { hand });
    lines = dedented(source, entry.start, (raw, start) => {
      const [from, to] = [(entry.key?.content ?? start) - start, (entry.key?.end ?? start) - start];
      return `${raw.slice(0, from)}${name}${raw.slice(to)}`;
    });
  } else if (sameItem) {
    lines = dedented(source, entry.start);
  } else {
    lines = underOther(source, key === undefined ? undefined : printKey(key, { hand }), hand);
  }
  const comment = [...lead, ...(inBlock ? commentBehind(text, entry) : [])];
  return {
    lines: [...lead, ...lines],
    ...(flow === undefined ? {} : { flow }),
    ...(comment.length === 0 ? {} : { comment }),
  };
}

/** The lines from `start` to the end of the entry, as far to the left as the entry was to the right. */
function dedented(
  { text, collection, index }: CarrySource,
  start: number,
  change: (raw: string, start: number) => string = (raw) => raw,
): string[] {
  const { next, column } = extentOf(text, collection, index);
  return toTheLeft(change(text.slice(start, next), start), column);
}

function toTheLeft(raw: string, column: number): string[] {
  const [first = '', ...rest] = raw.replace(/\r?\n$/, '').split(/\r?\n/);
  return [first, ...rest.map((line) => (line.trim() === '' ? line.slice(column) : shift([line], -column).join('')))];
}

function commentBehind(text: string, entry: YamlEntry): string[] {
  const start = commentOnLine(text, entry);
  return start === undefined ? [] : [text.slice(start, lineEnd(text, start)).trim()];
}

function leadLines({ text, collection, entry, index }: CarrySource): string[] {
  const { lead, compact } = extentOf(text, collection, index);
  if (compact) return [];
  const raw = text.slice(lead, lineStart(text, entry.start));
  return raw === ''
    ? []
    : raw
        .replace(/\r?\n$/, '')
        .split(/\r?\n/)
        .map((line) => line.trim());
}

/** What stands behind a key goes behind a dash, or the other way round. */
function underOther(source: CarrySource, key: string | undefined, hand: YamlHand): string[] {
  const { text, collection, entry, index } = source;
  const { value } = entry;
  const before = key === undefined ? '-' : `${key}:`;
  if (collection.style === 'flow') {
    const column = columnOf(text, entry.start);
    const [first, ...rest] = toTheLeft(text.slice(value.start, value.end), column);
    return [`${before} ${first}`.trimEnd(), ...shift(rest, 2)];
  }
  const [child] = value.entries;
  if (value.style !== 'block' || child === undefined) {
    if (value.start === value.end) return [`${before}${text.slice(value.end, lineEnd(text, value.end))}`.trimEnd()];
    const [first, ...rest] = dedented(source, value.start);
    return [`${before} ${first}`, ...rest];
  }
  const inner = extentOf(text, value, 0);
  const { next } = extentOf(text, collection, index);
  const start = inner.compact ? child.start : nextLine(text, value.before);
  const body = toTheLeft(`${inner.compact ? ' '.repeat(inner.column) : ''}${text.slice(start, next)}`, inner.column);
  const straight = [shift([body[0] ?? ''], -inner.column).join(''), ...body.slice(1)];
  const props = text.slice(value.start, value.before).trim();
  const comment = inner.compact ? '' : text.slice(value.before, lineEnd(text, value.before)).trim();
  const above = comment === '' ? [] : [comment];
  if (key !== undefined) {
    const step = value.kind === 'seq' ? hand.dash : hand.step;
    return [...above, [before, props].filter((word) => word !== '').join(' '), ...shift(straight, step)];
  }
  if (props !== '') return [...above, `${before} ${props}`, ...shift(straight, 2)];
  return [...above, ...behindDash({ head: '', body: shift(straight, 2) }, 2)];
}

/** The entry for brackets or braces; nothing for what cannot stand there as it is. */
function flowText({ text, entry }: CarrySource, key: string | undefined, hand: YamlHand): string | undefined {
  const { value } = entry;
  const raw = text.slice(value.start, value.end);
  const bare = value.style === 'plain' && /[,[\]{}]/.test(raw);
  const block = value.style === 'block' || value.header !== undefined;
  if (raw === '' || raw.includes('\n') || bare || block) return undefined;
  return key === undefined ? raw : `${printKey(key, { hand, flow: true })}: ${raw}`;
}
