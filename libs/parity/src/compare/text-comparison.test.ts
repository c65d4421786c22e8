import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '@baton/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareObservations } from './compare-observations.ts';
import { someScenario, stamp, wrote } from './scenario.fixture.ts';

const scenario = someScenario();

async function compare(old: string | Buffer, now: string | Buffer, rules = scenario) {
  return await compareObservations(rules, wrote(old), wrote(now));
}

async function kindsOf(old: string | Buffer, now: string | Buffer, rules = scenario): Promise<string[]> {
  return (await compare(old, now, rules)).divergences.map(({ kind }) => kind);
}

/** A part of a line: text, or the number of a moment for a stamp. */
type Part = string | number;

const texts = fc.oneof(
  fc.constantFrom(
    'a',
    '-',
    ' ',
    '[out]',
    '2026',
    'T',
    ':',
    '.',
    '\x00',
    '\xff',
    '\xe2\x82',
    '\r',
    'SUCEEDED',
    '-2026-',
    '2026-11-',
  ),
  fc.string({
    unit: fc
      .integer({ min: 0, max: 255 })
      .filter((code) => code !== 10)
      .map((code) => String.fromCharCode(code)),
    maxLength: 12,
  }),
);
const parts: fc.Arbitrary<Part> = fc.oneof(
  { weight: 3, arbitrary: texts },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 6 }) },
);
const lines = fc.array(fc.array(parts, { maxLength: 5 }), { maxLength: 12 });

// Text around a stamp must not make another stamp of it.
function print(all: readonly (readonly Part[])[], moment: (group: number) => number): string {
  let now = 0;
  const printPart = (part: Part): string => {
    if (typeof part === 'string') return part;
    now += part;
    return `<${stamp(moment(now))}>`;
  };
  return all.map((line) => line.map(printPart).join('')).join('\n');
}

const steady = (group: number): number => group * 100_000 + 17;
const another = (group: number): number => 3_600_000_000 + group * 200_001 + 1;

