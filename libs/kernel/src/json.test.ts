import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson, compareText, type Json, prettyJson } from './json.ts';

const text = (value: Json): string => canonicalJson(value).toString('utf8');

// Rebuilds every object with its keys the other way round.
function shuffled(value: Json): Json {
  if (Array.isArray(value)) return value.map(shuffled);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, shuffled(item as Json)]),
  );
}

test('keys are sorted by bytes, integers among them, and nothing insignificant is written', () => {
  expect(text({ b: 1, a: [true, null, 'é'], 10: 'x', 9: 'y', A: {} })).toBe(
    '{"10":"x","9":"y","A":{},"a":[true,null,"é"],"b":1}\n',
  );
});

test('keys without a value are left out', () => {
  expect(text({ a: undefined, b: { c: undefined } })).toBe('{"b":{}}\n');
});

test('it is JSON for the same value, and the order of keys does not matter', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const json = value as Json;
      expect(JSON.parse(text(json))).toEqual(JSON.parse(JSON.stringify(json)));
      expect(text(shuffled(json))).toBe(text(json));
    }),
  );
});

test('a number that JSON cannot hold is refused', () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => canonicalJson({ a: [value] })).toThrow(/cannot be written as JSON/);
  }
});

test('text is ordered by its UTF-8 bytes, not by UTF-16 units', () => {
  // U+FF21 sorts after U+1F600 by UTF-16 units and before it by bytes.
  expect(['\u{1f600}', '\uff21', 'b', 'a', 'B'].sort(compareText)).toEqual(['B', 'a', 'b', '\uff21', '\u{1f600}']);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      expect(Math.sign(compareText(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});

test('JSON for people keeps the order it was given and ends with a newline', () => {
  expect(prettyJson({ b: 1, a: [2] }).toString('utf8')).toBe('{\n  "b": 1,\n  "a": [\n    2\n  ]\n}\n');
});
