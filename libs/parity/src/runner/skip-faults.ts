import { plural } from '@baton/kernel';
import type { Fault, ScenarioVerdict } from '../model/verdict.ts';

/** The fault of a run that left out more scenarios than its project declares; none when it is within bounds. */
export function skipFaults(verdicts: readonly ScenarioVerdict[], maxSkips: number): Fault[] {
  const left = verdicts.filter(({ state }) => state === 'not-run');
  if (left.length <= maxSkips) return [];
  const reasons = [...new Set(left.map(({ reason }) => reason))].slice(0, 3).join('; ');
  return [
    {
      code: 'SKIPS_EXCEEDED',
      message: `${plural(left.length, 'scenario')} left out, and agent.yaml allows ${maxSkips} (parity.maxSkips): ${reasons}`,
      hint: 'Make them run, or say in agent.yaml how many may be left out.',
    },
  ];
}
