import fc from 'fast-check';
import { expect, test } from 'vitest';
import { displayWidth } from './text-width.ts';
import { twoLines } from './two-lines.ts';

const line = (text: string, at: number): { bytes: Buffer; at: number } => ({ bytes: Buffer.from(text), at });

test('the bytes that matter stand below each other, over the caret', () => {
  expect(twoLines(line('price 12\n', 6), line('price 13\n', 6), 40)).toEqual(['price 12\\n', 'price 13\\n', '      ^']);
  expect(twoLines(line('a.5 x', 4), line('a.50000 y', 8), 40)).toEqual(['    a.5 x', 'a.50000 y', '        ^']);
});

test('a side that has ended says so', () => {
  expect(twoLines(line('more\n', 0), line('', 0), 40)).toEqual(['   more\\n', '   \\c', '   ^']);
});

test('long lines are cut on both sides of the byte that matters', () => {
  const lead = 'x'.repeat(500);
  const [one, other, caret] = twoLines(line(`${lead}A${lead}`, 500), line(`${lead}B${lead}`, 500), 40);
  expect(one).toBe(`…${'x'.repeat(23)}A${'x'.repeat(14)}…`);
  expect(other).toBe(`…${'x'.repeat(23)}B${'x'.repeat(14)}…`);
  expect(caret).toBe(`${' '.repeat(24)}^`);
});

test('no line is wider than allowed, and nothing moves a cursor', () => {
  const side = fc
    .tuple(fc.uint8Array({ maxLength: 200 }), fc.nat(200))
    .map(([bytes, at]) => ({ bytes, at: Math.min(at, bytes.length) }));
  fc.assert(
    fc.property(side, side, fc.integer({ min: 8, max: 120 }), (one, other, width) => {
      for (const drawn of twoLines(one, other, width)) {
        expect(displayWidth(drawn)).toBeLessThanOrEqual(width);
        expect(drawn).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
      }
    }),
  );
});
