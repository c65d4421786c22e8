import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hexdump } from './hexdump.ts';

test('is like hexdump -C, with brackets around the byte that matters', () => {
  const bytes = Buffer.from('one\n[out]2026-05-02 \xe9', 'latin1');
  expect(hexdump(bytes, { mark: 4 })).toEqual([
    '00000000  6f 6e 65 0a[5b]6f 75 74 5d 32 30 32 36 2d 30 35  |one.[out]2026-05|',
    '00000010  2d 30 32 20 e9                                   |-02 .           |',
  ]);
  expect(hexdump(bytes.subarray(0, 4), { mark: 4, width: 8 })).toEqual([
    '00000000  6f 6e 65 0a[  ]          |one.    |',
  ]);
  expect(hexdump(bytes.subarray(0, 4), { mark: 3, width: 4 })).toEqual(['00000000  6f 6e 65[0a] |one.|']);
});

test('lines begin at multiples of their width, whatever the offset', () => {
  const lines = hexdump(Buffer.from('abcdefgh'), { offset: 6, width: 8 });
  expect(lines).toEqual([
    '00000000                    61 62  |      ab|',
    '00000008  63 64 65 66 67 68        |cdefgh  |',
  ]);
});

test('every byte stands there once, in plain ASCII', () => {
  const options = fc.record({ offset: fc.nat(5_000), width: fc.constantFrom(4, 8, 16), mark: fc.nat(80) });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), options, (bytes, how) => {
      const lines = hexdump(bytes, how);
      const numbers = lines.flatMap((line) => line.slice(9, line.indexOf('|')).match(/[0-9a-f]{2}/g) ?? []);
      expect(Buffer.from(numbers.join(''), 'hex')).toEqual(Buffer.from(bytes));
      for (const line of lines) expect(line).toMatch(/^[\x20-\x7e]*$/);
      expect(new Set(lines.map((line) => line.length)).size).toBeLessThan(2);
    }),
  );
});
