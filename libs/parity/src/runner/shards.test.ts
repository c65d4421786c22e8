import { BatonError } from '@baton/kernel';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Scenario } from '../model/scenario.ts';
import { costsFrom } from './costs.ts';
import { inShard, parseShard, shardOf } from './shards.ts';
import { testScenario } from './test-parity.ts';

const suite = fc
  .uniqueArray(fc.tuple(fc.stringMatching(/^[a-z]{1,3}\/[a-z0-9]{1,8}$/), fc.nat(40)), {
    selector: ([id]) => id,
    maxLength: 60,
  })
  .map((rows) => ({
    scenarios: rows.map(([id]) => testScenario(id)),
    costs: costsFrom(new Map(rows.map(([id, cost]) => [id, cost / 2]))),
  }));

test('every scenario is in exactly one shard, whatever order the list has', () => {
  fc.assert(
    fc.property(suite, fc.integer({ min: 1, max: 12 }), ({ scenarios, costs }, count) => {
      const parts = Array.from({ length: count }, (_, i) => inShard(scenarios, costs, { index: i + 1, count }));
      expect(parts.flatMap((part) => part.map(({ id }) => id)).sort()).toEqual(scenarios.map(({ id }) => id).sort());
      expect(shardOf([...scenarios].reverse(), costs, count)).toEqual(shardOf(scenarios, costs, count));
    }),
  );
});

test('no shard costs more than the fair share and one scenario', () => {
  fc.assert(
    fc.property(suite, fc.integer({ min: 1, max: 12 }), ({ scenarios, costs }, count) => {
      const sum = (list: readonly Scenario[]): number => list.reduce((all, one) => all + costs.of(one), 0);
      const longest = Math.max(0, ...scenarios.map((scenario) => costs.of(scenario)));
      for (let index = 1; index <= count; index++) {
        expect(sum(inShard(scenarios, costs, { index, count }))).toBeLessThanOrEqual(sum(scenarios) / count + longest);
      }
    }),
  );
});

test('one more scenario moves few of the others', () => {
  const scenarios = Array.from({ length: 200 }, (_, i) => testScenario(`suite/scenario-${i}`));
  const costs = costsFrom(new Map());
  const before = shardOf(scenarios, costs, 4);
  let moved = 0;
  for (let i = 0; i < 20; i++) {
    const after = shardOf([...scenarios, testScenario(`suite/new-${i}`)], costs, 4);
    moved += [...before].filter(([id, index]) => after.get(id) !== index).length;
  }
  // By position in a list it would be three quarters of them, each time.
  expect(moved / 20).toBeLessThan(20);
});

describe('a shard is I/N', () => {
  test.each(['1/1', '2/8', '8/8'])('%s', (text) => {
    expect(parseShard(text)).toEqual({ index: Number(text.split('/')[0]), count: Number(text.split('/')[1]) });
  });
  test.each(['', '0/2', '3/2', '1', '1/0', '1/2/3', 'a/b', '1 / 2', '-1/2'])('%j is refused', (text) => {
    expect(() => parseShard(text)).toThrow(BatonError);
  });
});
