import { expect, test } from 'vitest';
import { isShortProof, proofSample } from './index.ts';

test('a short proof takes a part of the list, first and last included', () => {
  const list = [1, 2, 3, 4, 5, 6];
  expect(proofSample(list, 3, { BATON_PROVE: 'short' })).toEqual([1, 4, 6]);
  expect(proofSample(list, 3, { BATON_PROVE: '1' })).toEqual(list);
  expect(proofSample(list, 3, {})).toEqual(list);
});

test('only the word makes it short', () => {
  expect(isShortProof({ BATON_PROVE: 'short' })).toBe(true);
  expect(isShortProof({ BATON_PROVE: '1' })).toBe(false);
  expect(isShortProof({})).toBe(false);
});
