import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { needs, temporaryDirectory } from '@baton/testkit';
import { describe, expect, test } from 'vitest';
import { type Random, seededRandom } from '../python-text/test-random.ts';
import { askPython } from '../test-python.ts';
import { zoneOf } from './zone.ts';

/** 2026-01-01 and 2026-07-01. */
const [WINTER, SUMMER] = [1767225600, 1782864000];

describe('rules', () => {
  test.each([
    ['IST-5:30', 19800, 19800],
    ['<+03>-3', 10800, 10800],
    ['EST5', -18000, -18000],
    ['CET-1CEST,M3.5.0,M10.5.0/3', 3600, 7200],
    ['NZST-12NZDT,M9.5.0,M4.1.0/3', 46800, 43200],
    [':IST-5:30', 19800, 19800],
    ['', 0, 0],
    [':', 0, 0],
    ['Nowhere/Town', 0, 0],
    ['x', 0, 0],
  ])('%j', (tz, winter, summer) => {
    const zone = zoneOf(tz, temporaryDirectory());
    expect([zone.offsetAt(WINTER), zone.offsetAt(SUMMER)]).toEqual([winter, summer]);
  });

  test('the hour of the change', () => {
    const zone = zoneOf('CET-1CEST,M3.5.0,M10.5.0/3');
    const [spring, autumn] = [Date.UTC(2026, 2, 29, 1) / 1000, Date.UTC(2026, 9, 25, 1) / 1000];
    expect([spring - 1, spring, autumn - 1, autumn].map((second) => zone.offsetAt(second))).toEqual([
      3600, 7200, 7200, 3600,
    ]);
  });
});

describe('zone files', () => {
  const [A, B] = [1_600_000_000, 1_700_000_000];

  test('before, between and behind the changes', () => {
    const zone = zoneOf(
      zonePath(
        zoneFile({
          changes: [
            [A, 1],
            [B, 0],
          ],
          kinds: [
            [3600, 0],
            [7200, 1],
          ],
        }),
      ),
    );
    expect([A - 1, A, B - 1, B, B + 1e9].map((second) => zone.offsetAt(second))).toEqual([
      3600, 7200, 7200, 3600, 3600,
    ]);
  });

  test('before the first change it is the first kind that is no summer time', () => {
    const zone = zoneOf(
      zonePath(
        zoneFile({
          changes: [[A, 0]],
          kinds: [
            [7200, 1],
            [3600, 0],
          ],
        }),
      ),
    );
    expect([A - 1, A].map((second) => zone.offsetAt(second))).toEqual([3600, 7200]);
  });

  test('the rule at the end holds from the last change on', () => {
    const zone = zoneOf(zonePath(zoneFile({ changes: [[A, 0]], kinds: [[3600, 0]], footer: 'IST-5:30' })));
    expect([A - 1, A, B].map((second) => zone.offsetAt(second))).toEqual([3600, 19800, 19800]);
  });

  test('a file of the first version', () => {
    const zone = zoneOf(
      zonePath(
        zoneFile({
          changes: [[A, 1]],
          kinds: [
            [3600, 0],
            [7200, 1],
          ],
          version: 0,
        }),
      ),
    );
    expect([A - 1, A].map((second) => zone.offsetAt(second))).toEqual([3600, 7200]);
  });

  test('a name is looked for in TZDIR, with and without a colon, before it is taken for a rule', () => {
    const dir = temporaryDirectory();
    mkdirSync(join(dir, 'My'));
    for (const name of ['My/Town', 'EST5'])
      writeFileSync(join(dir, name), zoneFile({ changes: [], kinds: [[1234, 0]] }));
    expect(['My/Town', ':My/Town', 'EST5', 'My'].map((name) => zoneOf(name, dir).offsetAt(0))).toEqual([
      1234, 1234, 1234, 0,
    ]);
  });

  test('what is no zone file, or is broken off, is not there', () => {
    const whole = zoneFile({ changes: [[A, 0]], kinds: [[3600, 0]], footer: 'IST-5:30' });
    const broken = [Buffer.from('no'), whole.subarray(0, 60), whole.subarray(0, whole.length - 25), Buffer.alloc(0)];
    expect(broken.map((bytes) => zoneOf(zonePath(bytes)).offsetAt(B))).toEqual([0, 0, 0, 0]);
  });
});

test('nothing is read before the first question', async () => {
  const { localZone } = await import('./zone.ts');
  const dir = temporaryDirectory();
  const before = process.env.TZ;
  process.env.TZ = join(dir, 'late');
  try {
    const zone = localZone();
    writeFileSync(join(dir, 'late'), zoneFile({ changes: [], kinds: [[60, 0]] }));
    expect(zone.offsetAt(0)).toBe(60);
    writeFileSync(join(dir, 'late'), zoneFile({ changes: [], kinds: [[120, 0]] }));
    expect([zone.offsetAt(0), localZone().offsetAt(0)]).toEqual([60, 60]);
  } finally {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  }
});

