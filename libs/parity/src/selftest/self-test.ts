import { BatonError } from '@baton/kernel';
import type { Comparison } from '../compare/compare-observations.ts';
import type { Observation } from '../model/observation.ts';
import type { Scenario } from '../model/scenario.ts';
import type { ParityResult } from '../model/verdict.ts';
import { MUTATIONS, mutate } from './mutations.ts';

/** A comparator of observations. */
export type Compare = (scenario: Scenario, old: Observation, found: Observation) => Promise<Comparison>;

/** Proves on the evidence of a run that its comparator can say no. */
export interface SelfTest {
  /**
   * Plants differences into what OLD did, as far as more are wanted, and compares with the same rules as the run. Throws
   * `SELF_TEST_FAILED` when one is not reported, or when OLD is not equal to itself: no verdict of this comparator counts then.
   */
  take(scenario: Scenario, old: Observation): Promise<void>;
  /** Whether every kind of difference was planted often enough: nothing more is taken. */
  done(): boolean;
  counts(): ParityResult['selfTest'];
}

/** How often each kind is planted, in different scenarios. */
const OFTEN = 3;

/** A self-test of a comparator. */
export function selfTest(compare: Compare): SelfTest {
  const left = new Map<string, number>(MUTATIONS.map((kind) => [kind, OFTEN]));
  const counts = { mutations: 0, caught: 0 };
  return {
    counts: () => ({ ...counts }),
    done: () => left.size === 0,
    async take(scenario, old) {
      // Where OLD did not end, what it did is no base for anything.
      if (left.size === 0 || old.runs.some(({ end }) => end.kind === 'timeout')) return;
      const found = asFound(old);
      const same = await compare(scenario, old, found);
      const [phantom] = same.divergences;
      if (phantom !== undefined) {
        throw failed(
          `${scenario.id}: OLD was compared with itself, and a divergence was reported in ${phantom.channel}`,
        );
      }
      for (const [kind, times] of [...left]) {
        const planted = await mutate(scenario, found, kind);
        if (planted === undefined) continue;
        if (times === 1) left.delete(kind);
        else left.set(kind, times - 1);
        counts.mutations += 1;
        const { divergences } = await compare(scenario, old, planted.observation);
        if (divergences.length === 0) {
          throw failed(`${scenario.id}: the planted difference "${kind}" in ${planted.channel} was not reported`);
        }
        counts.caught += 1;
      }
    },
  };
}

// What a golden knows of its tokens is OLD's alone.
function asFound({ tokens: _, ...observation }: Observation): Observation {
  return observation;
}

function failed(message: string): BatonError {
  return new BatonError('SELF_TEST_FAILED', `the self-test of the comparator failed: ${message}`, {
    hint: 'This is a fault of Baton, or of a token rule that hides too much. No verdict of this run counts.',
  });
}
