import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foreignText, quotedText } from './foreign-text.ts';

test.each([
  ['plain text, 1.2.3', 'plain text, 1.2.3'],
  ['Ünïcode 日本', 'Ünïcode 日本'],
  ['a\n└─ layer', '"a\\n\\u2514\\u2500 layer"'],
  ['├─ label: x', '"\\u251c\\u2500 label: x"'],
  ['\u001b[2J', '"\\u001b[2J"'],
  ['user\u202egnp', '"user\\u202egnp"'],
  ['zero\u200bwidth', '"zero\\u200bwidth"'],
  ['   indented', '"   indented"'],
  ['no\u00a0break', '"no\\u00a0break"'],
  ['"quoted"', '"\\"quoted\\""'],
  ['tag\u{e0041}', '"tag\\udb40\\udc41"'],
  ['', '""'],
])('%j', (text, expected) => {
  expect(foreignText(text)).toBe(expected);
});

test('nothing that could mislead is left, and JSON gives the text back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      expect(foreignText(text)).not.toMatch(
        /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\u2500-\u259f]/,
      );
      expect(JSON.parse(quotedText(text))).toBe(text);
    }),
  );
});

test('long text is cut, and says so', () => {
  expect(foreignText('x'.repeat(5000))).toBe(`${'x'.repeat(400)} ... (5000 characters)`);
});