needs('python').describe('local time is that of Python', () => {
  /** From 2008 on: rules without dates follow a file of the machine for the years before. */
  const instants = (random: Random, from: number): number[] =>
    Array.from({ length: 40 }, () => from + random.below(2 ** 31 + 9e8 - from));

  test('random rules', () => {
    const random = seededRandom(5);
    const cases = Array.from({ length: 600 }, () => ({ tz: randomRule(random), at: instants(random, 1_200_000_000) }));
    expect(cases.map(ourOffsets)).toEqual(pythonOffsets(cases));
  });

  test('zone files of our own making', () => {
    const random = seededRandom(6);
    const cases = Array.from({ length: 60 }, () => {
      const kinds = Array.from({ length: 1 + random.below(4) }, (): [number, number] => [
        random.below(90_000) - 45_000,
        random.below(2),
      ]);
      const times = Array.from({ length: random.below(8) }, () => random.below(2 ** 31)).sort((a, b) => a - b);
      const changes = [...new Set(times)].map((time): [number, number] => [time, random.below(kinds.length)]);
      const footer = random.chance(0.5) ? randomRule(random) : '';
      const version = random.chance(0.2) ? 0 : 50;
      return { tz: zonePath(zoneFile({ changes, kinds, footer, version })), at: instants(random, 0) };
    });
    expect(cases.map(ourOffsets)).toEqual(pythonOffsets(cases));
  });

  const ZONES = '/usr/share/zoneinfo';
  test.skipIf(!existsSync(join(ZONES, 'Europe')))('every zone of this machine', () => {
    const names = readdirSync(ZONES, { recursive: true, encoding: 'utf8' }).filter((name) => {
      // Leap seconds are left out.
      if (name.startsWith('right') || !statSync(join(ZONES, name)).isFile()) return false;
      return readFileSync(join(ZONES, name)).subarray(0, 4).toString() === 'TZif';
    });
    const random = seededRandom(8);
    const cases = names.map((tz) => ({ tz, at: instants(random, 0) }));
    expect(cases.map(ourOffsets)).toEqual(pythonOffsets(cases));
    expect(names.length).toBeGreaterThan(100);
  });
});

interface Case {
  tz: string;
  at: number[];
}

function ourOffsets({ tz, at }: Case): { tz: string; offsets: number[] } {
  const zone = zoneOf(tz);
  return { tz, offsets: at.map((second) => zone.offsetAt(second)) };
}

function pythonOffsets(cases: readonly Case[]): unknown {
  return askPython(
    `import os, time
def offsets(tz, at):
    os.environ['TZ'] = tz
    time.tzset()
    return {'tz': tz, 'offsets': [time.localtime(second).tm_gmtoff for second in at]}
answer([offsets(c['tz'], c['at']) for c in ask])`,
    cases,
  );
}

function randomRule(random: Random): string {
  const number = (most: number): string => String(random.below(most));
  const time = (): string =>
    random.pick(['', '0', number(30), `${number(26)}:${number(70)}`, `${number(9)}:${number(60)}:${number(70)}`]);
  const sign = (): string => random.pick(['', '+', '-']);
  const name = (): string => random.pick(['AAA', 'Bcde', '<+03>', '<-0330>', '<x9y>', 'ab', '<ab>', '']);
  const clock = (): string => random.pick(['', '', `/${random.pick(['', '-'])}${time()}`, '/']);
  const day = (): string =>
    random.pick([
      `M${1 + random.below(12)}.${1 + random.below(5)}.${number(7)}`,
      `J${number(370)}`,
      number(370),
      `M3.2.0`,
      'M10.5.0',
      'J',
      'q',
      '',
    ]);
  const rule = `${name()}${sign()}${time()}`;
  if (random.chance(0.3)) return rule;
  const summer = `${rule}${random.pick(['DDD', '<+05>', 'x'])}${random.chance(0.6) ? '' : sign() + time()}`;
  // Without any dates glibc follows a file of the machine that hardly any has.
  const tail = `,${day() || 'J5'}${clock()},${day()}${clock()}`;
  return summer + tail + (random.chance(0.05) ? 'x' : '');
}

interface ZoneData {
  changes: readonly [at: number, kind: number][];
  kinds: readonly [offset: number, isSummer: number][];
  footer?: string;
  /** 0 for the first version, else a digit's code. */
  version?: number;
}

/** A zone file as RFC 9636 has it. */
function zoneFile({ changes, kinds, footer = '', version = 50 }: ZoneData): Buffer {
  const block = (width: 4 | 8): Buffer => {
    const head = Buffer.alloc(44);
    head.write('TZif');
    head[4] = version;
    for (const [i, count] of [0, 0, 0, changes.length, kinds.length, 4].entries())
      head.writeUInt32BE(count, 20 + i * 4);
    const times = Buffer.alloc(changes.length * width);
    for (const [i, [at]] of changes.entries()) {
      if (width === 4) times.writeInt32BE(at, i * 4);
      else times.writeBigInt64BE(BigInt(at), i * 8);
    }
    const table = Buffer.alloc(kinds.length * 6);
    for (const [i, [offset, isSummer]] of kinds.entries()) {
      table.writeInt32BE(offset, i * 6);
      table[i * 6 + 4] = isSummer;
    }
    return Buffer.concat([head, times, Buffer.from(changes.map(([, kind]) => kind)), table, Buffer.from('ABC\0')]);
  };
  return version === 0 ? block(4) : Buffer.concat([block(4), block(8), Buffer.from(`\n${footer}\n`)]);
}

function zonePath(bytes: Buffer): string {
  const path = join(temporaryDirectory(), 'zone');
  writeFileSync(path, bytes);
  return path;
}
