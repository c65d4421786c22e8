import type { Value } from '../operations.ts';
import type { JsonDocument, JsonFormat, JsonNode } from './parse-json.ts';

/** How a file writes what an edit adds: taken from the file, never from a rule. */
export interface JsonStyle {
  quote: '"' | "'";
  /** The quote around keys; empty where keys that are names stand without. */
  keyQuote: '"' | "'" | '';
  unit: string;
  /** Behind a comma, and behind a colon, on one line. */
  gap: string;
  colonGap: string;
  /** Inside the braces of an object on one line. */
  bracePad: string;
  trailingComma: boolean;
  /** Whether lists of scalars and objects, when they are not empty, stand on one line. */
  inlineArrays: boolean;
  inlineObjects: boolean;
}

/** Looks at all of a document: where two ways occur, the more frequent one counts. */
export function styleOf(document: JsonDocument, format: JsonFormat): JsonStyle {
  const { text } = document;
  const votes = new Map<string, number>();
  const vote = (name: string, yes: boolean) => votes.set(name, (votes.get(name) ?? 0) + (yes ? 1 : -1));
  const multiLine =
    document.root.start < document.root.end && text.slice(document.root.start, document.root.end).includes('\n');
  const visit = (node: JsonNode): void => {
    const source = text.slice(node.start, node.end);
    if (node.kind === 'scalar') {
      if (typeof node.value === 'string') vote('single', source.startsWith("'"));
      return;
    }
    for (const [index, item] of node.items.entries()) {
      const next = node.items[index + 1];
      if (item.comma !== undefined && next !== undefined) {
        const gap = text.slice(item.comma + 1, next.start);
        if (gap.trim() === '' && !gap.includes('\n')) vote('gap', gap !== '');
      }
      visit(item.value);
    }
    if (node.kind === 'object') {
      for (const member of node.items) {
        const keySource = text[member.start];
        vote('keySingle', keySource === "'");
        vote('keyBare', keySource !== "'" && keySource !== '"');
        const behindKey = text.slice(member.keyEnd, member.value.start);
        if (!behindKey.includes('\n')) vote('colonGap', /\s$/.test(behindKey));
      }
    }
    if (node.items.length === 0) return;
    const inline = !source.includes('\n');
    const flat = node.kind === 'array' && node.items.every((item) => item.value.kind === 'scalar');
    if (flat) vote('inlineArrays', inline);
    if (node.kind === 'object' && node !== document.root) vote('inlineObjects', inline);
    if (node.kind === 'object' && inline) vote('bracePad', source.startsWith('{ '));
    if (!inline) vote('trailingComma', node.items.at(-1)?.comma !== undefined);
  };
  visit(document.root);
  const says = (name: string, otherwise: boolean) => {
    const count = votes.get(name) ?? 0;
    return count === 0 ? otherwise : count > 0;
  };
  const json5 = format === 'json5';
  const spaced = says('colonGap', true);
  return {
    quote: json5 && says('single', false) ? "'" : '"',
    keyQuote: json5 && says('keyBare', true) ? '' : json5 && says('keySingle', says('single', false)) ? "'" : '"',
    unit: /^([ \t]+)\S/m.exec(text.slice(document.root.start))?.[1] ?? '  ',
    gap: says('gap', spaced) ? ' ' : '',
    colonGap: spaced ? ' ' : '',
    bracePad: says('bracePad', spaced) ? ' ' : '',
    trailingComma: format !== 'json' && says('trailingComma', false),
    inlineArrays: says('inlineArrays', !multiLine),
    inlineObjects: says('inlineObjects', !multiLine),
  };
}

/**
 * Writes a value in a file's style.
 *
 * @param indent of the line it begins on; undefined keeps it on one line
 */
export function renderJson(value: Value, style: JsonStyle, ending: string, indent: string | undefined): string {
  if (typeof value === 'string') return quoteJson(value, style.quote);
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value !== 'object' || value === null) return String(value);
  const list = Array.isArray(value);
  const deeper = indent === undefined ? undefined : indent + style.unit;
  const scalars = list && value.every((item: Value) => typeof item !== 'object' || item === null);
  const inline = indent === undefined || (list ? scalars && style.inlineArrays : style.inlineObjects);
  const items = list
    ? (value as readonly Value[]).map((item) => renderJson(item, style, ending, inline ? undefined : deeper))
    : Object.entries(value).map(([key, item]) => renderMember(key, item, style, ending, inline ? undefined : deeper));
  const [open, close] = list ? ['[', ']'] : ['{', '}'];
  if (items.length === 0) return open + close;
  if (inline) {
    const pad = list ? '' : style.bracePad;
    return `${open}${pad}${items.join(`,${style.gap}`)}${pad}${close}`;
  }
  const lines = items.map((item) => `${ending}${deeper}${item}`).join(',');
  return `${open}${lines}${style.trailingComma ? ',' : ''}${ending}${indent}${close}`;
}

/** Writes a key with its value. */
export function renderMember(
  key: string,
  value: Value,
  style: JsonStyle,
  ending: string,
  indent: string | undefined,
): string {
  const bare = style.keyQuote === '' && /^[$_\p{ID_Start}][$\p{ID_Continue}]*$/u.test(key);
  const written = bare ? key : quoteJson(key, style.keyQuote === '' ? style.quote : style.keyQuote);
  return `${written}:${style.colonGap}${renderJson(value, style, ending, indent)}`;
}

/** Writes a string with the given quote. */
export function quoteJson(text: string, quote: '"' | "'"): string {
  const double = JSON.stringify(text);
  if (quote === '"') return double;
  return `'${double.slice(1, -1).replace(/\\"/g, '"').replace(/'/g, "\\'")}'`;
}
