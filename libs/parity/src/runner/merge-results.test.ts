import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ParityResult } from '../model/verdict.ts';
import { costsFrom } from './costs.ts';
import { mergeResults } from './merge-results.ts';
import { shardOf } from './shards.ts';
import { testScenario, testVerdict } from './test-parity.ts';

const suite = Array.from({ length: 30 }, (_, i) => testScenario(`suite/s${String(i).padStart(2, '0')}`));

function shards(count: number, change: (result: ParityResult) => ParityResult = (result) => result): ParityResult[] {
  const home = shardOf(suite, costsFrom(new Map()), count);
  const identity = (name: string) => ({ kind: 'process' as const, name, digest: `sha256:${name}`, facts: {} });
  return Array.from({ length: count }, (_, i) =>
    change({
      version: 1,
      project: 'agent',
      old: identity('old'),
      new: identity('new'),
      tier: 'T2',
      scenarios: suite.filter(({ id }) => home.get(id) === i + 1).map(({ id }) => testVerdict(id)),
      shard: { index: i + 1, count },
      noise: false,
      faults: [],
      selfTest: { mutations: 10, caught: 10 },
      exitCode: 0,
      seconds: i,
    }),
  );
}

test('shards in any order make the result of the whole', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 8 }).chain((count) => fc.shuffledSubarray(shards(count), { minLength: count })),
      (results) => {
        const whole = mergeResults(suite, results, 0);
        expect(whole.scenarios.map(({ scenario }) => scenario)).toEqual(suite.map(({ id }) => id));
        expect(whole).not.toHaveProperty('shard');
        expect(whole).toMatchObject({
          exitCode: 0,
          selfTest: { mutations: 10 * results.length },
          seconds: results.length - 1,
        });
      },
    ),
  );
});

const refuse = (results: ParityResult[], message: RegExp): void =>
  expect(() => mergeResults(suite, results, 0)).toThrow(
    expect.objectContaining({ code: 'SHARD_INCOMPLETE', message: expect.stringMatching(message) }),
  );

test('a shard that is missing is told by the scenarios that are not there', () => {
  refuse(
    shards(4).slice(1),
    /^the shards do not hold every scenario exactly once: \d+ scenarios missing \(suite\/s\d\d, /,
  );
  refuse([], /no result/);
});

test('a shard that is there twice is told by the scenarios that are there twice', () => {
  const [first, ...others] = shards(4);
  if (first === undefined) throw new Error('four shards');
  refuse([first, first, ...others], /scenarios there more than once \(/);
});

test('a scenario that the suite does not have is told', () => {
  const strange = shards(2, (one) => ({
    ...one,
    scenarios: [...one.scenarios, testVerdict(`other/${one.shard?.index}`)],
  }));
  refuse(strange, /2 scenarios not in the suite \(other\/1, other\/2\)/);
});

test.each<[string, (one: ParityResult) => ParityResult, RegExp]>([
  [
    'another NEW',
    (one) => ({ ...one, new: { ...one.new, digest: 'sha256:other' } }),
    /the NEW is sha256:new and sha256:other/,
  ],
  ['another number of shards', (one) => ({ ...one, shard: { index: 2, count: 9 } }), /number of shards is 2 and 9/],
  ['a noise run', (one) => ({ ...one, noise: true }), /the noise is false and true/],
  [
    'a selection',
    (one) => ({ ...one, selection: { of: 30, by: 'suite/' } }),
    /shard 2 ran a selection only \(suite\/\)/,
  ],
  ['a whole run', ({ shard: _, ...one }) => one, /a whole run, and not of a shard/],
])('%s is refused among shards', (_, change, message) => {
  refuse(
    shards(2, (one) => (one.shard?.index === 2 ? change(one) : one)),
    message,
  );
});

test('faults of the whole are told once, and what was left out counts over all shards', () => {
  const fault = { code: 'GOLDEN_OBSOLETE', message: 'the golden x has no scenario' };
  const left = shards(3, (one) => ({
    ...one,
    faults: [fault],
    scenarios: one.scenarios.map((verdict, i) =>
      i === 0 ? testVerdict(verdict.scenario, { state: 'not-run', reason: 'no clock' }) : verdict,
    ),
  }));
  expect(mergeResults(suite, left, 3)).toMatchObject({ faults: [fault], exitCode: 5 });
  expect(mergeResults(suite, left, 2)).toMatchObject({ faults: [fault, { code: 'SKIPS_EXCEEDED' }], exitCode: 3 });
});
