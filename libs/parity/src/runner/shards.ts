import { BatonError, compareText, sha256 } from '@baton/kernel';
import type { Scenario } from '../model/scenario.ts';
import type { Costs } from './schedule.ts';

/** One of several parts of a suite; `index` counts from 1. */
export interface Shard {
  index: number;
  count: number;
}

/** Reads `2/8`. Throws `USAGE`. */
export function parseShard(text: string): Shard {
  const [, index = '', count = ''] = /^([1-9]\d{0,3})\/([1-9]\d{0,3})$/.exec(text) ?? [];
  if (index === '' || Number(index) > Number(count)) {
    throw new BatonError(
      'USAGE',
      `--shard: expected I/N with I from 1 to N, such as 2/8; found ${JSON.stringify(text)}`,
    );
  }
  return { index: Number(index), count: Number(count) };
}

/**
 * Which shard each scenario belongs to, by rendezvous hashing with bounded loads: a hash of id and shard puts the shards into an order
 * of preference for each scenario, and the scenario goes to the first one that it does not fill beyond its fair share of the costs; the
 * costliest choose first. So the answer depends on ids, costs and count alone, and never on the order of a list; where the suite grows,
 * a scenario moves only when its shard is full or no longer is.
 *
 * @param count of shards
 */
export function shardOf(scenarios: readonly Scenario[], costs: Costs, count: number): Map<string, number> {
  const load = new Array<number>(count + 1).fill(0);
  const total = scenarios.reduce((sum, scenario) => sum + costs.of(scenario), 0);
  const fair = total / count;
  const home = new Map<string, number>();
  // The costly ones first: the small ones fill the gaps.
  const order = [...scenarios].sort((a, b) => costs.of(b) - costs.of(a) || compareText(a.id, b.id));
  for (const scenario of order) {
    const cost = costs.of(scenario);
    const preferred = preferences(scenario.id, count);
    const index = preferred.find((one) => (load[one] ?? 0) + cost <= fair) ?? emptiest(load, preferred);
    load[index] = (load[index] ?? 0) + cost;
    home.set(scenario.id, index);
  }
  return home;
}

/** The scenarios of a shard, in the order they are given. A shard may be empty when there are fewer scenarios than shards. */
export function inShard(scenarios: readonly Scenario[], costs: Costs, shard: Shard): Scenario[] {
  const home = shardOf(scenarios, costs, shard.count);
  return scenarios.filter(({ id }) => home.get(id) === shard.index);
}

function preferences(id: string, count: number): number[] {
  const draw = (index: number): string => sha256(Buffer.from(`${index}\0${id}`));
  const draws = Array.from({ length: count }, (_, i) => ({ index: i + 1, draw: draw(i + 1) }));
  return draws.sort((a, b) => compareText(a.draw, b.draw)).map(({ index }) => index);
}

function emptiest(load: readonly number[], preferred: readonly number[]): number {
  return preferred.reduce((best, index) => ((load[index] ?? 0) < (load[best] ?? 0) ? index : best));
}
