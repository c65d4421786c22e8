import { ERROR_CODES, type ErrorCode } from '@baton/kernel';
import type { Fault, ParityResult, ScenarioVerdict } from '../model/verdict.ts';

/** Worst first: what says nothing about the subjects comes before what says something. */
const WORST_FIRST = [3, 5, 1, 4] as const;

/**
 * The exit code of a run: 0 when every scenario that ran is equal or differs as declared; else the worst of 3 (harness or subject),
 * 5 (golden set), 1 (diverged), 4 (undetermined), in this order. No scenario that was run is 3.
 */
export function exitCodeOf(verdicts: readonly ScenarioVerdict[], faults: readonly Fault[]): ParityResult['exitCode'] {
  const ran = verdicts.some(({ state }) => state !== 'not-run');
  const codes = new Set([...faults.map(exitOf), ...verdicts.flatMap(codesOf), ...(ran ? [] : [3])]);
  return WORST_FIRST.find((code) => codes.has(code)) ?? 0;
}

function codesOf(verdict: ScenarioVerdict): number[] {
  if (verdict.state === 'undetermined') return [exitOf({ code: verdict.code ?? 'PARITY_UNDETERMINED' })];
  if (verdict.state !== 'diverged') return [];
  return [...(verdict.divergences.length > 0 ? [1] : []), ...verdict.refusals.map(exitOf)];
}

// What is wrong with a scenario or its rules is found before anything runs; found later it is a fault of the harness.
function exitOf({ code }: { code: string }): number {
  const exit = Object.hasOwn(ERROR_CODES, code) ? ERROR_CODES[code as ErrorCode].exit : 3;
  return exit === 2 ? 3 : exit;
}
