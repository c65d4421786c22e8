import type { Splice } from '../splice.ts';

const FEED = 10;
const BLANK = 32;
const DASH = 45;

/**
 * Makes one insertion of several at the same place of a block document: the end of a list and the end of the mapping that holds it
 * are one place. What is deeper goes first, because the shallower text ends the collection that the deeper one belongs to; an item
 * goes before a key of the same column, which a list may share with its key. Insertions of one depth stay apart: they have no order.
 */
export function joinYamlInsertions(bytes: Uint8Array, splices: readonly Splice[]): Splice[] {
  const groups = new Map<number, Splice[]>();
  for (const splice of splices) {
    if (splice.start !== splice.end || !takesLines(bytes, splice)) continue;
    const group = groups.get(splice.start);
    if (group === undefined) groups.set(splice.start, [splice]);
    else group.push(splice);
  }
  const joined = new Map<Splice, Splice | undefined>();
  for (const group of groups.values()) {
    const sorted = [...group].sort((a, b) => depthOf(b) - depthOf(a));
    const [first, ...others] = sorted;
    if (first === undefined || others.length === 0) continue;
    if (new Set(sorted.map(depthOf)).size < sorted.length) continue;
    joined.set(first, { ...first, bytes: Buffer.concat(sorted.map((splice) => splice.bytes)) });
    for (const other of others) joined.set(other, undefined);
  }
  return splices.flatMap((splice) => (joined.has(splice) ? (joined.get(splice) ?? []) : [splice]));
}

// Whole lines: at the begin of a line, or behind a last line without an end.
function takesLines(bytes: Uint8Array, { start, bytes: text }: Splice): boolean {
  if (start === 0 || bytes[start - 1] === FEED) return text.at(-1) === FEED;
  return start === bytes.byteLength && (text[0] === FEED || text[1] === FEED);
}

/** The column of the first line that has something, a half more for an item. */
function depthOf({ bytes }: Splice): number {
  let start = 0;
  for (let at = 0; at < bytes.byteLength; at += 1) {
    if (bytes[at] === FEED) start = at + 1;
    else if ((bytes[at] ?? BLANK) > BLANK) return at - start + (bytes[at] === DASH ? 0.5 : 0);
  }
  return 0;
}
