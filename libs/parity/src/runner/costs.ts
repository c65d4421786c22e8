import { readFile } from 'node:fs/promises';
import { BatonError, compareText, errnoOf, prettyJson, writeFileIfChanged } from '@baton/kernel';
import type { Scenario } from '../model/scenario.ts';
import type { ScenarioVerdict } from '../model/verdict.ts';
import type { Costs } from './schedule.ts';

/** Seconds for one run that was never measured. */
const GUESS = 2;

/**
 * What scenarios cost, from a file of measured seconds by id. One that is not in it is guessed from what it says: its runs, and how
 * long its feeders sleep.
 */
export function costsFrom(measured: ReadonlyMap<string, number>): Costs {
  return { of: (scenario) => measured.get(scenario.id) ?? guess(scenario) };
}

/** Reads a file of costs: `{ "<id>": seconds }`. An absent one is empty; one that is not of this form is `FILE_UNREADABLE`. */
export async function readCosts(path: string): Promise<Map<string, number>> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return '{}';
    throw error;
  });
  const value = parse(text);
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const entries = Object.entries(isObject ? value : {});
  const costs = entries.filter((entry): entry is [string, number] => typeof entry[1] === 'number' && entry[1] >= 0);
  if (!isObject || costs.length !== entries.length) {
    throw new BatonError('FILE_UNREADABLE', `${path} must hold the seconds of each scenario by its id, and does not`, {
      hint: 'Remove it, and let a run on a quiet machine write it: baton parity run --record-costs',
    });
  }
  return new Map(costs);
}

/**
 * Writes what a run measured, in half seconds so that it does not change with every run. Scenarios that were not run keep their
 * cost while the suite has them.
 */
export async function writeCosts(
  path: string,
  verdicts: readonly ScenarioVerdict[],
  suite: readonly Scenario[],
): Promise<void> {
  const costs = await readCosts(path);
  for (const { scenario, seconds, state, cached } of verdicts) {
    if (!cached && state !== 'not-run') costs.set(scenario, Math.max(0.5, Math.round(seconds * 2) / 2));
  }
  const known = new Set(suite.map(({ id }) => id));
  const kept = [...costs].filter(([id]) => known.has(id)).sort(([a], [b]) => compareText(a, b));
  await writeFileIfChanged(path, prettyJson(Object.fromEntries(kept)));
}

function guess({ runs, feeders }: Scenario): number {
  const sleeps = feeders.flatMap(({ steps }) => steps.map((step) => (step.kind === 'sleep' ? step.seconds : 0)));
  return runs.length * GUESS + sleeps.reduce((sum, seconds) => sum + seconds, 0);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
