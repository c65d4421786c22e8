import type { BatonError } from '@baton/kernel';

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

const ESCAPES_5: Readonly<Record<string, string>> = { v: '\v', 0: '\0', '\n': '', '\u2028': '', '\u2029': '' };

/** Reads the string that begins at `reader.at` and moves behind it. */
export function readString(
  reader: { text: string; at: number; format: string },
  invalid: (expected: string) => BatonError,
): string {
  const { text } = reader;
  const quote = text[reader.at];
  const json5 = reader.format === 'json5';
  let value = '';
  reader.at += 1;
  for (;;) {
    const character = text[reader.at];
    if (character === quote) {
      reader.at += 1;
      return value;
    }
    if (character === undefined || character === '\n' || character === '\r') throw invalid('the end of the string');
    if (!json5 && character < ' ') throw invalid('no control character in a string');
    reader.at += 1;
    value += character === '\\' ? readEscape(reader, json5, invalid) : character;
  }
}

function readEscape(
  reader: { text: string; at: number },
  json5: boolean,
  invalid: (expected: string) => BatonError,
): string {
  const character = reader.text[reader.at] ?? '';
  const hex = character === 'u' ? 4 : character === 'x' && json5 ? 2 : 0;
  if (hex > 0) {
    const digits = reader.text.slice(reader.at + 1, reader.at + 1 + hex);
    if (!/^[0-9a-fA-F]+$/.test(digits) || digits.length < hex) throw invalid(`${hex} hexadecimal digits`);
    reader.at += 1 + hex;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }
  const plain = ESCAPES[character];
  if (plain === undefined && !json5) throw invalid('an escape sequence of JSON');
  if (json5 && character === '\r') {
    reader.at += reader.text[reader.at + 1] === '\n' ? 2 : 1;
    return '';
  }
  const digit = /[0-9]/.test(character) && (character !== '0' || /[0-9]/.test(reader.text[reader.at + 1] ?? ''));
  if (character === '' || digit) throw invalid('an escape sequence of JSON5');
  reader.at += 1;
  return plain ?? ESCAPES_5[character] ?? character;
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const NUMBER_5 =
  /[+-]?(?:0[xX][0-9a-fA-F]+|(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|Infinity|NaN)/y;

/** Reads a number; undefined when there is none at `start`. */
export function readNumber(text: string, start: number, json5: boolean): { value: number; end: number } | undefined {
  const pattern = json5 ? NUMBER_5 : NUMBER;
  pattern.lastIndex = start;
  const found = pattern.exec(text)?.[0];
  if (found === undefined) return undefined;
  const negative = found.startsWith('-');
  const size = Number(found.replace(/^[+-]/, ''));
  return { value: negative ? -size : size, end: start + found.length };
}
