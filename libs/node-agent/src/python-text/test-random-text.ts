import { decodeRuns } from './printable.ts';
import type { Random } from './test-random.ts';
import { DECIMAL_ZEROS, PRINTABLE_CHANGES } from './unicode-tables.ts';

const CHANGES = decodeRuns(PRINTABLE_CHANGES);
const ZEROS = decodeRuns(DECIMAL_ZEROS);

/** What the contract names, and what joins, combines or hides. */
const SPECIAL = [
  ...'\u00a0\u00ad\u200b\u200d\u2028\u2029\ufeff\u3000\ue000\u0378\u0301\ufe0f\ufffd\uffff\u{1f469}\u{e0001}',
];

const LONE = /[\ud800-\udfff]/u;

/** Any character, with a liking for those that a rule might treat in a way of their own. */
export function randomCharacter(random: Random): string {
  const codePoint = (limit: number, from = 0): string => {
    const point = from + random.below(limit - from);
    return point >= 0xd800 && point < 0xe000 ? '?' : String.fromCodePoint(point);
  };
  switch (random.below(9)) {
    case 0:
      return random.pick(["'", '"', '\\', '\t', '\n', '\r', '/', '\b', '\f']);
    case 1:
      return codePoint(0x20);
    case 2:
      return codePoint(0x180, 0x7f);
    case 3:
      return codePoint(0x10000);
    case 4:
      return codePoint(0x110000, 0x10000);
    case 5:
      return SPECIAL[random.below(SPECIAL.length)] ?? '';
    case 6:
      return String.fromCodePoint((CHANGES[random.below(CHANGES.length)] ?? 1) - random.below(2)).replace(LONE, '?');
    default:
      return codePoint(0x7f, 0x20);
  }
}

/** A text of whole characters. */
export function randomText(random: Random, most = 12): string {
  return random.times(most, () => randomCharacter(random)).join('');
}

/** A text with lone surrogates, mostly those of undecodable bytes. */
export function randomOsText(random: Random, strangers = 0.05): string {
  let text = '';
  for (const part of random.times(10, () => randomCharacter(random))) {
    if (random.chance(0.5)) text += part;
    else if (random.chance(strangers)) text += String.fromCharCode(0xd800 + random.below(0x800));
    else text += String.fromCharCode(0xdc80 + random.below(0x80));
  }
  return text;
}

/** Bytes between UTF-8 and noise. */
export function randomBytes(random: Random, most = 12): Buffer {
  const parts = random.times(most, () => {
    const bytes = Buffer.from(randomCharacter(random));
    switch (random.below(6)) {
      case 0:
        return Buffer.from([random.below(256)]);
      case 1:
        return Buffer.from([random.pick([0xc2, 0xe0, 0xe2, 0xed, 0xf0, 0xf4, 0xf5, 0xc0]), 0x80 + random.below(0x40)]);
      case 2:
        return bytes.subarray(0, 1 + random.below(bytes.length));
      case 3:
        return bytes.subarray(random.below(bytes.length));
      default:
        return bytes;
    }
  });
  return Buffer.concat(parts);
}

/** A text that int() may or may not read. */
export function randomNumeral(random: Random): string {
  const rarely = (list: readonly [string, ...string[]]): string => (random.chance(0.08) ? random.pick(list) : '');
  const blank = (): string =>
    random
      .times(2, () => random.pick([' ', '\t', '\n', '\v', '\f', '\r', '\x85', '\xa0', '\u2003', '\u3000']))
      .join('');
  const zero = random.chance(0.5) ? 0x30 : (ZEROS[random.below(ZEROS.length)] ?? 0x30);
  const digits = random.times(8, () => String.fromCodePoint(zero + random.below(10)));
  const body = digits.join(random.chance(0.2) ? '_' : '');
  const before = rarely(['\x1c', '\u180e', '--', '- ', '_', '\u2212', '\ufeff']);
  const after = rarely(['_', '__1', 'k', '.5', 'x10', '\0', '\u00b2', '\u2160', '-', '\x7f', '\x1f', '\ud801']);
  return blank() + before + random.pick(['', '', '+', '-']) + body + after + blank();
}
