import { displayWidth } from './text-width.ts';
import { visibleBytes } from './visible-bytes.ts';

/** A line of one side, and the index of the byte that matters in it; at its length for what is missing. */
export interface LineAt {
  bytes: Uint8Array;
  at: number;
}

/**
 * Two lines cut to `width` columns so that the bytes that matter stand below each other, and the line with the caret that
 * points at them. Everything is visible: `…` where something was cut, escapes for what is no readable text, `\c` where a side
 * has ended.
 */
export function twoLines(one: LineAt, other: LineAt, width: number): [one: string, other: string, caret: string] {
  const room = Math.max(8, width);
  // What follows is where they differ; what leads there matters less.
  const before = Math.max(3, Math.min(Math.floor(room * 0.6), Math.max(leadWidth(one), leadWidth(other))));
  const [first, second] = [one, other].map((line) => cut(line, before, room - before)) as [string, string];
  return [first, second, `${' '.repeat(before)}^`];
}

function leadWidth({ bytes, at }: LineAt): number {
  return displayWidth(textOf(bytes.subarray(0, at)));
}

function cut({ bytes, at }: LineAt, before: number, after: number): string {
  // A character that is differently encoded on both sides differs in its middle: it is shown from its first byte.
  const lead = lastColumns(textOf(bytes.subarray(0, at)), before);
  // `\c` is nothing at all, not even a line end; a backslash of the text would be doubled.
  return `${lead}${at >= bytes.length ? '\\c' : firstColumns(textOf(bytes.subarray(at)), after)}`;
}

function textOf(bytes: Uint8Array): string {
  return visibleBytes(bytes)
    .map(({ text }) => text)
    .join('');
}

function lastColumns(text: string, width: number): string {
  const all = displayWidth(text);
  if (all <= width) return ' '.repeat(width - all) + text;
  let out = '';
  let used = 1;
  for (const character of [...text.slice(-width)].reverse()) {
    const next = displayWidth(character);
    if (used + next > width) break;
    out = character + out;
    used += next;
  }
  return `${' '.repeat(width - used)}…${out}`;
}

function firstColumns(text: string, width: number): string {
  if (displayWidth(text.slice(0, width + 1)) <= width && text.length <= width) return text;
  let out = '';
  let used = 0;
  for (const character of text.slice(0, width + 1)) {
    const next = displayWidth(character);
    if (used + next > width - 1) break;
    out += character;
    used += next;
  }
  return `${out}…`;
}
