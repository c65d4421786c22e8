import { describe, expect, test } from 'vitest';
import { compareObservations } from '../compare/compare-observations.ts';
import { ALL_TOKENS, bytes, someScenario, stamp, wrote } from '../compare/scenario.fixture.ts';
import type { PatternRule, TokenRule } from '../model/scenario.ts';
import { channelMatches } from './channel-pattern.ts';
import { checkTokenRules } from './token-rules.ts';

const took = (changes: Partial<PatternRule> = {}): PatternRule => ({
  use: 'pattern',
  name: 'took',
  pattern: '(?<=took )\\d+(?= ms)',
  validator: { kind: 'number', min: 0, max: 1000 },
  ...changes,
});

const codeOf = (tokens: readonly TokenRule[]): string | undefined => {
  try {
    checkTokenRules(someScenario({ tokens }));
    return undefined;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
};

describe('refused before anything is compared', () => {
  test('all built-in kinds together, and a pattern with an anchor, are fine', () => {
    expect(codeOf([...ALL_TOKENS, took()])).toBeUndefined();
    for (const pattern of ['^x\\d+', 'id=\\d+', '(?<=^)\\d', '(?<=run )[a-z]+'])
      expect(codeOf([took({ pattern })])).toBeUndefined();
  });

  test.each(['\\d+', 'a\\d+', '[abc]\\d', '.*', '(?<=x)\\d+', 'abc\\d|\\d+', 'abc*'])('no anchor: %s', (pattern) => {
    expect(codeOf([took({ pattern })])).toBe('TOKEN_INVALID');
  });

  test.each(['', '^', '^x*', '(?:abc)?', '^(', 'abc[^x]*'])('the empty text, nonsense or a newline: %s', (pattern) => {
    expect(codeOf([took({ pattern })])).toBe('TOKEN_INVALID');
  });

  test('no validator', () => {
    expect(codeOf([JSON.parse('{"use":"pattern","name":"x","pattern":"abc."}')])).toBe('TOKEN_UNVALIDATED');
    expect(codeOf([JSON.parse('{"use":"pattern","name":"x","pattern":"abc.","validator":{"kind":"any"}}')])).toBe(
      'TOKEN_UNVALIDATED',
    );
  });

  test('two rules for the same bytes', () => {
    expect(codeOf([{ use: 'pid' }, { use: 'pid' }])).toBe('TOKEN_OVERLAP');
    expect(
      codeOf([
        { use: 'pid', at: 'run1/*' },
        { use: 'pid', at: 'run2/*' },
      ]),
    ).toBeUndefined();
    expect(codeOf([{ use: 'iso-local' }, took({ pattern: '^\\[out\\]\\S+' })])).toBe('TOKEN_OVERLAP');
    expect(codeOf([{ use: 'temp-name' }, took({ pattern: '/tmp/\\w+' })])).toBe('TOKEN_OVERLAP');
  });

  test('bounds that nothing fits', () => {
    expect(codeOf([{ use: 'pid', mustHit: 3, atMost: 2 }])).toBe('TOKEN_INVALID');
  });
});

describe('refused for what a rule did', () => {
  const codes = async (tokens: readonly TokenRule[], old: string, now: string): Promise<string[]> =>
    (await compareObservations(someScenario({ tokens }), wrote(old), wrote(now))).refusals.map(({ code }) => code);

  test('found too rarely or too often, equal on both sides or not', async () => {
    const line = `${stamp(1)} x\n`;
    expect(await codes([{ use: 'iso-local', mustHit: 2 }], line, line)).toEqual(['TOKEN_UNUSED']);
    expect(await codes([{ use: 'iso-local', mustHit: 1, atMost: 1 }], line, line)).toEqual([]);
    expect(await codes([{ use: 'iso-local', atMost: 1 }], line + line, line + line)).toEqual(['TOKEN_EXCEEDED']);
    expect(await codes([took({ mustHit: 1 })], 'took 5 ms\n', 'took 6 ms\n')).toEqual([]);
    expect(await codes([took({ mustHit: 1 })], 'none\n', 'none\n')).toEqual(['TOKEN_UNUSED']);
  });

  test('hides more of a line or of a stream than it may', async () => {
    const id = took({ pattern: '^id=[a-f]+', validator: { kind: 'same' } });
    const line = (letter: string, count: number) => `id=${letter.repeat(count)} and more text of the line\n`;
    expect(await codes([id], line('a', 62), line('b', 62))).toContain('TOKEN_BUDGET');
    expect(await codes([id], line('a', 10), line('b', 10))).toEqual([]);
    expect(await codes([id], 'id=a\n', 'id=b\n')).toEqual(['TOKEN_BUDGET', 'TOKEN_HIDES_ALL']);
    const many = (letter: string) => line(letter, 10).repeat(20);
    expect(await codes([id], many('a'), many('b'))).toEqual(['TOKEN_BUDGET']);
    const long = 'a line that nothing hides\n'.repeat(100);
    expect(await codes([id], many('a') + long, many('b') + long)).toEqual([]);
  });

  test('the built-in kinds have no such budget: their bytes are compared', async () => {
    const lines = (from: number) => Array.from({ length: 50 }, (_, i) => `${stamp(from + i * 90_001)}\n`).join('');
    expect(await codes([{ use: 'iso-local' }], lines(1), lines(77_000_001))).toEqual([]);
  });

  test('crosses channels without following who is who', async () => {
    const run = (text: string) => wrote(text, { stderr: bytes(text) });
    const padding = 'a line that nothing hides\n'.repeat(3);
    const both = async (rule: PatternRule) =>
      (
        await compareObservations(
          someScenario({ tokens: [rule] }),
          run(`took 5 ms\n${padding}`),
          run(`took 6 ms\n${padding}`),
        )
      ).refusals.map(({ code }) => code);
    expect(await both(took())).toEqual(['TOKEN_CROSSES']);
    expect(await both(took({ at: 'run1/stdout' }))).toEqual([]);
    expect(await both(took({ validator: { kind: 'same' } }))).toEqual([]);
  });

  test('two patterns that meet in the text', async () => {
    const meeting = [took({ name: 'one', pattern: 'id=\\w+' }), took({ name: 'two', pattern: '=ab\\w+' })];
    expect(await codes(meeting, 'id=abc x x x x x x x x x\n', 'id=abd x x x x x x x x x\n')).toContain('TOKEN_OVERLAP');
  });
});

describe('patterns', () => {
  const kinds = async (rule: PatternRule, old: string, now: string): Promise<string[]> =>
    (await compareObservations(someScenario({ tokens: [rule] }), wrote(old), wrote(now))).divergences.map(
      ({ kind }) => kind,
    );

  test('hold numbers to their bounds', async () => {
    expect(await kinds(took(), 'took 5 ms\n', 'took 1000 ms\n')).toEqual([]);
    expect(await kinds(took(), 'took 5 ms\n', 'took 1001 ms\n')).toEqual(['token-group']);
    expect(await kinds(took(), 'took 5 ms\n', 'took x ms\n')).toEqual(['token-presence']);
  });

  test('hold rising numbers to their order', async () => {
    const rising = took({ validator: { kind: 'rising' } });
    expect(await kinds(rising, 'took 1 ms\ntook 2 ms\n', 'took 3 ms\ntook 4 ms\n')).toEqual([]);
    expect(await kinds(rising, 'took 1 ms\ntook 2 ms\n', 'took 4 ms\ntook 3 ms\n')).toEqual(['token-group']);
  });

  test('follow who is who', async () => {
    const same = took({ pattern: '(?<=id )\\w+', validator: { kind: 'same' } });
    expect(await kinds(same, 'id a\nid b\nid a\n', 'id x\nid y\nid x\n')).toEqual([]);
    expect(await kinds(same, 'id a\nid b\nid a\n', 'id x\nid y\nid y\n')).toEqual(['token-group']);
    expect(await kinds(same, 'id a\nid b\n', 'id x\nid x\n')).toEqual(['token-group']);
  });
});

test('a channel pattern names channels by parts', () => {
  expect(channelMatches(undefined, 'run1/stdout')).toBe(true);
  expect(channelMatches('run*/stdout', 'run12/stdout')).toBe(true);
  expect(channelMatches('run1/std', 'run1/stdout')).toBe(false);
  expect(channelMatches('host:/var/*.log', 'host:/var/a/b.log')).toBe(true);
  expect(channelMatches('host:/var/*.log', 'host:/var/aXlog')).toBe(false);
});
