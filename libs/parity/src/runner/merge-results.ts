import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { BatonError, compareText, effect, plural } from '@baton/kernel';
import type { Scenario } from '../model/scenario.ts';
import type { ParityResult } from '../model/verdict.ts';
import { type Evidence, readEvidence } from './evidence-directory.ts';
import { exitCodeOf } from './exit-code.ts';
import { skipFaults } from './skip-faults.ts';

/**
 * Joins the results of shards into the result of the whole run.
 *
 * Throws `SHARD_INCOMPLETE` unless they are all shards of one run (the same number, subjects and tier) and hold every scenario of the
 * suite exactly once: what is missing and what is there twice is named.
 */
export function mergeResults(
  suite: readonly Scenario[],
  results: readonly ParityResult[],
  maxSkips: number,
): ParityResult {
  const [first] = results;
  if (first === undefined) throw incomplete('there is no result to merge');
  for (const one of results) refuseStranger(first, one);
  const seen = new Map<string, number>();
  for (const { scenario } of results.flatMap(({ scenarios }) => scenarios))
    seen.set(scenario, (seen.get(scenario) ?? 0) + 1);
  const known = new Set(suite.map(({ id }) => id));
  const missing = suite.map(({ id }) => id).filter((id) => !seen.has(id));
  const twice = [...seen].filter(([, times]) => times > 1).map(([id]) => id);
  const foreign = [...seen.keys()].filter((id) => !known.has(id));
  if (missing.length + twice.length + foreign.length > 0) {
    const parts = [named('missing', missing), named('there more than once', twice), named('not in the suite', foreign)];
    throw incomplete(
      `the shards do not hold every scenario exactly once: ${parts.filter((part) => part !== '').join('; ')}`,
      { missing, twice, foreign },
    );
  }
  const scenarios = results.flatMap((one) => one.scenarios).sort((a, b) => compareText(a.scenario, b.scenario));
  // Each shard tells what is wrong with the whole, such as a golden without a scenario.
  const told = new Map(
    [...results.flatMap((one) => one.faults), ...skipFaults(scenarios, maxSkips)].map((fault) => [
      `${fault.code} ${fault.message}`,
      fault,
    ]),
  );
  const faults = [...told.values()];
  const { shard: _, ...whole } = first;
  return {
    ...whole,
    scenarios,
    faults,
    selfTest: {
      mutations: sum(results.map((one) => one.selfTest.mutations)),
      caught: sum(results.map((one) => one.selfTest.caught)),
    },
    exitCode: exitCodeOf(scenarios, faults),
    seconds: Math.max(...results.map((one) => one.seconds)),
  };
}

/** Reads what shards left, and copies what they kept of their scenarios into one folder. */
export async function collectShards(directories: readonly string[], collected: string): Promise<ParityResult[]> {
  const read: Evidence[] = [];
  for (const directory of directories) read.push(await readEvidence(directory));
  for (const { kept } of read) {
    await effect('write', join(collected), () => cp(kept, collected, { recursive: true }));
  }
  return read.map(({ result }) => result);
}

function refuseStranger(first: ParityResult, one: ParityResult): void {
  if (one.shard === undefined) throw incomplete('a result is of a whole run, and not of a shard');
  if (one.selection !== undefined)
    throw incomplete(`shard ${one.shard.index} ran a selection only (${one.selection.by})`);
  const facts = (of: ParityResult): [string, string][] => [
    ['number of shards', String(of.shard?.count)],
    ['project', of.project],
    ['OLD', of.old.digest],
    ['NEW', of.new.digest],
    ['tier', of.tier],
    ['noise', String(of.noise)],
  ];
  const others = new Map(facts(one));
  for (const [name, value] of facts(first)) {
    const other = others.get(name);
    if (other === value) continue;
    throw incomplete(
      `shards ${first.shard?.index} and ${one.shard.index} are of different runs: the ${name} is ${value} and ${other}`,
    );
  }
}

function named(what: string, ids: readonly string[]): string {
  if (ids.length === 0) return '';
  const shown = ids.slice(0, 5).join(', ');
  return `${plural(ids.length, 'scenario')} ${what} (${shown}${ids.length > 5 ? ', ...' : ''})`;
}

function incomplete(message: string, details: Record<string, unknown> = {}): BatonError {
  return new BatonError('SHARD_INCOMPLETE', message, {
    hint: 'Every shard I/N of one run is needed, each once: name the dist/parity of each.',
    details,
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
