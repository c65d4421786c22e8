// What generated YAML files are made of: text that needs no quotes, text that needs some, text of several lines, keys, comments.

/** Text that needs no quotes. */
export const PLAIN = [
  'agent/**',
  'x86_64',
  'actions/checkout@v4',
  'two words',
  '${{ github.ref }}',
  'über',
  '🎉 done',
  "it's",
];
/** More of it. */
export const PLAIN_TOO = [
  'v1.2.3',
  'http://host.example/z?a=b',
  'a-b_c',
  '日本語',
  '-x',
  'a#b',
  'a:b',
  '<p>',
  '$HOME',
  'né e',
];
/** Text that would be something else without quotes. */
export const QUOTED = [
  '',
  ' lead',
  '1.20',
  'true',
  '!agent',
  '*x',
  'a: b',
  'c #d',
  '- e',
  '@at',
  '`f`',
  '"g"',
  "'h'",
  'null',
];
/** More of it. */
export const QUOTED_TOO = [
  'tab\there',
  'yes',
  ']',
  '{a}',
  '2026-05-01',
  '#hash',
  '%p',
  'end:',
  '012',
  '&y',
  '?',
  '1e3',
  'a\\b',
];
/** Text of several lines. */
export const LONG = [
  'one\ntwo\n',
  'x\n\n  y\n',
  'no end\nhere',
  'keep\n\n\n',
  '# no comment\n- no item\n',
  '  first\nsecond\n',
];
/** Keys. */
export const KEYS = [
  'on',
  'name',
  'paths',
  'runs-on',
  'a.b',
  'with space',
  'ключ',
  'x',
  'steps',
  'if',
  'K_1',
  '🔑',
  "o'key",
  'l',
];
/** Comments. */
export const COMMENTS = ['# comment', '#\ttab', '# ünïcode 🎉', '#', '# - not: an [item', '# ${{ x }} "quote', '#!odd'];

/** A random number generator (mulberry32) with the choices that a writer makes. */
export class Chance {
  #state: number;
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }
  of<T>(list: readonly T[]): T {
    const found = list[this.below(list.length)];
    if (found === undefined) throw new RangeError('nothing to choose from');
    return found;
  }
  once(times: number): boolean {
    return this.below(times) === 0;
  }
}
