/** Choices that depend on nothing but a seed, for files with odd formatting. */
export interface Random {
  /** A whole number from 0 up to, not including, `limit`. */
  below(limit: number): number;
  /** True in `percent` of 100 calls. */
  chance(percent: number): boolean;
  pick<Item>(items: readonly [Item, ...Item[]]): Item;
}

/** A generator of choices (mulberry32). */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    below,
    chance: (percent) => below(100) < percent,
    pick: (items) => items[below(items.length)] ?? items[0],
  };
}

/** Words as they stand in real files, and some that try parsers. */
export const WORDS = [
  'agent/**',
  'go',
  'ünïcödé',
  '日本語',
  '😀 emoji',
  'with "quotes"',
  "it's",
  'back\\slash',
  'a, b',
  '# no comment',
  '// nor this',
  ']',
  '}',
  'x:y',
  '',
  ' blanks ',
] as const;
