import { compareText } from '@baton/kernel';
import pLimit from 'p-limit';
import type { Scenario } from '../model/scenario.ts';

/** How long scenarios take, by what was measured before. */
export interface Costs {
  /** Seconds; a guess for what was never measured. */
  of(scenario: Scenario): number;
}

/**
 * The order in which scenarios are started: those that share the machine first, the longest first, so that no long one is left for
 * the end; then those that must be alone, by id.
 */
export function runOrder(scenarios: readonly Scenario[], costs: Costs): { shared: Scenario[]; alone: Scenario[] } {
  const byId = (a: Scenario, b: Scenario): number => compareText(a.id, b.id);
  return {
    shared: scenarios
      .filter(({ timing }) => timing === 'shared')
      .sort((a, b) => costs.of(b) - costs.of(a) || byId(a, b)),
    alone: scenarios.filter(({ timing }) => timing === 'alone').sort(byId),
  };
}

/**
 * Does the work for every scenario: at most `concurrency` at the same time, and those that must be alone last, one by one.
 *
 * The first work that throws stops what has not begun; it is thrown when what has begun is done.
 */
export async function runAll(
  scenarios: readonly Scenario[],
  settings: { costs: Costs; concurrency: number },
  work: (scenario: Scenario) => Promise<void>,
): Promise<void> {
  const { shared, alone } = runOrder(scenarios, settings.costs);
  const limit = pLimit(settings.concurrency);
  let failure: { error: unknown } | undefined;
  const guarded = async (scenario: Scenario): Promise<void> => {
    if (failure !== undefined) return;
    try {
      await work(scenario);
    } catch (error) {
      failure ??= { error };
    }
  };
  await Promise.all(shared.map((scenario) => limit(guarded, scenario)));
  for (const scenario of alone) await guarded(scenario);
  if (failure !== undefined) throw failure.error;
}
