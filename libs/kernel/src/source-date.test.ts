import { expect, test } from 'vitest';
import { sourceDateEpoch } from './source-date.ts';

test('is a number of seconds, or nothing', () => {
  expect(sourceDateEpoch({ SOURCE_DATE_EPOCH: '1714550000' })).toBe(1_714_550_000);
  expect(sourceDateEpoch({ SOURCE_DATE_EPOCH: '0' })).toBe(0);
  expect(sourceDateEpoch({ SOURCE_DATE_EPOCH: '' })).toBeUndefined();
  expect(sourceDateEpoch({})).toBeUndefined();
});

test.each(['-1', '1.5', 'now', '1e9', '99999999999999999999'])('refuses %s', (SOURCE_DATE_EPOCH) => {
  expect(() => sourceDateEpoch({ SOURCE_DATE_EPOCH })).toThrow(`SOURCE_DATE_EPOCH is "${SOURCE_DATE_EPOCH}"`);
});
