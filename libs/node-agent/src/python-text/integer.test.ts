import { expect, test } from 'vitest';
import { PythonError } from '../crash.ts';
import { parseInteger } from './index.ts';

test.each([
  [' 1_024 ', 1024n],
  ['\uff11\uff16', 16n],
  ['007', 7n],
  ['-0', 0n],
  ['\u3000-12\n', -12n],
  ['+1_0', 10n],
])('%j is an integer (contract, section 3)', (text, value) => {
  expect(parseInteger(text)).toBe(value);
});

test.each([
  ['', "''"],
  ['8k', "'8k'"],
  ['0x10', "'0x10'"],
  ['1.5', "'1.5'"],
  ["it's", `"it's"`],
  ['\udcff', "'\\udcff'"],
])('%j is none', (text, shown) => {
  const refusal = new PythonError('ValueError', `invalid literal for int() with base 10: ${shown}`);
  expect(() => parseInteger(text)).toThrow(refusal);
});

test('no more than 4,300 digits, as in Python', () => {
  expect(parseInteger('9'.repeat(4300))).toBe(10n ** 4300n - 1n);
  expect(() => parseInteger('9'.repeat(4301))).toThrow(
    'Exceeds the limit (4300 digits) for integer string conversion: value has 4301 digits',
  );
});
