import { BatonError } from '@baton/kernel';
import { type Data, emptyObject } from '../data/data-value.ts';
import type { ListItem } from '../data/delimited-list.ts';
import { placeOf } from '../data/source-text.ts';
import { readNumber, readString } from './json-scalars.ts';

/** JSON (RFC 8259), the same with comments and trailing commas, or JSON5. */
export type JsonFormat = 'json' | 'jsonc' | 'json5';

/** A key with its value. */
export interface JsonMember extends ListItem {
  key: string;
  keyEnd: number;
  value: JsonNode;
}

/** An item of an array. */
export interface JsonElement extends ListItem {
  value: JsonNode;
}

/** A value with its place in the text (UTF-16 offsets). */
export type JsonNode = { start: number; end: number } & (
  | { kind: 'object'; items: JsonMember[] }
  | { kind: 'array'; items: JsonElement[] }
  | { kind: 'scalar'; value: string | number | boolean | null }
);

/** A document: its text, its root and the comments in order. */
export interface JsonDocument {
  text: string;
  root: JsonNode;
  comments: { start: number; end: number }[];
  data: Data;
}

/** Deeper nesting than any person writes; a document of brackets alone must not exhaust the stack. */
const DEEPEST = 500;

interface Reader {
  text: string;
  at: number;
  format: JsonFormat;
  comments: { start: number; end: number }[];
}

/**
 * Reads a document for its positions. A byte order mark is allowed in all three formats and is no part of the document; a key that
 * occurs twice in one object is refused, because an edit of it would be about either.
 *
 * @throws BatonError `EDIT_INVALID` with line and column
 */
export function parseJson(text: string, format: JsonFormat): JsonDocument {
  const reader: Reader = { text, at: text.charCodeAt(0) === 0xfeff ? 1 : 0, format, comments: [] };
  skip(reader);
  const root = readValue(reader, 0);
  skip(reader);
  if (reader.at < text.length) throw invalid(reader, 'the end of the document');
  return { text, root, comments: reader.comments, data: dataOf(root) };
}

/** What a node holds. */
export function dataOf(node: JsonNode): Data {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'array') return node.items.map((item) => dataOf(item.value));
  const result = emptyObject();
  for (const member of node.items) result[member.key] = dataOf(member.value);
  return result;
}

function readValue(reader: Reader, depth: number): JsonNode {
  if (depth > DEEPEST) throw invalid(reader, `at most ${DEEPEST} brackets inside one another`);
  const start = reader.at;
  const character = reader.text[start];
  if (character === '{') return readObject(reader, depth);
  if (character === '[') return readArray(reader, depth);
  if (character === '"' || (character === "'" && reader.format === 'json5')) {
    return scalar(
      start,
      readString(reader, (what) => invalid(reader, what)),
      reader,
    );
  }
  for (const [word, value] of [
    ['true', true],
    ['false', false],
    ['null', null],
  ] as const) {
    if (reader.text.startsWith(word, start) && !isNamePart(reader.text[start + word.length])) {
      reader.at += word.length;
      return scalar(start, value, reader);
    }
  }
  const number = readNumber(reader.text, start, reader.format === 'json5');
  if (number === undefined || isNamePart(reader.text[number.end])) throw invalid(reader, 'a value');
  reader.at = number.end;
  return scalar(start, number.value, reader);
}

function scalar(start: number, value: string | number | boolean | null, reader: Reader): JsonNode {
  return { kind: 'scalar', start, end: reader.at, value };
}

