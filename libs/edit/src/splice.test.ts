import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applySplices, invertSplices, type Splice, sortSplices } from './splice.ts';

const splice = (start: number, end: number, text: string): Splice => ({ start, end, bytes: Buffer.from(text) });

describe('applySplices', () => {
  test('replaces, inserts and removes, in any order', () => {
    const splices = [splice(4, 4, 'X'), splice(0, 1, 'AA'), splice(2, 3, '')];
    expect(applySplices(Buffer.from('abcdef'), splices).toString()).toBe('AAbdXef');
    expect(applySplices(Buffer.from('abcdef'), splices.toReversed()).toString()).toBe('AAbdXef');
  });

  test('may insert right before and right behind what is replaced', () => {
    expect(applySplices(Buffer.from('abc'), [splice(1, 1, '<'), splice(1, 2, 'X')]).toString()).toBe('a<Xc');
    expect(applySplices(Buffer.from('abc'), [splice(1, 2, 'X'), splice(2, 2, '>')]).toString()).toBe('aX>c');
  });

  test.each([
    ['overlap', splice(0, 2, ''), splice(1, 3, '')],
    ['one within the other', splice(0, 5, ''), splice(2, 2, 'x')],
    ['two insertions at one place', splice(2, 2, 'x'), splice(2, 2, 'y')],
    ['the same twice', splice(1, 2, 'x'), splice(1, 2, 'x')],
  ])('refuses %s', (_, one, other) => {
    expect(() => sortSplices([other, one])).toThrow('two edits touch the same bytes');
  });
});

test('the inverse gives the same bytes', () => {
  const places = fc.uniqueArray(fc.nat(60), { minLength: 0, maxLength: 12 });
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 60, maxLength: 60 }),
      places,
      fc.array(fc.string(), { maxLength: 6 }),
      (bytes, at, texts) => {
        const sorted = at.sort((a, b) => a - b);
        const splices: Splice[] = [];
        // Neighbours in the list of places are the ends of a splice, so that some touch.
        for (const [index, end] of sorted.slice(1).entries()) {
          const start = sorted[index] ?? 0;
          if (texts[index] !== undefined) splices.push(splice(start, end, texts[index]));
        }
        const edited = applySplices(bytes, splices);
        expect(applySplices(edited, invertSplices(bytes, splices)).equals(Buffer.from(bytes))).toBe(true);
      },
    ),
  );
});
