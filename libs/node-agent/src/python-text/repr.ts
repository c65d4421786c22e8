import { floatText } from './float-text.ts';
import { nestedText, type PyScalar } from './nested-text.ts';
import { isPrintable } from './printable.ts';
import type { PyValue } from './value.ts';

/** repr() of Python (contract 18.1, 18.2, T15): `['a', "it's", 1.0, 1, None, True, {'k': []}]`. */
export function repr(value: PyValue): string {
  return nestedText(value, reprScalar);
}

/** str() of Python, which is also what an f-string shows: a text as it is, anything else as {@link repr}. */
export function strOf(value: PyValue): string {
  return typeof value === 'string' ? value : repr(value);
}

function reprScalar(value: PyScalar): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return floatText(value);
  return typeof value === 'string' ? reprText(value) : value.toString();
}

function reprText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  // Whatever needs no second look: ASCII without backslash and apostrophe.
  if (/^[ -&(-[\]-~]*$/.test(text)) return `${quote}${text}${quote}`;
  let written = quote;
  for (const character of text) written += reprCharacter(character, quote);
  return written + quote;
}

function reprCharacter(character: string, quote: string): string {
  const known = ESCAPES[character];
  if (known !== undefined) return known;
  if (character === quote) return `\\${character}`;
  const codePoint = character.codePointAt(0) ?? 0;
  if (isPrintable(codePoint)) return character;
  const hex = codePoint.toString(16);
  if (codePoint < 0x100) return `\\x${hex.padStart(2, '0')}`;
  return codePoint < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

const ESCAPES: Record<string, string | undefined> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
