import { expect, test } from 'vitest';
import { floatText, parseJson, repr, strOf } from './index.ts';
import type { PyValue } from './value.ts';

test('lists of texts (recording repr-quotes)', () => {
  const given = ['plain', "it's", 'say "hi"', 'both \' and "', 'back\\slash', 'tab\tnl\ncr\r', '\x01\x7f', ''];
  expect(repr(given)).toBe(
    `['plain', "it's", 'say "hi"', 'both \\' and "', 'back\\\\slash', 'tab\\tnl\\ncr\\r', '\\x01\\x7f', '']`,
  );
});

test('characters above ASCII (recording repr-unicode)', () => {
  const given = [
    'é€😀',
    '\xa0',
    '\u200b',
    '\u2028',
    '\xad',
    '\u0301',
    '\ue000',
    '\u{e0001}',
    '\u3000',
    '\ufeff',
    '漢字',
  ];
  expect(repr(given)).toBe(
    "['é€😀', '\\xa0', '\\u200b', '\\u2028', '\\xad', '\u0301', '\\ue000', '\\U000e0001', '\\u3000', '\\ufeff', '漢字']",
  );
});

test('the examples of the contract, 18.1', () => {
  expect(repr('\u0378\ufe0f\ufffd')).toBe("'\\u0378\ufe0f\ufffd'");
  expect(repr('\u{1f469}\u200d\u{1f467}')).toBe("'\u{1f469}\\u200d\u{1f467}'");
  expect(repr('\udcff')).toBe("'\\udcff'");
  expect(repr(["it's", 'a'])).toBe(`["it's", 'a']`);
  expect(repr([])).toBe('[]');
});

test('a character that came after Unicode 15.1 is escaped, whatever this Node knows', () => {
  expect(repr('\u{10d40}\u{1ccf0}')).toBe("'\\U00010d40\\U0001ccf0'");
  // New in 15.1 itself: Python 3.12 would escape it.
  expect(repr('\u2ffc')).toBe("'\u2ffc'");
});

test('numbers (recording repr-numbers)', () => {
  const json = '[0, 1.0, -0, -0.0, 1e3, 1E+2, 12345678901234567890123, 1.0e16, 1e22, 0]';
  expect(repr(parseJson(json))).toBe('[0, 1.0, 0, -0.0, 1000.0, 100.0, 12345678901234567890123, 1e+16, 1e+22, 0]');
  expect([1e3, 1e16, 1e-7, -0, 1767323045.678901].map(floatText)).toEqual([
    '1000.0',
    '1e+16',
    '1e-07',
    '-0.0',
    '1767323045.678901',
  ]);
});

test('the other values, and what an f-string shows', () => {
  const dict = new Map<string, PyValue>([
    ['b', null],
    ['1', [true, false, Number.NaN]],
    ['a', new Map()],
  ]);
  expect(repr(dict)).toBe("{'b': None, '1': [True, False, nan], 'a': {}}");
  expect(strOf("it's")).toBe("it's");
  expect(strOf(["it's"])).toBe(`["it's"]`);
  expect(strOf(1n)).toBe('1');
  expect(strOf(null)).toBe('None');
});
