import { expect, test } from 'vitest';
import { marker } from './marker.ts';

test.each<{ words: string[]; codes: (bigint | number)[]; text: string }>([
  { words: [], codes: [0n], text: '[]_[0]' },
  { words: ['a', "it's"], codes: [0n], text: `['a', "it's"]_[0]` },
  {
    words: [],
    codes: [1.0, -0, 1e16, 12345678901234567890123n],
    text: '[]_[1.0, -0.0, 1e+16, 12345678901234567890123]',
  },
  { words: ['é\u00a0\u{1f600}\udcff'], codes: [0n], text: String.raw`['é\xa0😀\udcff']_[0]` },
])('is the base64 text of $text', ({ words, codes, text }) => {
  expect(marker(words, codes)).toBe(Buffer.from(text, 'utf8').toString('base64'));
});
