import { blankLinesAbove, columnOf, isFirstOnLine, lineEnd, lineStart, nextLine } from './lines.ts';
import type { YamlEntry, YamlNode } from './yaml-tree.ts';

/** The lines that belong to an entry which has them for itself. */
export interface Extent {
  /** The first line of its comment above, or its own line; of an entry behind a dash, the entry itself. */
  lead: number;
  /** Behind its last line with the ending: its own one, or that of a comment below which is indented deeper than the entry. */
  next: number;
  column: number;
  /** It stands behind the dash (or `?`) of an outer item. */
  compact: boolean;
}

/**
 * The lines of an entry: comment lines directly above it (not deeper than the entry, which would be the end of the entry before),
 * its own, and comments below it that are deeper. The comment at the very top of a file is the file's own, not the first key's.
 */
export function extentOf(text: string, collection: YamlNode, index: number): Extent {
  const entry = entryAt(collection, index);
  const column = columnOf(text, entry.start);
  const compact = !isFirstOnLine(text, entry.start);
  const before = collection.entries[index - 1];
  const floor = before === undefined ? collection.before : (before.comma ?? before.end);
  const last = lineStart(text, lastPlace(entry));
  const ceiling = collection.entries[index + 1]?.start ?? text.length;
  return {
    lead: compact ? entry.start : commentsAbove(text, lineStart(text, entry.start), { floor, column }),
    next: deeperCommentsBelow(text, nextLine(text, last), { ceiling, column }),
    column,
    compact,
  };
}

/** The comment on the last line of an entry: where it begins, or nothing. */
export function commentOnLine(text: string, entry: YamlEntry): number | undefined {
  const at = lastPlace(entry);
  const rest = text.slice(at, lineEnd(text, at));
  const blank = rest.length - rest.trimStart().length;
  return rest[blank] === '#' ? at + blank : undefined;
}

/** How many blank lines stand between all entries; 0 when between some there is none. */
export function usualGap(text: string, collection: YamlNode): number {
  let gap: number | undefined;
  for (let index = 1; index < collection.entries.length; index += 1) {
    const { next } = extentOf(text, collection, index - 1);
    const { lead } = extentOf(text, collection, index);
    gap = Math.min(gap ?? Number.POSITIVE_INFINITY, blankLinesAbove(text, lead, next).length);
  }
  return gap ?? 0;
}

/** Whether an entry ends with a block scalar that keeps the blank lines behind it (`|+`): they are its text. */
export function keepsBlankLines(text: string, { value }: YamlEntry): boolean {
  if (value.header !== undefined) return text.slice(value.content, value.header).includes('+');
  const last = value.style === 'block' ? value.entries.at(-1) : undefined;
  return last !== undefined && keepsBlankLines(text, last);
}

/** Whether comments below an entry are deeper than it: a block scalar in front of them would swallow them. */
export function hasDeeperComments(text: string, collection: YamlNode, index: number): boolean {
  const { next } = extentOf(text, collection, index);
  return next > nextLine(text, lineStart(text, lastPlace(entryAt(collection, index))));
}

/** The entry at an index that is known to be there. */
export function entryAt(collection: YamlNode, index: number): YamlEntry {
  const entry = collection.entries[index];
  if (entry === undefined) throw new RangeError(`a collection of ${collection.entries.length} has no entry ${index}`);
  return entry;
}

/** Behind the last character of an entry, its comma included. */
function lastPlace({ comma, end }: YamlEntry): number {
  return comma === undefined ? end : comma + 1;
}

function commentsAbove(text: string, start: number, { floor, column }: { floor: number; column: number }): number {
  let lead = start;
  while (lead > floor) {
    const above = lineStart(text, lead - 1);
    // The line of what stands before is not a line of comments, wherever it ends.
    if (above < floor || above >= lead) break;
    const line = text.slice(above, lead);
    const indent = line.length - line.trimStart().length;
    if (line[indent] !== '#' || indent > column) break;
    lead = above;
  }
  return lead === 0 ? start : lead;
}

function deeperCommentsBelow(
  text: string,
  start: number,
  { ceiling, column }: { ceiling: number; column: number },
): number {
  let next = start;
  for (let at = start; at < ceiling; ) {
    const behind = nextLine(text, at);
    const line = text.slice(at, behind);
    const indent = line.length - line.trimStart().length;
    if (line.trim() !== '') {
      if (line[indent] !== '#' || indent <= column) break;
      next = behind;
    }
    if (behind === at) break;
    at = behind;
  }
  return next;
}
