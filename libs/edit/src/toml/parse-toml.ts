import { BatonError } from '@baton/kernel';
import { type AST, ParseError, parseTOML } from 'toml-eslint-parser';
import type { Path } from '../data/data-steps.ts';
import { type Data, emptyObject, isObject, Moment } from '../data/data-value.ts';
import type { DelimitedList } from '../data/delimited-list.ts';

/** A key with its value, in a section, at the root (`section` undefined) or in an inline table. */
export interface TomlPair {
  /** The whole path of the key. */
  path: Path;
  node: AST.TOMLKeyValue;
  section: AST.TOMLTable | undefined;
  inline: AST.TOMLInlineTable | undefined;
}

/** A document: all its values by path, its pairs and its sections in the order of the text. */
export interface TomlDocument {
  text: string;
  data: Data;
  values: ReadonlyMap<string, { node: AST.TOMLContentNode; array?: { node: AST.TOMLArray; index: number } }>;
  pairs: readonly TomlPair[];
  sections: readonly AST.TOMLTable[];
  comments: readonly { start: number; end: number }[];
  commentStarts: ReadonlySet<number>;
}

/** Deeper nesting than any person writes; a document of brackets alone must not exhaust the stack. */
const DEEPEST = 500;

/** The key of a path in `TomlDocument.values`. */
export function pathKey(path: Path): string {
  return JSON.stringify(path);
}

/**
 * Reads TOML 1.0 for its positions (UTF-16 offsets; a byte order mark counts as one).
 *
 * @throws BatonError `EDIT_INVALID` with line and column
 */
export function parseToml(text: string): TomlDocument {
  const program = parse(text);
  const [top] = program.body;
  const values: Map<string, { node: AST.TOMLContentNode; array?: { node: AST.TOMLArray; index: number } }> = new Map();
  const pairs: TomlPair[] = [];
  const sections: AST.TOMLTable[] = [];

  const visitPair = (node: AST.TOMLKeyValue, base: Path, section?: AST.TOMLTable, inline?: AST.TOMLInlineTable) => {
    const path = [...base, ...node.key.keys.map(keyText)];
    pairs.push({ path, node, section, inline });
    values.set(pathKey(path), { node: node.value });
    visitValue(node.value, path, section);
  };
  const visitValue = (node: AST.TOMLContentNode, path: Path, section?: AST.TOMLTable): void => {
    if (path.length > DEEPEST) {
      throw new BatonError('EDIT_INVALID', `expected at most ${DEEPEST} levels of TOML inside one another, found more`);
    }
    if (node.type === 'TOMLInlineTable') for (const pair of node.body) visitPair(pair, path, section, node);
    if (node.type !== 'TOMLArray') return;
    for (const [index, element] of node.elements.entries()) {
      values.set(pathKey([...path, index]), { node: element, array: { node, index } });
      visitValue(element, [...path, index], section);
    }
  };
  for (const node of top.body) {
    if (node.type === 'TOMLKeyValue') visitPair(node, []);
    else {
      sections.push(node);
      for (const pair of node.body) visitPair(pair, node.resolvedKey, node);
    }
  }
  const comments = program.comments.map(({ range: [start, end] }) => ({ start, end }));
  const commentStarts = new Set(comments.map(({ start }) => start));
  return { text, data: dataOf(top), values, pairs, sections, comments, commentStarts };
}

/** The items of an array or inline table with their commas. */
export function listOf(document: TomlDocument, node: AST.TOMLArray | AST.TOMLInlineTable): DelimitedList {
  const nodes: readonly { range: [number, number] }[] = node.type === 'TOMLArray' ? node.elements : node.body;
  const [start, end] = node.range;
  return {
    open: start + 1,
    close: end - 1,
    items: nodes.map(({ range }) => ({ start: range[0], end: range[1], comma: commaBehind(document.text, range[1]) })),
    comments: document.comments.filter((comment) => comment.start > start && comment.end < end),
  };
}

function commaBehind(text: string, end: number): number | undefined {
  const between = /^(?:\s|#[^\n]*)*/.exec(text.slice(end))?.[0] ?? '';
  return text[end + between.length] === ',' ? end + between.length : undefined;
}

/** The text of one part of a key. */
export function keyText(key: AST.TOMLBare | AST.TOMLQuoted): string {
  return key.type === 'TOMLBare' ? key.name : key.value;
}

function parse(text: string): AST.TOMLProgram {
  // A blank instead of the byte order mark: the parser knows none, and the offsets stay.
  const marked = text.charCodeAt(0) === 0xfeff ? ` ${text.slice(1)}` : text;
  // The parser gives a last `0` no width when nothing follows it.
  const readable = marked.endsWith('\n') ? marked : `${marked}\n`;
  try {
    return parseTOML(readable, { tomlVersion: '1.0' });
  } catch (cause) {
    if (!(cause instanceof ParseError || cause instanceof RangeError)) throw cause;
    const place = cause instanceof ParseError ? ` at ${cause.lineNumber}:${cause.column + 1}` : '';
    const found = cause instanceof ParseError ? cause.message : 'nesting too deep, or a string too long, to be read';
    throw new BatonError('EDIT_INVALID', `expected TOML 1.0${place}, found: ${found}`, { cause });
  }
}

function dataOf(top: AST.TOMLTopLevelTable): Data {
  const root = emptyObject();
  for (const node of top.body) {
    if (node.type === 'TOMLKeyValue') setAt(root, node.key.keys.map(keyText), contentOf(node.value));
    else {
      const table = tableAt(root, node.resolvedKey);
      for (const pair of node.body) setAt(table, pair.key.keys.map(keyText), contentOf(pair.value));
    }
  }
  return root;
}

function contentOf(node: AST.TOMLContentNode): Data {
  if (node.type === 'TOMLArray') return node.elements.map(contentOf);
  if (node.type === 'TOMLInlineTable') {
    const table = emptyObject();
    for (const pair of node.body) setAt(table, pair.key.keys.map(keyText), contentOf(pair.value));
    return table;
  }
  if (node.kind === 'integer') return Number.isSafeInteger(Number(node.bigint)) ? Number(node.bigint) : node.bigint;
  if (node.kind === 'string' || node.kind === 'float' || node.kind === 'boolean') return node.value;
  return new Moment(node.datetime);
}

function setAt(table: { [key: string]: Data }, keys: readonly string[], value: Data): void {
  const last = keys.at(-1) ?? '';
  tableAt(table, keys.slice(0, -1))[last] = value;
}

function tableAt(table: { [key: string]: Data }, path: Path): { [key: string]: Data } {
  let node: Data = table;
  for (const [depth, part] of path.entries()) {
    const container: Data = node;
    const made: Data = typeof path[depth + 1] === 'number' ? [] : emptyObject();
    node = childOf(container, part) ?? made;
    if (typeof part === 'number' && Array.isArray(container)) container[part] = node;
    if (typeof part === 'string' && isObject(container)) container[part] = node;
  }
  return isObject(node) ? node : emptyObject();
}

function childOf(container: Data, part: string | number): Data | undefined {
  if (typeof part === 'number') return Array.isArray(container) ? container[part] : undefined;
  return isObject(container) ? container[part] : undefined;
}
