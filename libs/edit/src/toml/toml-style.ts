import { BatonError } from '@baton/kernel';
import type { Value } from '../operations.ts';
import type { keyText, TomlDocument } from './parse-toml.ts';

/** How a file writes what an edit adds. */
export interface TomlStyle {
  literal: boolean;
  unit: string;
  gap: string;
  bracePad: string;
  trailingComma: boolean;
  /** Around the equals sign. */
  equals: string;
  inlineArrays: boolean;
  /** Whether an empty line stands before a section. */
  blankBefore: boolean;
}

/** Looks at all of a document: where two ways occur, the more frequent one counts. */
export function styleOf({ text, values, pairs, sections }: TomlDocument): TomlStyle {
  const votes = new Map<string, number>();
  const vote = (name: string, yes: boolean) => votes.set(name, (votes.get(name) ?? 0) + (yes ? 1 : -1));
  let unit: string | undefined;
  for (const { node } of values.values()) {
    const source = text.slice(...node.range);
    if (node.type === 'TOMLValue' && node.kind === 'string' && !node.multiline)
      vote('literal', node.style === 'literal');
    const items = node.type === 'TOMLArray' ? node.elements : node.type === 'TOMLInlineTable' ? node.body : [];
    const last = items.at(-1);
    if (last === undefined) continue;
    if (node.type === 'TOMLInlineTable') vote('bracePad', source.startsWith('{ '));
    else {
      vote('inlineArrays', !source.includes('\n'));
      if (source.includes('\n')) vote('trailingComma', /^(?:\s|#[^\n]*)*,/.test(text.slice(last.range[1])));
      unit ??= /\n([ \t]+)[^\s#]/.exec(source)?.[1];
    }
    for (const [index, item] of items.entries()) {
      const next = items[index + 1];
      const between = next === undefined ? '' : text.slice(item.range[1], next.range[0]);
      if (/^[ \t]*,[ \t]*$/.test(between)) vote('gap', between.endsWith(' '));
    }
  }
  for (const { node } of pairs) vote('equals', text.slice(node.key.range[1], node.value.range[0]) !== '=');
  for (const [index, { range }] of sections.entries()) {
    const above = text.slice(sections[index - 1]?.range[1] ?? 0, range[0]);
    if (range[0] > 1) vote('blankBefore', /\n\s*\n\s*(?:#[^\n]*\n\s*)*$/.test(above));
  }
  const says = (name: string, otherwise: boolean) => {
    const count = votes.get(name) ?? 0;
    return count === 0 ? otherwise : count > 0;
  };
  return {
    literal: says('literal', false),
    unit: unit ?? '  ',
    gap: says('gap', true) ? ' ' : '',
    bracePad: says('bracePad', true) ? ' ' : '',
    trailingComma: says('trailingComma', true),
    equals: says('equals', true) ? ' = ' : '=',
    inlineArrays: says('inlineArrays', true),
    blankBefore: says('blankBefore', true),
  };
}

/**
 * Writes a value.
 *
 * @param indent of the line it begins on; undefined keeps it on one line
 * @throws BatonError `EDIT_INVALID` for null, which TOML does not have
 */
export function renderToml(value: Value, style: TomlStyle, ending: string, indent?: string): string {
  if (value === null) throw new BatonError('EDIT_INVALID', 'TOML has no null; delete the key instead');
  if (typeof value === 'string') return quoteToml(value, style.literal);
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'boolean') return String(value);
  if (!Array.isArray(value)) {
    const pairs = Object.entries(value).map(([key, item]) => renderPair(renderKey(key), item, style, ending));
    return pairs.length === 0 ? '{}' : `{${style.bracePad}${pairs.join(`,${style.gap}`)}${style.bracePad}}`;
  }
  const list = value as readonly Value[];
  if (indent === undefined || style.inlineArrays || list.length === 0) {
    return `[${list.map((item) => renderToml(item, style, ending)).join(`,${style.gap}`)}]`;
  }
  const lines = list.map(
    (item) => `${ending}${indent}${style.unit}${renderToml(item, style, ending, indent + style.unit)}`,
  );
  return `[${lines.join(',')}${style.trailingComma ? ',' : ''}${ending}${indent}]`;
}

/** Writes a key with its value; the key's text is written already. */
export function renderPair(key: string, value: Value, style: TomlStyle, ending: string, indent?: string): string {
  return `${key}${style.equals}${renderToml(value, style, ending, indent)}`;
}

/** Writes one part of a key, in quotes where it needs them. */
export function renderKey(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : quoteToml(key, false);
}

/** The source of the first `count` parts of a pair's key, with the dots and blanks between them. */
export function keyPrefix(text: string, keys: Parameters<typeof keyText>[0][], count: number): string {
  const first = keys[0];
  const last = keys[count - 1];
  return first === undefined || last === undefined ? '' : text.slice(first.range[0], last.range[1]);
}

/** Writes a string: between apostrophes if it is wanted and can be, otherwise with escapes. */
export function quoteToml(text: string, literal: boolean): string {
  if (literal && !/['\u0000-\u0008\n-\u001f\u007f]/.test(text)) return `'${text}'`;
  if (!text.isWellFormed())
    throw new BatonError('EDIT_INVALID', 'a string with half a surrogate pair cannot be written as TOML');
  return JSON.stringify(text).replaceAll('\u007f', '\\u007f');
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  return String(value);
}
