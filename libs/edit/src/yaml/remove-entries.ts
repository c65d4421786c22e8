import { commentOnLine, type Extent, entryAt, extentOf, keepsBlankLines } from './extent.ts';
import { behindBlankLines, blankLinesAbove, isFirstOnLine, lineEnd, lineStart } from './lines.ts';
import type { TextEdit } from './text-edits.ts';
import type { YamlEntry, YamlNode } from './yaml-tree.ts';

/**
 * Takes entries out, each with the comment above it and the one on its line (which stay with `keepComment`). A collection that loses
 * all of them is written `[]` or `{}`: the key stays, because a key without a value would be another value than an empty one.
 */
export function removeEntries(
  text: string,
  collection: YamlNode,
  indexes: ReadonlySet<number>,
  keepComment: boolean,
): TextEdit[] {
  if (indexes.size === 0) return [];
  if (collection.style === 'flow') return removeFlow(text, collection, indexes, keepComment);
  if (indexes.size === collection.entries.length) return emptyBlock(text, collection, keepComment);
  const edits: TextEdit[] = [];
  let leads = true;
  for (let index = 0; index < collection.entries.length; index += 1) {
    if (!indexes.has(index)) leads = false;
    else edits.push(...removeBlock(text, collection, index, { leads, keepComment }));
  }
  return joined(edits);
}

/** @param leads no entry before it stays */
function removeBlock(
  text: string,
  collection: YamlNode,
  index: number,
  { leads, keepComment }: { leads: boolean; keepComment: boolean },
): TextEdit[] {
  const entry = entryAt(collection, index);
  const extent = extentOf(text, collection, index);
  const start = lineStart(text, entry.start);
  if (extent.compact || (leads && !isFirstOnLine(text, entryAt(collection, 0).start))) {
    const from = extent.compact || keepComment ? entry.start : upToNextWord(text, extent.lead);
    return [cut(from, keptComment(text, entry, keepComment) ?? upToNextWord(text, extent.next))];
  }
  const kept = keptComment(text, entry, keepComment);
  if (kept !== undefined) return [cut(entry.start, kept)];
  const lead = keepComment ? start : extent.lead;
  if (leads) return [cut(lead, behindBlankLines(text, extent.next))];
  const before = extentOf(text, collection, index - 1).next;
  if (keepsBlankLines(text, entryAt(collection, index - 1))) return [cut(lead, behindBlankLines(text, extent.next))];
  const last = index === collection.entries.length - 1;
  const gapBelow = last || behindBlankLines(text, extent.next) > extent.next;
  const above = gapBelow ? (blankLinesAbove(text, lead, before)[0] ?? lead) : lead;
  return [withoutLastEnding(text, cut(above, extent.next))];
}

function emptyBlock(text: string, collection: YamlNode, keepComment: boolean): TextEdit[] {
  const nothing = collection.kind === 'seq' ? '[]' : '{}';
  const first = entryAt(collection, 0);
  const extents = collection.entries.map((_, index) => extentOf(text, collection, index));
  const inPlace = extents[0]?.compact === true || !hasParent(text, collection);
  const edits: TextEdit[] = [];
  for (const [index, entry] of collection.entries.entries()) {
    const extent = extents[index];
    if (extent === undefined) continue;
    const kept = keptComment(text, entry, keepComment);
    if (index === 0 && inPlace) {
      // The comment on this line may be about the outer item, which stays.
      const stays = keptComment(text, entry, true) !== undefined;
      edits.push({ start: first.start, end: stays ? entry.end : behindComment(text, extent), text: nothing });
    } else if (kept !== undefined) edits.push(cut(entry.start, kept));
    else {
      const next = index === extents.length - 1 ? extent.next : behindBlankLines(text, extent.next);
      edits.push(withoutLastEnding(text, cut(keepComment ? lineStart(text, entry.start) : extent.lead, next)));
    }
  }
  if (!inPlace) edits.push({ start: collection.before, end: collection.before, text: ` ${nothing}` });
  return joined(edits);
}

function removeFlow(
  text: string,
  collection: YamlNode,
  indexes: ReadonlySet<number>,
  keepComment: boolean,
): TextEdit[] {
  const { entries } = collection;
  const inside = text.slice(collection.content, collection.end);
  if (indexes.size === entries.length && !inside.includes('\n')) {
    return [cut(entryAt(collection, 0).start, collection.end - 1)];
  }
  const stays = entries.findLastIndex((_, index) => !indexes.has(index));
  const edits = entries.slice(0, stays + 1).flatMap((entry, index) => {
    if (!indexes.has(index)) return [];
    if (hasOwnLines(text, entry)) return [cutLines(text, collection, index, keepComment)];
    const next = entryAt(collection, index + 1);
    if (!text.slice(entry.end, next.start).includes('\n')) return [cut(entry.start, next.start)];
    return [cut(spaceBefore(text, entry), (entry.comma ?? entry.end - 1) + 1)];
  });
  return [...edits, ...removeTail(text, collection, stays, keepComment)];
}