function readObject(reader: Reader, depth: number): JsonNode {
  const keys = new Set<string>();
  const items: JsonMember[] = [];
  const start = readItems(reader, '}', items, () => {
    const from = reader.at;
    const key = readKey(reader);
    if (keys.has(key)) {
      throw new BatonError(
        'EDIT_INVALID',
        `the key ${JSON.stringify(key)} occurs twice in one object, again at ${placeOf(reader.text, from)}`,
      );
    }
    keys.add(key);
    const keyEnd = reader.at;
    skip(reader);
    if (reader.text[reader.at] !== ':') throw invalid(reader, 'a colon');
    reader.at += 1;
    skip(reader);
    const value = readValue(reader, depth + 1);
    return { start: from, end: reader.at, key, keyEnd, value };
  });
  return { kind: 'object', start, end: reader.at, items };
}

function readArray(reader: Reader, depth: number): JsonNode {
  const items: JsonElement[] = [];
  const start = readItems(reader, ']', items, () => {
    const value = readValue(reader, depth + 1);
    return { start: value.start, end: value.end, value };
  });
  return { kind: 'array', start, end: reader.at, items };
}

function readItems<Item extends ListItem>(reader: Reader, close: string, items: Item[], read: () => Item): number {
  const start = reader.at;
  reader.at += 1;
  skip(reader);
  while (reader.text[reader.at] !== close) {
    const last = items.at(-1);
    if (last !== undefined && last.comma === undefined) throw invalid(reader, `a comma or ${close}`);
    const item = read();
    items.push(item);
    skip(reader);
    if (reader.text[reader.at] !== ',') continue;
    item.comma = reader.at;
    reader.at += 1;
    skip(reader);
    if (reader.text[reader.at] === close && reader.format === 'json') throw invalid(reader, 'a value behind the comma');
  }
  reader.at += 1;
  return start;
}

function readKey(reader: Reader): string {
  const quote = reader.text[reader.at];
  const json5 = reader.format === 'json5';
  if (quote === '"' || (quote === "'" && json5)) return readString(reader, (what) => invalid(reader, what));
  const name = json5
    ? /^(?:[$_\p{ID_Start}\u200c\u200d]|\\u[0-9a-fA-F]{4})(?:[$\p{ID_Continue}\u200c\u200d]|\\u[0-9a-fA-F]{4})*/u
    : /^$/;
  const found = name.exec(reader.text.slice(reader.at, reader.at + 1000))?.[0];
  if (found === undefined || found === '') throw invalid(reader, 'a key');
  reader.at += found.length;
  return found.replace(/\\u([0-9a-fA-F]{4})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

/** Skips blanks and comments. */
function skip(reader: Reader): void {
  const { text } = reader;
  const blank = reader.format === 'json5' ? /[\t\n\v\f\r \u00a0\u2028\u2029\ufeff\p{Zs}]/u : /[\t\n\r ]/;
  for (;;) {
    const character = text[reader.at];
    if (character === undefined) return;
    if (blank.test(character)) {
      reader.at += 1;
      continue;
    }
    const two = text.slice(reader.at, reader.at + 2);
    if (reader.format === 'json' || (two !== '//' && two !== '/*')) return;
    const start = reader.at;
    reader.at = two === '//' ? lineCommentEnd(text, start) : text.indexOf('*/', start + 2) + 2;
    if (reader.at === 1) {
      reader.at = start;
      throw invalid(reader, 'the end of the comment');
    }
    reader.comments.push({ start, end: reader.at });
  }
}

function lineCommentEnd(text: string, start: number): number {
  const end = /[\n\r\u2028\u2029]|$/g;
  end.lastIndex = start;
  return end.exec(text)?.index ?? text.length;
}

function isNamePart(character: string | undefined): boolean {
  return character !== undefined && /[\p{ID_Continue}$.+-]/u.test(character);
}

function invalid(reader: Reader, expected: string): BatonError {
  const found = reader.text[reader.at];
  const what = found === undefined ? 'the end of the file' : JSON.stringify(found);
  return new BatonError('EDIT_INVALID', `expected ${expected} at ${placeOf(reader.text, reader.at)}, found ${what}`, {
    hint: `The file was read as ${reader.format.toUpperCase()}; say another format (json, jsonc, json5) if it is one.`,
  });
}
