import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PythonError } from '../crash.ts';
import { jsonText, parseJson, parseJsonBytes, repr } from './index.ts';
import { tag } from './test-tagged.ts';

function failure(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof PythonError) return `${error.type}: ${error.message}`;
    throw error;
  }
  throw new Error('it was read');
}

test('a document is written again as Python does (recording history-extra-keys)', () => {
  const read =
    '{"zeta": 1, "10": "ten", "2": 2.50, "h": [{"version": "é\u{1f600}", "n": 1e2}], "big": 123456789012345678901,' +
    ' "f": 1e-8, "neg": -0.0, "u": "\x7f\x80<\\//"}';
  expect(jsonText(parseJson(read))).toBe(
    '{"zeta": 1, "10": "ten", "2": 2.5, "h": [{"version": "\\u00e9\\ud83d\\ude00", "n": 100.0}],' +
      ' "big": 123456789012345678901, "f": 1e-08, "neg": -0.0, "u": "\\u007f\\u0080<//"}',
  );
});

test('of a key that comes twice the last value counts, at the first place', () => {
  expect(jsonText(parseJson('{"b": 1, "2": 0, "a": 2, "b": [], "__proto__": 3}'))).toBe(
    '{"b": [], "2": 0, "a": 2, "__proto__": 3}',
  );
});

test('a byte order mark is an error in a text, and none in bytes', () => {
  expect(failure(() => parseJson('\ufeff{}'))).toBe(
    'json.decoder.JSONDecodeError: Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)',
  );
  expect(parseJsonBytes(Buffer.from('\ufeff{}'))).toEqual(new Map());
  expect(parseJsonBytes(Buffer.from('\ufeff"é"', 'utf16le'))).toBe('é');
});

test('positions are lines, columns and characters, not UTF-16 units', () => {
  expect(failure(() => parseJson('{"\u{1f600}":\n "\u{1f600}" x}'))).toBe(
    "json.decoder.JSONDecodeError: Expecting ',' delimiter: line 2 column 6 (char 11)",
  );
});

test.each([
  ['[', ']', 'array'],
  ['{"a":', '}', 'object'],
])('100,000 times %s is too deep, and no more than that', (opening, closing, kind) => {
  const tooDeep = `RecursionError: maximum recursion depth exceeded while decoding a JSON ${kind} from a unicode string`;
  expect(failure(() => parseJson(opening.repeat(100_000)))).toBe(tooDeep);
  expect(failure(() => parseJson(`${opening.repeat(9_999)}1${closing.repeat(9_999)}`))).toBe(tooDeep);
  const deepest = `${opening.repeat(9_998)}1${closing.repeat(9_998)}`;
  expect(jsonText(parseJson(deepest)).replaceAll(' ', '')).toBe(deepest);
  expect(repr(parseJson(deepest)).length).toBeGreaterThan(deepest.length - 1);
});

test('large documents are read and written in one go', () => {
  const escapes = `"${'\\u00e9\\n'.repeat(500_000)}"`;
  expect(parseJson(escapes)).toHaveLength(1_000_000);
  const numbers = `[${'12, 1.5, "x", '.repeat(200_000)}{}]`;
  expect(jsonText(parseJson(numbers))).toBe(numbers);
  const blank = ' '.repeat(5_000_000);
  expect(failure(() => parseJson(`${blank}\n]`))).toContain('line 2 column 1 (char 5000001)');
});

test('what is written reads back the same', () => {
  const leaf = fc.oneof(fc.constant(null), fc.boolean(), fc.bigInt(), fc.double(), fc.string({ unit: 'binary' }));
  const { value } = fc.letrec<{ value: unknown; list: unknown[]; dict: Map<string, unknown> }>((tie) => ({
    value: fc.oneof({ maxDepth: 3 }, leaf, tie('list'), tie('dict')),
    list: fc.array(tie('value'), { maxLength: 4 }),
    dict: fc.array(fc.tuple(fc.string(), tie('value')), { maxLength: 4 }).map((pairs) => new Map(pairs)),
  }));
  fc.assert(
    fc.property(value, (given) => {
      const text = jsonText(given as Parameters<typeof jsonText>[0]);
      expect(text).toMatch(/^[ -~]*$/);
      expect(tag(parseJson(text))).toEqual(tag(given as Parameters<typeof tag>[0]));
    }),
  );
});