/** Takes out what is behind the last entry that stays, and the comma that led to it, unless commas close the lines of this list. */
function removeTail(text: string, collection: YamlNode, stays: number, keepComment: boolean): TextEdit[] {
  const tail = collection.entries.slice(stays + 1);
  const last = tail.at(-1);
  const anchor = collection.entries[stays];
  if (last === undefined) return [];
  const ownLines = tail.some((entry) => hasOwnLines(text, entry));
  if (anchor !== undefined && !ownLines && !text.slice(anchor.end, last.end).includes('#')) {
    return [
      last.comma === undefined ? cut(anchor.end, last.end) : cut((anchor.comma ?? anchor.end) + 1, last.comma + 1),
    ];
  }
  const edits = tail.map((entry, index) =>
    hasOwnLines(text, entry)
      ? cutLines(text, collection, stays + 1 + index, keepComment)
      : cut(spaceBefore(text, entry), (entry.comma ?? entry.end - 1) + 1),
  );
  if (anchor?.comma !== undefined && last.comma === undefined) edits.unshift(cut(anchor.comma, anchor.comma + 1));
  return edits;
}

function cutLines(text: string, collection: YamlNode, index: number, keepComment: boolean): TextEdit {
  const entry = entryAt(collection, index);
  const kept = keptComment(text, entry, keepComment);
  if (kept !== undefined) return cut(entry.start, kept);
  const { lead, next } = extentOf(text, collection, index);
  return cut(keepComment ? lineStart(text, entry.start) : lead, next);
}

/** Whether the lines of an entry of a flow collection hold nothing else. */
export function hasOwnLines(text: string, { start, end, comma }: YamlEntry): boolean {
  const behind = comma === undefined ? end : comma + 1;
  return isFirstOnLine(text, start) && /^\s*(?:#|$)/.test(text.slice(behind, lineEnd(text, behind)));
}

function spaceBefore(text: string, { start }: YamlEntry): number {
  if (isFirstOnLine(text, start)) return start;
  let at = start;
  while (text[at - 1] === ' ' || text[at - 1] === '\t') at -= 1;
  return at;
}

function hasParent(text: string, { before, entries }: YamlNode): boolean {
  const first = entries[0]?.start ?? before;
  return before > 0 && before < first && /\S/.test(text[before - 1] ?? '') && !isDocumentStart(text, before);
}

function isDocumentStart(text: string, before: number): boolean {
  return text.slice(lineStart(text, before), before) === '---';
}

function keptComment(text: string, entry: YamlEntry, keepComment: boolean): number | undefined {
  if (!keepComment || text.slice(entry.start, entry.end).includes('\n')) return undefined;
  return commentOnLine(text, entry);
}

/** Behind the last line's text: what `[]` takes the place of. */
function behindComment(text: string, { next }: Extent): number {
  const start = lineStart(text, Math.max(next - 1, 0));
  return next === text.length && !text.endsWith('\n') ? next : lineEnd(text, start);
}

function upToNextWord(text: string, from: number): number {
  const start = behindBlankLines(text, from);
  const line = text.slice(start, lineEnd(text, start));
  return start + line.length - line.trimStart().length;
}

/** What ends at the end of a text without a last line ending takes the ending before it instead. */
function withoutLastEnding(text: string, edit: TextEdit): TextEdit {
  if (edit.end < text.length || text.endsWith('\n') || edit.start === 0) return edit;
  const above = blankLinesAbove(text, edit.start, 0)[0] ?? edit.start;
  if (above === 0) return edit;
  const end = lineEnd(text, lineStart(text, above - 1));
  return { ...edit, start: Math.min(end, edit.start) };
}

function cut(start: number, end: number): TextEdit {
  return { start, end, text: '' };
}

/** The same edits with those that touch made one. */
function joined(edits: readonly TextEdit[]): TextEdit[] {
  const out: TextEdit[] = [];
  for (const edit of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
    const before = out.at(-1);
    if (before !== undefined && edit.start < before.end) {
      before.end = Math.max(before.end, edit.end);
      before.text += edit.text;
    } else out.push({ ...edit });
  }
  return out;
}
