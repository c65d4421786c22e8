import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diffLines } from './line-diff.ts';
import { findSync } from './resync.ts';

const keys = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 25 });

function longestCommon(old: readonly string[], now: readonly string[]): number {
  const rows = Array.from({ length: old.length + 1 }, () => Array<number>(now.length + 1).fill(0));
  for (const [i, one] of old.entries()) {
    for (const [j, other] of now.entries()) {
      const row = rows[i + 1];
      if (row === undefined) continue;
      row[j + 1] = one === other ? (rows[i]?.[j] ?? 0) + 1 : Math.max(rows[i]?.[j + 1] ?? 0, row[j] ?? 0);
    }
  }
  return rows[old.length]?.[now.length] ?? 0;
}

test('a difference turns OLD into NEW and is smallest', () => {
  fc.assert(
    fc.property(keys, keys, (old, now) => {
      const steps = diffLines(old, now);
      let [i, j] = [0, 0];
      for (const step of steps) {
        if (step === 'same') expect(old[i]).toBe(now[j]);
        if (step !== 'new') i++;
        if (step !== 'old') j++;
      }
      expect([i, j]).toEqual([old.length, now.length]);
      expect(steps.filter((step) => step === 'same')).toHaveLength(longestCommon(old, now));
    }),
    { numRuns: 2000 },
  );
});

test('beyond its bound of work a difference is right and no longer smallest', () => {
  const [old, now] = ['a', 'b'].map((letter) => Array.from({ length: 2000 }, (_, i) => `${letter}${i}`));
  expect(diffLines(old ?? [], now ?? [])).toEqual([...Array(2000).fill('old'), ...Array(2000).fill('new')]);
});

test('sides agree again at the nearest place from which four lines agree', () => {
  const rest = ['w', 'x', 'y', 'z'];
  expect(findSync(['old', ...rest], ['new', ...rest], false)).toEqual({ old: 1, now: 1 });
  expect(findSync(['old', ...rest], rest, false)).toEqual({ old: 1, now: 0 });
  expect(findSync(['w', 'x', 'old', ...rest], ['w', 'x', 'new', 'one', ...rest], false)).toEqual({ old: 3, now: 4 });
  expect(findSync(['old', 'w', 'x', 'y'], ['new', 'w', 'x', 'y'], false)).toBeUndefined();
  expect(findSync(['old', 'w', 'x', 'y'], ['new', 'w', 'x', 'y'], true)).toEqual({ old: 1, now: 1 });
  expect(findSync(['old'], ['new', 'new'], true)).toEqual({ old: 1, now: 2 });
});
