import type { AST } from 'toml-eslint-parser';
import type { Path } from '../data/data-steps.ts';
import { lineEnd, lineEndingAt, lineStart, nextLine, type TextSplice } from '../data/source-text.ts';
import type { Value } from '../operations.ts';
import type { TomlDocument, TomlPair } from './parse-toml.ts';
import { keyPrefix, renderKey, renderPair, type TomlStyle } from './toml-style.ts';

/** Removes a pair of a section or of the root: its lines, the comment lines right above it and the one behind it. */
export function removePair(document: TomlDocument, pair: TomlPair): TextSplice {
  const { text } = document;
  const lead = leadOf(document, pair.node.range[0]);
  const end = nextLine(text, pair.node.range[1]);
  const alone = document.pairs.length === 1 && document.sections.length === 0;
  const above =
    alone && text.slice(end).trim() === '' ? (/\r?\n(\r?\n)$/.exec(text.slice(0, lead))?.[1]?.length ?? 0) : 0;
  const start = lead - above;
  if (end === text.length && !text.endsWith('\n') && start > 1) {
    return { start: lineEnd(text, start - 1 - (text[start - 2] === '\r' ? 1 : 0)), end, text: '' };
  }
  const only = pair.section === undefined && document.pairs.filter((other) => isAtRoot(other)).length === 1;
  // The empty line below belongs to the only key above the sections.
  const blank = only && document.sections.length > 0 ? (/^[ \t]*\r?\n/.exec(text.slice(end))?.[0].length ?? 0) : 0;
  return { start, end: end + blank, text: '' };
}

/** Puts a new key into a table that is not written inline. */
export function insertPair(
  document: TomlDocument,
  table: Path,
  key: string,
  value: Value,
  style: TomlStyle,
): TextSplice {
  const { text, sections } = document;
  const section = sections.find(({ resolvedKey }) => samePath(resolvedKey, table));
  const inSection = document.pairs.filter((pair) => pair.inline === undefined && pair.section === section);
  const dotted = document.pairs.filter((pair) => pair.inline === undefined && startsWith(pair.path, table)).at(-1);
  if (section === undefined && table.length > 0 && dotted !== undefined && dottedDepth(dotted, table) > 0) {
    const prefix = keyPrefix(text, dotted.node.key.keys, dottedDepth(dotted, table));
    return behind(
      text,
      dotted.node.range[1],
      [`${prefix}.${renderPairLike(text, dotted, key, value, style)}`],
      dotted.node.range[0],
    );
  }
  if (section === undefined && table.length > 0)
    return insertSection(document, table, 'standard', { [key]: value }, style);
  const neighbour = inSection.at(-1);
  if (neighbour !== undefined) {
    return behind(
      text,
      neighbour.node.range[1],
      [renderPairLike(text, neighbour, key, value, style)],
      neighbour.node.range[0],
    );
  }
  const ending = lineEndingAt(text, section?.range[0] ?? 0);
  const line = renderPair(renderKey(key), value, style, ending, '');
  if (section !== undefined) return behind(text, headerEnd(document, section), [line], section.range[0]);
  const [first] = sections;
  if (first !== undefined) {
    const at = leadOf(document, first.range[0]);
    return { start: at, end: at, text: `${line}${ending}${ending}` };
  }
  // The comments of a file without keys are about the file: an empty line keeps them from the first key.
  const blank = text.trim() === '' || text === '\ufeff' ? '' : ending;
  const closed = text === '' || text === '\ufeff' || text.endsWith('\n');
  const written = closed ? `${blank}${line}${ending}` : `${ending}${blank}${line}`;
  return { start: text.length, end: text.length, text: written };
}

/** Removes a section with its pairs, the comment lines right above its header and those right below its last pair. */
export function removeSection(document: TomlDocument, section: AST.TOMLTable): TextSplice {
  const { text } = document;
  const lead = leadOf(document, section.range[0]);
  const before = text.slice(0, lead).trimEnd().length;
  if (before > 0) return { start: lineEnd(text, before), end: contentEnd(document, section), text: '' };
  const next = document.sections[document.sections.indexOf(section) + 1];
  return { start: lead, end: next === undefined ? text.length : leadOf(document, next.range[0]), text: '' };
}

