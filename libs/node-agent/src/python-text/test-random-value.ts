import type { Random } from './test-random.ts';
import { randomCharacter, randomOsText, randomText } from './test-random-text.ts';
import { hexFloat } from './test-tagged.ts';
import type { PyDict, PyValue } from './value.ts';

/** A float of any kind: all bits, decimal fractions, neighbours of powers of ten and two, large integers. */
export function randomFloat(random: Random): number {
  const word = (): string =>
    random
      .below(2 ** 32)
      .toString(16)
      .padStart(8, '0');
  switch (random.below(6)) {
    case 0:
      return Number(`${random.below(100_000)}e${random.below(60) - 30}`);
    case 1: {
      const value = Number(`1e${random.below(640) - 320}`);
      return value * (1 + (random.below(5) - 2) * Number.EPSILON);
    }
    case 2:
      return random.below(2 ** 52) * 2 ** random.below(30) * (random.chance(0.5) ? 1 : -1);
    case 3:
      return random.below(2 ** 31) / 10 ** random.below(12);
    case 4:
      return 1.7e9 + random.below(2 ** 30) / 1e7;
    default:
      return hexFloat(word() + word());
  }
}

/** Floats at the borders of the notations, of the format and of exactness. */
export const FLOAT_EDGES: readonly number[] = [
  0,
  -0,
  1,
  -1,
  0.1,
  0.5,
  1000,
  1e15,
  9999999999999998,
  1e16,
  1.5e16,
  1e17,
  1e21,
  1e22,
  1e23,
  123456789012345680,
  1e-4,
  0.00012345,
  1e-5,
  1e-7,
  1.5e-10,
  1e-100,
  1e100,
  1e-323,
  5e-324,
  2.2250738585072014e-308,
  1.7976931348623157e308,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  9007199254740992,
  4.35,
  2.675,
  0.3,
  2 / 3,
  100,
  2e-5,
];

/** An integer of up to some sixty digits. */
export function randomInteger(random: Random): bigint {
  const digits = random.times(random.chance(0.3) ? 60 : 6, () => String(random.below(10))).join('');
  return BigInt(digits === '' ? '0' : digits) * (random.chance(0.3) ? -1n : 1n);
}

/** A value with parts, at most `depth` deep. */
export function randomValue(random: Random, depth = 3): PyValue {
  const kind = random.below(depth > 0 ? 9 : 6);
  if (kind === 0) return random.pick([null, true, false]);
  if (kind === 1) return randomInteger(random);
  if (kind === 2) return randomFloat(random);
  if (kind === 3) return randomOsText(random, 0.2);
  if (kind < 6) return randomText(random);
  if (kind < 8) return random.times(4, () => randomValue(random, depth - 1));
  const dict: PyDict = new Map();
  for (const value of random.times(4, () => randomValue(random, depth - 1))) {
    dict.set(random.chance(0.3) ? String(random.below(20)) : randomText(random, 4), value);
  }
  return dict;
}

/** Two numbers (or booleans) that may be equal. */
export function randomPair(random: Random): [PyValue, PyValue] {
  const integer = randomInteger(random);
  const near = Number(integer);
  const other: PyValue = random.pick<PyValue>([
    integer,
    near,
    near,
    -near,
    integer + 1n,
    near + 1,
    true,
    false,
    0n,
    1,
    -0,
  ]);
  if (random.chance(0.3)) return [random.pick<PyValue>([true, false, 0n, 1n, 0, -0, 1, null, '1', Number.NaN]), other];
  return random.chance(0.2)
    ? [
        [integer, true],
        [other, 1n],
      ]
    : [integer, other];
}

/** JSON in many spellings, about half of it spoilt. */
export function randomJson(random: Random): string {
  const text = spelt(random, 3);
  if (random.chance(0.5)) return text;
  const characters = [...text];
  const at = random.below(characters.length + 1);
  const put = random.chance(0.6)
    ? [random.pick(['"', ',', ']', '}', ':', '\\', '[', '{', '\n', '\u{1f600}', '\x01', 'e', '-', '0'])]
    : [];
  if (random.chance(0.3)) return characters.slice(0, at).join('');
  characters.splice(at, random.below(3), ...put);
  return characters.join('');
}

function spelt(random: Random, depth: number): string {
  const blank = random.chance(0.3) ? random.times(2, () => random.pick([' ', '\n', '\t', '\r', ' \n'])).join('') : '';
  const kind = random.below(depth > 0 ? 6 : 4);
  const parts = (make: () => string): string =>
    random.times(4, make).join(random.chance(0.01) ? ',,' : `${blank},${blank}`);
  if (kind === 0) {
    const strange = random.pick(['nul', 'True', '-Inf']);
    return (
      blank + (random.chance(0.03) ? strange : random.pick(['null', 'true', 'false', 'NaN', 'Infinity', '-Infinity']))
    );
  }
  if (kind === 1) return blank + speltNumber(random) + blank;
  if (kind < 4) return blank + speltText(random) + blank;
  if (kind === 4) return `${blank}[${parts(() => spelt(random, depth - 1))}${blank}]`;
  const key = (): string => (random.chance(0.4) ? `"${random.pick(['a', '1', '2', ''])}"` : speltText(random));
  return `${blank}{${blank}${parts(() => `${key()}${blank}:${spelt(random, depth - 1)}`)}}${blank}`;
}

function speltNumber(random: Random): string {
  const strange = (list: readonly [string, ...string[]]): string => (random.chance(0.02) ? random.pick(list) : '');
  const integer = random.pick(['0', '-0', '1', '-12', '1234567890123456789012345', '-98765432109876543210', '9']);
  const fraction = random.pick(['', '', '', '.0', '.5', '.123456789012345678']) + strange(['.', '_0']);
  const exponent = random.pick(['', '', '', 'e5', 'E+3', 'e-7', 'e400', 'E-400', 'e16']) + strange(['e', 'e+', '.']);
  return strange(['0', '+', '-']) + integer + fraction + exponent;
}

function speltText(random: Random): string {
  const unit = (): string =>
    `\\u${random.chance(0.03) ? random.pick(['00', '12g4']) : random.pick(['d83d', 'DE00', 'dcff', '0041', '00e9', 'd83d\\ude00', 'ffff'])}`;
  const parts = random.times(6, () => {
    if (random.chance(0.25)) return unit();
    if (random.chance(0.2))
      return random.pick(['\\n', '\\"', '\\\\', '\\/', '\\b', '\\f', '\\r', '\\t', random.chance(0.1) ? '\\x' : '']);
    const character = randomCharacter(random);
    return /["\\\0-\x1f]/.test(character) && random.chance(0.98) ? '' : character;
  });
  return `"${parts.join('')}"`;
}
