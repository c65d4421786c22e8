import { describe, expect, test } from 'vitest';
import {
  asArray,
  asDigest,
  asMediaType,
  asObject,
  asSet,
  asSize,
  asText,
  asTextMap,
  DOCUMENT_LIMIT,
  member,
  optional,
  type Place,
  readDocument,
  refuse,
} from './document.ts';

const at = (value: unknown): Place => ({ value, where: 'manifest of agent', path: 'layers[2].digest' });
const invalid = (message: string | RegExp): unknown =>
  expect.objectContaining({ code: 'IMAGE_INVALID', message: expect.stringMatching(message) as string });

describe('readDocument', () => {
  test('reads an object', () => {
    expect(readDocument(Buffer.from('{"a":"ä"}'), 'x').value).toEqual({ a: 'ä' });
  });

  test.each([
    ['', /^x: expected JSON in UTF-8/],
    ['{', /JSON/],
    ['{}{}', /JSON/],
    ['\uFEFF{}', /JSON/],
    ['[]', /expected an object at the top, found an empty array/],
    ['null', /expected an object at the top, found null/],
    ['"x"', /expected an object at the top, found "x"/],
  ])('refuses %j', (text, message) => {
    expect(() => readDocument(Buffer.from(text), 'x')).toThrow(invalid(message) as Error);
  });

  test('refuses bytes that are not UTF-8, rather than replacing them', () => {
    expect(() => readDocument(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 'x')).toThrow(
      invalid(/UTF-8/) as Error,
    );
  });

  test('takes 4 MiB and no byte more', () => {
    const padded = (size: number): Buffer => Buffer.from(`{"a":"${'x'.repeat(size - 8)}"}`);
    expect(padded(DOCUMENT_LIMIT).byteLength).toBe(DOCUMENT_LIMIT);
    expect(() => readDocument(padded(DOCUMENT_LIMIT), 'x')).not.toThrow();
    expect(() => readDocument(padded(DOCUMENT_LIMIT + 1), 'x')).toThrow(invalid(/at most 4.2 MB/) as Error);
  });

  test('a document nested without end is an error like any other', () => {
    const deep = Buffer.from(`{"a":${'['.repeat(1_000_000)}`);
    expect(() => readDocument(deep, 'x')).toThrow(invalid(/JSON/) as Error);
  });
});

describe('places', () => {
  test('name themselves by their JSON path', () => {
    const top = readDocument(Buffer.from('{"layers":[{"annotations":{"a.b":7}}]}'), 'x');
    const [first] = asArray(member(top, 'layers'), 10);
    const annotations = member(first ?? top, 'annotations');
    expect(() => asTextMap(annotations)).toThrow(
      invalid('x: expected text at layers\\[0\\].annotations\\["a.b"\\], found 7') as Error,
    );
  });

  test('a refusal has a next step, its own or the common one', () => {
    const top = readDocument(Buffer.from('{"a":1}'), 'x');
    const hint = expect.stringContaining('make or fetch the image again');
    expect(() => refuse(top, 'b')).toThrow(expect.objectContaining({ code: 'IMAGE_INVALID', hint }));
    expect(() => refuse(top, 'b', 'do c')).toThrow(expect.objectContaining({ hint: 'do c' }));
    expect(() => readDocument(Buffer.from('garbage'), 'x')).toThrow(expect.objectContaining({ hint }));
  });

  test('inherited names are absent', () => {
    const top = readDocument(Buffer.from('{}'), 'x');
    expect(member(top, 'constructor').value).toBeUndefined();
    expect(member(top, '__proto__').value).toBeUndefined();
  });

  test('null counts as absent where absence is allowed', () => {
    const top = readDocument(Buffer.from('{"a":null,"b":"c"}'), 'x');
    expect(optional(top, 'a', asText)).toBeUndefined();
    expect(optional(top, 'z', asText)).toBeUndefined();
    expect(optional(top, 'b', asText)).toBe('c');
  });
});

test.each([
  [asSize, -1],
  [asSize, 1.5],
  [asSize, 2 ** 53],
  [asSize, '7'],
  [asSize, null],
  [asDigest, 'sha256:'],
  [asDigest, `sha256:${'A'.repeat(64)}`],
  [asDigest, `sha512:${'a'.repeat(128)}`],
  [asMediaType, 'json'],
  [asMediaType, ''],
  [asText, ''],
  [asText, undefined],
  [asObject, []],
  [asTextMap, { a: null }],
  [asSet, { a: 1 }],
  [(place: Place) => asArray(place, 2), [1, 2, 3]],
  [(place: Place) => asArray(place, 2), { length: 1 }],
])('%o refuses %j and says where', (read, value) => {
  expect(() => read(at(value))).toThrow(invalid(/^manifest of agent: expected .* at layers\[2\].digest/) as Error);
});

test('a map with the key "__proto__" keeps it as a key', () => {
  const map = asTextMap({ value: JSON.parse('{"__proto__":"x"}') as unknown, where: '', path: '' });
  expect(Object.keys(map)).toEqual(['__proto__']);
  expect(Object.getPrototypeOf(map)).toBe(Object.prototype);
});
