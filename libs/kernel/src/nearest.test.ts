import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nearest } from './nearest.ts';

const KEYS = ['platforms', 'entrypoint', 'labels', 'user', 'env', 'cmd', 'to', 'x'];

test.each([
  ['platform', 'platforms'],
  ['entry_point', 'entrypoint'],
  ['lables', 'labels'],
  ['USER', 'user'],
  ['evn', 'env'],
  ['t', undefined],
  ['id', undefined],
  ['healthcheck', undefined],
  ['', undefined],
])('%s means %s', (word, meant) => {
  expect(nearest(word, KEYS)).toBe(meant);
});

test('a candidate is the nearest to itself', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ minLength: 1 }), { minLength: 1 }), (words) => {
      const [word = ''] = words;
      expect(nearest(word, words)?.toLowerCase()).toBe(word.toLowerCase());
    }),
  );
});

test('no candidates, no answer', () => {
  expect(nearest('labels', [])).toBeUndefined();
});