describe('property', () => {
  test('what differs in the moments of its stamps alone is equal', async () => {
    await fc.assert(
      fc.asyncProperty(lines, async (all) => {
        expect((await compare(print(all, steady), print(all, another))).divergences).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  test('every change of one byte outside of stamps is found, where it is', async () => {
    const cases = fc.tuple(lines, fc.nat(), fc.integer({ min: 1, max: 255 }));
    await fc.assert(
      fc.asyncProperty(cases, async ([all, where, by]) => {
        const old = print(all, steady);
        const now = Buffer.from(print(all, another), 'latin1');
        const stamps = [...now.toString('latin1').matchAll(/<\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?>/g)];
        const free = [...now.keys()].filter(
          (at) => !stamps.some(({ index, 0: text }) => at >= index && at < index + text.length),
        );
        const at = free[where % Math.max(1, free.length)];
        fc.pre(at !== undefined && stamps.length > 0);
        now[at] = (now[at] ?? 0) ^ by;
        const { divergences } = await compare(old, now);
        expect(divergences.length).toBeGreaterThan(0);
        const line = now.subarray(0, at).filter((byte) => byte === 10).length + 1;
        expect(Math.min(...divergences.map((found) => found.new?.line ?? Infinity))).toBeLessThanOrEqual(line + 1);
      }),
      { numRuns: 600 },
    );
  });

  test('agrees with a plain replacement of stamps about what is equal', async () => {
    const plain = (text: string): string => text.replace(/<\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?>/g, '<TS>');
    const few = fc.array(
      fc.array(fc.oneof(fc.constantFrom('a', 'b', '-', '2026-'), fc.integer({ min: 0, max: 1 })), { maxLength: 3 }),
      {
        maxLength: 3,
      },
    );
    let equal = 0;
    await fc.assert(
      fc.asyncProperty(few, few, fc.boolean(), async (olds, news, same) => {
        const [old, now] = [print(olds, steady), print(same ? olds : news, another)];
        const found = (await compare(old, now)).divergences.filter(({ kind }) => kind !== 'token-group');
        if (plain(old) === plain(now)) equal++;
        expect(found.length === 0).toBe(plain(old) === plain(now));
      }),
      { numRuns: 1500 },
    );
    expect(equal).toBeGreaterThan(500);
  });

  test('without tokens two texts are equal exactly when their bytes are', async () => {
    const plain = someScenario({ tokens: [] });
    const small = fc.string({ unit: fc.constantFrom('a', 'b', '\n', '-'), maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(small, small, async (old, now) => {
        expect((await compare(old, now, plain)).divergences.length === 0).toBe(old === now);
      }),
      { numRuns: 600 },
    );
  });

  test('the hunks turn OLD into NEW', async () => {
    const plain = someScenario({ tokens: [] });
    const some = fc.array(fc.constantFrom('a\n', 'b\n', 'c\n', 'd\n', 'e\n', '\n'), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(some, some, async (olds, news) => {
        const { divergences } = await compare(olds.join(''), news.join(''), plain);
        const result: string[] = [];
        let at = 0;
        for (const { hunk } of divergences) {
          if (hunk === undefined) throw new Error('a hunk is missing');
          // Context of hunks that stand close together overlaps.
          const skip = Math.max(0, at - (hunk.oldStart - 1));
          while (at < hunk.oldStart - 1) result.push(olds[at++] ?? '');
          let seen = 0;
          for (const row of hunk.rows) {
            const isOld = row.kind !== 'new';
            if (isOld && seen++ < skip) continue;
            if (row.kind !== 'old') result.push(String(row.new));
            if (isOld) at++;
          }
        }
        result.push(...olds.slice(at));
        expect(result.join('')).toBe(news.join(''));
      }),
      { numRuns: 600 },
    );
  });

  test('planted changes of a long log are found, each once, and nothing beside them', async () => {
    const edits = fc.uniqueArray(fc.integer({ min: 0, max: 399 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(edits, fc.constantFrom('change', 'drop', 'add'), async (where, how) => {
        const apart = where.sort((a, b) => a - b).filter((at, i, all) => i === 0 || at - (all[i - 1] ?? 0) > 8);
        const log = (moment: (group: number) => number, edit: boolean): string =>
          Array.from({ length: 400 }, (_, i) => {
            const line = `[out]${stamp(moment(i))} line ${i} of a log\n`;
            if (!edit || !apart.includes(i)) return line;
            return how === 'drop'
              ? ''
              : how === 'add'
                ? `${line}something more ${i}\n`
                : line.replace('of a', 'of the');
          }).join('');
        const { divergences } = await compare(log(steady, false), log(another, true));
        expect(divergences.map(({ old }) => old?.line)).toEqual(apart.map((at) => at + (how === 'add' ? 2 : 1)));
      }),
      { numRuns: 60 },
    );
  });
});

test('files are compared like buffers, over the edges of windows', async () => {
  const directory = temporaryDirectory();
  const log = (shift: number, changed = -1): string =>
    Array.from({ length: 40_000 }, (_, i) => {
      const text = i === changed ? 'other' : 'words';
      return `[out]${stamp(shift + i * 250_000)} ${text} and ${'x'.repeat(i % 50)}\n`;
    }).join('');
  const content = (name: string, text: string) => {
    const path = join(directory, name);
    writeFileSync(path, text, 'latin1');
    return { kind: 'file' as const, path, size: text.length };
  };
  const old = wrote('', { stdout: content('old', log(0)) });
  const equal = await compareObservations(scenario, old, wrote('', { stdout: content('equal', log(7_000_003)) }));
  expect(equal.divergences).toEqual([]);
  expect(equal.ledger).toEqual([
    { kind: 'iso-local', channel: 'run1/stdout', hits: 40_000, bytes: expect.any(Number) },
  ]);
  const now = log(7_000_003, 31_000);
  const differing = await compareObservations(scenario, old, wrote('', { stdout: content('differing', now) }));
  expect(differing.divergences).toHaveLength(1);
  const [found] = differing.divergences;
  expect(found).toMatchObject({ kind: 'bytes', new: { line: 31_001, offset: now.indexOf('other') }, bytes: 5 });
});

describe('lines', () => {
  test('a tail that is missing, and one too many', async () => {
    expect(await kindsOf('a\nb\n', 'a\n')).toEqual(['missing-tail']);
    expect(await kindsOf('a\n', 'a\nb\n')).toEqual(['extra-tail']);
    expect(await kindsOf('a\nb', 'a\nb\n')).toEqual(['extra-tail']);
    expect(await kindsOf('', 'b')).toEqual(['extra-tail']);
  });

  test('a stamp in the place of text, and text in the place of a stamp', async () => {
    expect(await kindsOf(`a ${stamp(5)}\n`, 'a now\n')).toEqual(['token-presence']);
    expect(await kindsOf('a now\n', `a ${stamp(5)}\n`)).toEqual(['token-presence']);
  });

  test('of more than 1 MiB are compared by offset', async () => {
    const long = Buffer.alloc(3_000_000, 'y');
    const other = Buffer.from(long);
    other[2_500_000] = 0;
    const { divergences } = await compare(
      Buffer.concat([long, Buffer.from('\nend\n')]),
      Buffer.concat([other, Buffer.from('\nend\n')]),
    );
    expect(divergences).toMatchObject([{ kind: 'bytes', old: { offset: 2_500_000 }, bytes: 1 }]);
    expect(divergences[0]?.message).toContain('1 MiB');
  });

  test('that never agree again are given up, loudly', async () => {
    const lines = (word: string): string => Array.from({ length: 5000 }, (_, i) => `${word} ${i}\n`).join('');
    const { divergences } = await compare(lines('old'), lines('new'));
    expect(divergences).toHaveLength(1);
    expect(divergences[0]).toMatchObject({ kind: 'bytes', bytes: lines('old').length });
    expect(divergences[0]?.message).toContain('lost sync at line 1 of OLD');
  });

  test('more than a thousand regions are counted', async () => {
    const log = (word: string): string =>
      Array.from({ length: 9000 }, (_, i) => (i % 6 === 0 ? `${word}\n` : `line ${i}\n`)).join('');
    const { divergences } = await compare(log('old'), log('new'));
    expect(divergences).toHaveLength(1001);
    expect(divergences.at(-1)).toMatchObject({
      message: 'and 500 more divergent regions in run1/stdout',
      bytes: 500 * 3,
    });
    const kept = divergences.flatMap(({ hunk }) => hunk?.rows ?? []);
    expect(kept.reduce((sum, row) => sum + (row.old?.length ?? 0) + (row.new?.length ?? 0), 0)).toBeLessThan(
      256 * 1024,
    );
  });

  test('have positions in bytes on both sides', async () => {
    const { divergences } = await compare(
      `\xff\xfe\n[out]${stamp(0)} x\xe2\n`,
      `\xff\xfe\n[out]${stamp(983_000_000)} x\xe3\n`,
    );
    expect(divergences).toMatchObject([{ old: { line: 2, column: 27 }, new: { line: 2, column: 27 }, bytes: 1 }]);
    expect(divergences[0]?.message).toContain('\\xe2');
  });
});