/** Writes a new section before the first or behind the last one that is below `path`, or behind another item of its list. */
export function insertSection(
  document: TomlDocument,
  path: Path,
  kind: 'standard' | 'array',
  values: Readonly<Record<string, Value>>,
  style: TomlStyle,
): TextSplice {
  const { text, sections } = document;
  const index = path.at(-1);
  const above = typeof index === 'number' && index > 0 ? [...path.slice(0, -1), index - 1] : undefined;
  const anchor =
    above === undefined ? undefined : sections.findLast((section) => startsWith(section.resolvedKey, above));
  const below = sections.find((section) => startsWith(section.resolvedKey, path));
  const ending = lineEndingAt(text, (anchor ?? below)?.range[0] ?? 0);
  const name = path
    .filter((part) => typeof part === 'string')
    .map(renderKey)
    .join('.');
  const header = kind === 'array' ? `[[${name}]]` : `[${name}]`;
  const lines = [
    header,
    ...Object.entries(values).map(([key, value]) => renderPair(renderKey(key), value, style, ending, '')),
  ];
  if (anchor !== undefined) {
    return behind(text, contentEnd(document, anchor), style.blankBefore ? ['', ...lines] : lines, undefined);
  }
  const at = below === undefined ? text.length : leadOf(document, below.range[0]);
  const before = text.slice(0, at).trimEnd().length;
  const separator = before > 0 && below !== undefined ? text.slice(before, at) : `${ending}${ending}`;
  return { start: at, end: at, text: `${lines.join(ending)}${separator}` };
}

/** The lines of `added` below the line of `position`, indented like the line at `model`. */
function behind(text: string, position: number, added: readonly string[], model: number | undefined): TextSplice {
  const at = lineEnd(text, position);
  const ending = lineEndingAt(text, nextLine(text, at));
  const indent = model === undefined ? '' : text.slice(lineStart(text, model), model).replace(/[^ \t]/g, '');
  return { start: at, end: at, text: added.map((line) => `${ending}${indent}${line}`).join('') };
}

function renderPairLike(text: string, neighbour: TomlPair, key: string, value: Value, style: TomlStyle): string {
  const { key: name, value: old } = neighbour.node;
  const written = renderKey(key);
  const between = text.slice(name.range[1], old.range[0]);
  const blanks = /^[ \t]*/.exec(between)?.[0] ?? '';
  // Equals signs below one another: the new one joins the column.
  const width = name.range[1] - name.range[0] + blanks.length;
  const aligned = blanks.length > 1 ? ' '.repeat(Math.max(1, width - written.length)) : blanks;
  const equals = `${aligned}${between.slice(blanks.length)}`;
  return renderPair(written, value, { ...style, equals }, lineEndingAt(text, old.range[0]), '');
}

/** The start of the first of the comment lines right above the line of `position`, or of that line itself. */
function leadOf(document: TomlDocument, position: number): number {
  const { text } = document;
  let start = lineStart(text, position);
  for (;;) {
    if (start <= 1) return start;
    const above = lineStart(text, start - 1);
    const indent = /^[ \t]*/.exec(text.slice(above, start))?.[0].length ?? 0;
    if (!document.commentStarts.has(above + indent)) return start;
    start = above;
  }
}

/** The end of the last line of a section: its last pair or header, and the comment lines right below, unless the next section's. */
function contentEnd(document: TomlDocument, section: AST.TOMLTable): number {
  const { text, sections } = document;
  const next = sections[sections.indexOf(section) + 1];
  const limit = next === undefined ? text.length : leadOf(document, next.range[0]);
  let end = lineEnd(text, Math.max(section.body.at(-1)?.range[1] ?? 0, headerEnd(document, section)));
  for (;;) {
    const line = nextLine(text, end);
    if (line >= limit || !/^[ \t]*#/.test(text.slice(line, lineEnd(text, line)))) return end;
    end = lineEnd(text, line);
  }
}

function headerEnd(document: TomlDocument, section: AST.TOMLTable): number {
  return document.text.indexOf(']', section.key.range[1]) + (section.kind === 'array' ? 2 : 1);
}

function isAtRoot(pair: TomlPair): boolean {
  return pair.section === undefined && pair.inline === undefined;
}

function dottedDepth(pair: TomlPair, table: Path): number {
  return table.length - (pair.section?.resolvedKey.length ?? 0);
}

/** Whether `path` is `start` or below it. */
export function startsWith(path: Path, start: Path): boolean {
  return start.every((part, index) => path[index] === part);
}

function samePath(a: Path, b: Path): boolean {
  return a.length === b.length && startsWith(a, b);
}
