import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PythonError } from '../crash.ts';
import { decodeOs, encodeOs, parseJson } from './index.ts';

test('any bytes survive being a text', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      expect(new Uint8Array(encodeOs(decodeOs(bytes)))).toEqual(new Uint8Array(bytes));
    }),
    { numRuns: 2_000 },
  );
});

test('a byte that is no UTF-8 becomes a lone surrogate', () => {
  expect(decodeOs(Buffer.from('61ffe282c3a9eda080', 'hex'))).toBe('a\udcff\udce2\udc82é\udced\udca0\udc80');
});

test('the surrogate of a byte may come from config.json (18.6)', () => {
  expect(encodeOs(String(parseJson('"a\\udcffb"')))).toEqual(Buffer.from('61ff62', 'hex'));
});

test('other lone surrogates cannot be passed (18.6)', () => {
  const refusal = new PythonError(
    'UnicodeEncodeError',
    "'utf-8' codec can't encode character '\\ud800' in position 2: surrogates not allowed",
  );
  expect(() => encodeOs('😀\udcff\ud800')).toThrow(refusal);
  expect(() => encodeOs('\udc80\ud801\ud802x')).toThrow(
    "'utf-8' codec can't encode characters in position 1-2: surrogates not allowed",
  );
  expect(() => encodeOs('\udc7f')).toThrow(PythonError);
});
