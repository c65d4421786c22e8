import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatBytes, plural } from './text.ts';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [290_400, '290 kB'],
  [99_949, '99.9 kB'],
  [99_950, '100 kB'],
  [999_499, '999 kB'],
  [999_500, '1.0 MB'],
  [45_640_000, '45.6 MB'],
  [10_000_000_000, '10.0 GB'],
  [5_000_000_000_000_000, '5000 TB'],
])('%d bytes are shown as %s', (bytes, shown) => {
  expect(formatBytes(bytes)).toBe(shown);
});

test('what is shown is within five per cent of what is meant', () => {
  const units: Record<string, number> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 50 }), (bytes) => {
      const [number = '', unit = ''] = formatBytes(bytes).split(' ');
      expect(Math.abs(Number(number) * (units[unit] ?? 0) - bytes)).toBeLessThanOrEqual(bytes * 0.05);
    }),
  );
});

test('one is singular, everything else plural', () => {
  expect([0, 1, 2].map((count) => plural(count, 'layer'))).toEqual(['0 layers', '1 layer', '2 layers']);
  expect(plural(3, 'entry', 'entries')).toBe('3 entries');
});
