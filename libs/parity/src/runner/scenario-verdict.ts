import type { BatonError } from '@baton/kernel';
import type { Comparison } from '../compare/compare-observations.ts';
import { applyDeclarations } from '../diverge/apply-declarations.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Fault, ScenarioState, ScenarioVerdict, TimelineEvent } from '../model/verdict.ts';

/** The verdict on a scenario whose observations were compared. `today` is `YYYY-MM-DD`. */
export function comparedVerdict(
  scenario: Scenario,
  comparison: Comparison,
  told: { today: string; seconds: number; timeline: readonly TimelineEvent[] },
): ScenarioVerdict {
  const applied = applyDeclarations(scenario.diverge, comparison.divergences, told.today);
  const refusals = [...comparison.refusals.map(faultOf), ...applied.refusals];
  const open = new Set(applied.divergences.map(({ channel }) => channel));
  const failed = open.size > 0 || refusals.length > 0;
  return {
    ...blank(scenario),
    state: failed ? 'diverged' : applied.declared.length > 0 ? 'declared' : 'equal',
    divergences: applied.divergences,
    declared: applied.declared,
    refusals,
    ledger: comparison.ledger,
    channels: comparison.channels.map(({ channel, state }) => ({
      channel,
      state: state === 'diverged' && !open.has(channel) ? 'declared' : state,
    })),
    timeline: told.timeline,
    seconds: told.seconds,
  };
}

/** The verdict on a scenario about which nothing is known: `undetermined` by an error, or `not-run` for a reason. */
export function openVerdict(
  scenario: Scenario,
  state: Extract<ScenarioState, 'undetermined' | 'not-run'>,
  because: { reason: string; code?: string },
  seconds = 0,
): ScenarioVerdict {
  return { ...blank(scenario), state, ...because, seconds };
}

/** An error as a result holds it. */
export function faultOf({ code, message, hint }: BatonError): Fault {
  return { code, message, ...(hint === undefined ? {} : { hint }) };
}

function blank({ id, why }: Scenario): Omit<ScenarioVerdict, 'state'> {
  return {
    scenario: id,
    why,
    divergences: [],
    declared: [],
    refusals: [],
    ledger: [],
    channels: [],
    timeline: [],
    seconds: 0,
    cached: false,
  };
}
