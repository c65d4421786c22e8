import { entryAt, extentOf, keepsBlankLines, usualGap } from './extent.ts';
import { columnOf } from './lines.ts';
import { shift } from './print-value.ts';
import { hasOwnLines } from './remove-entries.ts';
import { endingAt } from './style.ts';
import type { TextEdit } from './text-edits.ts';
import type { YamlNode } from './yaml-tree.ts';

/** A new entry as it is written. */
export interface NewEntry {
  /** In block context: its lines with its comment, from the column of the dash or key on. */
  lines: readonly string[];
  /** In brackets or braces; absent for what only fits on lines of its own. */
  flow?: string;
  /** Its comment in brackets, lines with their `#`: there is only room for it where entries have lines of their own. */
  comment?: readonly string[];
}

/** Between which entries of a collection that has some. */
export type Gap = { before: number } | { after: number };

/**
 * Puts entries into a collection that is not empty: with the indentation, the line ending and, where all entries have blank lines
 * between them, the blank lines of their neighbours.
 *
 * @returns the edits; nothing where a collection in brackets cannot hold the entries
 */
export function insertEntries(
  text: string,
  collection: YamlNode,
  gap: Gap,
  entries: readonly NewEntry[],
): TextEdit[] | undefined {
  if (entries.length === 0) return [];
  return collection.style === 'flow'
    ? insertFlow(text, collection, gap, entries)
    : [insertBlock(text, collection, gap, entries)];
}

function insertBlock(text: string, collection: YamlNode, gap: Gap, entries: readonly NewEntry[]): TextEdit {
  const column = columnOf(text, entryAt(collection, 0).start);
  const blank = Array.from({ length: usualGap(text, collection) }, () => '');
  const blocks = entries.map(({ lines }) => shift(lines, column));
  if ('before' in gap) {
    const { lead, compact } = extentOf(text, collection, gap.before);
    const lines = blocks.flatMap((block) => [...block, ...blank]);
    const ending = endingAt(text, lead);
    const added = `${lines.join(ending)}${ending}`;
    return insertion(lead, compact ? `${added.trimStart()}${' '.repeat(column)}` : added);
  }
  const { next } = extentOf(text, collection, gap.after);
  const above = keepsBlankLines(text, entryAt(collection, gap.after)) ? [] : blank;
  const lines = blocks.flatMap((block, index) => [...(index === 0 ? above : blank), ...block]);
  const ending = endingAt(text, Math.max(next - 1, 0));
  const open = next === text.length && !text.endsWith('\n');
  return insertion(next, open ? `${ending}${lines.join(ending)}` : `${lines.join(ending)}${ending}`);
}

function insertFlow(
  text: string,
  collection: YamlNode,
  gap: Gap,
  entries: readonly NewEntry[],
): TextEdit[] | undefined {
  const index = 'before' in gap ? gap.before : gap.after;
  const neighbour = entryAt(collection, index);
  const texts = entries.map(({ flow }) => flow).filter((flow) => flow !== undefined);
  if (texts.length < entries.length) return undefined;
  if (!hasOwnLines(text, neighbour)) {
    if (entries.some(({ comment }) => comment !== undefined)) return undefined;
    const [first, second] = collection.entries;
    const blank = first?.comma === undefined || second === undefined ? ' ' : text.slice(first.comma + 1, second.start);
    const separator = /^[ \t]*$/.test(blank) ? `,${blank}` : ', ';
    if ('before' in gap) return [insertion(neighbour.start, texts.map((flow) => `${flow}${separator}`).join(''))];
    return [insertion(neighbour.end, texts.map((flow) => `${separator}${flow}`).join(''))];
  }
  const { lead, next, column } = extentOf(text, collection, index);
  const ending = endingAt(text, lead);
  const open = 'after' in gap && neighbour.comma === undefined;
  const lines = entries.flatMap(({ comment, flow }, at) => {
    const comma = open && at === entries.length - 1 ? '' : ',';
    return shift([...(comment ?? []), `${flow}${comma}`], column);
  });
  const added = insertion('before' in gap ? lead : next, `${lines.join(ending)}${ending}`);
  return open ? [insertion(neighbour.end, ','), added] : [added];
}

/** The comment of an entry as lines with their `#`. */
export function commentLines(comment: string): string[] {
  return comment.split('\n').map((line) => (line.trim() === '' ? '#' : `# ${line.trim()}`.replace(/^# #/, '#')));
}

/** The entry with a comment: behind its text when both are one line, else above it. */
export function withComment(entry: NewEntry, comment: string | undefined): NewEntry {
  if (comment === undefined) return entry;
  const above = commentLines(comment);
  const short = above.length === 1 && entry.lines.length === 1;
  return { ...entry, lines: short ? [`${entry.lines[0]} ${above[0]}`] : [...above, ...entry.lines], comment: above };
}

function insertion(at: number, text: string): TextEdit {
  return { start: at, end: at, text };
}
