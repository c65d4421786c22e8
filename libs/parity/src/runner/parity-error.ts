import { BatonError, ERROR_CODES, type ErrorCode, plural } from '@baton/kernel';
import type { ParityResult } from '../model/verdict.ts';

/** The error with which a run ends that is not green; its exit code is the result's. */
export function parityError(result: ParityResult): BatonError | undefined {
  const { exitCode, scenarios, faults } = result;
  if (exitCode === 0) return undefined;
  const [fault] = faults.filter(({ code }) => exitOf(code) === exitCode);
  const of = plural(scenarios.length, 'scenario');
  const options = { hint: '"baton parity show" draws what was found.', details: { exitCode } };
  if (fault !== undefined)
    return new BatonError(fault.code as ErrorCode, fault.message, {
      ...options,
      ...(fault.hint === undefined ? {} : { hint: fault.hint }),
    });
  if (scenarios.every(({ state }) => state === 'not-run')) {
    return new BatonError('PARITY_EMPTY', `none of ${of} was run: nothing is proved`, options);
  }
  const open = scenarios.filter(({ state }) => state === 'undetermined');
  if (exitCode === 1) {
    const diverged = scenarios.filter(({ state }) => state === 'diverged').length;
    return new BatonError('PARITY_DIVERGED', `${diverged} of ${of} diverged: NEW does not do what OLD does`, options);
  }
  const [first] = open.filter(({ code }) => code !== undefined && exitOf(code) === exitCode);
  const tail = first === undefined ? '' : `; the first is ${first.scenario}: ${first.reason}`;
  if (exitCode === 5) {
    return new BatonError(
      (first?.code ?? 'GOLDEN_MISSING') as ErrorCode,
      `the golden set is wrong in ${open.length} of ${of}${tail}`,
      options,
    );
  }
  const code = exitCode === 4 ? 'PARITY_UNDETERMINED' : 'PARITY_FAILED';
  return new BatonError(code, `${open.length} of ${of} gave no verdict${tail}`, options);
}

function exitOf(code: string): number | undefined {
  return Object.hasOwn(ERROR_CODES, code) ? ERROR_CODES[code as ErrorCode].exit : undefined;
}
