import { PythonError } from '../crash.ts';
import { integerOf } from './integer.ts';
import type { PyScalar } from './nested-text.ts';

/** A text that is being read, and how far. */
export interface JsonSource {
  readonly text: string;
  at: number;
}

/** A JSONDecodeError with Python's line, column and offset, all counted in code points. */
export function syntaxError(message: string, text: string, at: number): PythonError {
  const before = text.slice(0, at);
  const line = before.split('\n').length;
  const column = codePoints(before.slice(before.lastIndexOf('\n') + 1)) + 1;
  return new PythonError(
    'json.decoder.JSONDecodeError',
    `${message}: line ${line} column ${column} (char ${codePoints(before)})`,
  );
}

/** Goes over blank, tab, LF and CR, the only whitespace of JSON. */
export function skipBlanks(source: JsonSource): void {
  for (;;) {
    const unit = source.text.charCodeAt(source.at);
    if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return;
    source.at += 1;
  }
}

/** Reads a text, a number or a word. */
export function scanScalar(source: JsonSource): PyScalar {
  if (source.text[source.at] === '"') return scanText(source);
  for (const [word, value] of WORDS) {
    if (!source.text.startsWith(word, source.at)) continue;
    source.at += word.length;
    return value;
  }
  return scanNumber(source);
}

const WORDS: readonly (readonly [string, PyScalar])[] = [
  ['null', null],
  ['true', true],
  ['false', false],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
];

/** An integer is a bigint; with a fraction or an exponent it is a float, infinite when it is too large (18.5). */
function scanNumber(source: JsonSource): bigint | number {
  const pattern = /(-?)(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?/y;
  pattern.lastIndex = source.at;
  const [number, sign, digits = '', fraction, exponent] = pattern.exec(source.text) ?? [];
  if (number === undefined) throw syntaxError('Expecting value', source.text, source.at);
  source.at += number.length;
  if (fraction !== undefined || exponent !== undefined) return Number(number);
  const magnitude = integerOf(digits);
  return sign === '-' ? -magnitude : magnitude;
}

/** Reads a text from its opening quote to its closing one. */
export function scanText(source: JsonSource): string {
  const { text, at: begin } = source;
  let value = '';
  let from = begin + 1;
  for (;;) {
    const stop = plainEnd(text, from, begin);
    value += text.slice(from, stop);
    if (text[stop] === '"') {
      source.at = stop + 1;
      return value;
    }
    const letter = text[stop + 1];
    if (letter === undefined) throw syntaxError('Unterminated string starting at', text, begin);
    if (letter === 'u') {
      value += String.fromCharCode(hexUnit(text, stop + 2));
      from = stop + 6;
    } else {
      const plain = ESCAPES[letter];
      if (plain === undefined) throw syntaxError('Invalid \\escape', text, stop);
      value += plain;
      from = stop + 2;
    }
  }
}

/** Where the next quote or backslash is. */
function plainEnd(text: string, from: number, begin: number): number {
  for (let at = from; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === 0x22 || unit === 0x5c) return at;
    if (unit < 0x20) throw syntaxError('Invalid control character at', text, at);
  }
  throw syntaxError('Unterminated string starting at', text, begin);
}

/** Four hexadecimal digits; the text may not end with them, as Python looks at what follows. */
function hexUnit(text: string, at: number): number {
  const digits = text.slice(at, at + 4);
  if (at + 4 < text.length && /^[0-9A-Fa-f]{4}$/.test(digits)) return Number.parseInt(digits, 16);
  throw syntaxError('Invalid \\uXXXX escape', text, at - 1);
}

const ESCAPES: Record<string, string | undefined> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

function codePoints(text: string): number {
  let count = text.length;
  for (let at = 1; at < text.length; at += 1) {
    const isPair = (text.charCodeAt(at) & 0xfc00) === 0xdc00 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800;
    if (isPair) count -= 1;
  }
  return count;
}
