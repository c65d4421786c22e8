import { expect, test } from 'vitest';
import type { Fault, ScenarioVerdict } from '../model/verdict.ts';
import { exitCodeOf } from './exit-code.ts';
import { parityError } from './parity-error.ts';
import { testVerdict } from './test-parity.ts';

const equal = testVerdict('equal');
const declared = testVerdict('declared', { state: 'declared' });
const left = testVerdict('left', { state: 'not-run', reason: 'no clock' });
const diverged = testVerdict('diverged', {
  state: 'diverged',
  divergences: [{ channel: 'run1/stdout', kind: 'bytes', message: 'x', bytes: 1 }],
});
const open = (code: string): ScenarioVerdict => testVerdict(code, { state: 'undetermined', code, reason: 'why' });
const refused = (code: string): ScenarioVerdict =>
  testVerdict(code, { state: 'diverged', refusals: [{ code, message: 'x' }] });
const fault = (code: string): Fault => ({ code, message: 'x' });

test.each<[string, ScenarioVerdict[], Fault[], number]>([
  ['everything equal or declared', [equal, declared], [], 0],
  ['some left out', [equal, left], [], 0],
  ['nothing run', [left], [], 3],
  ['no scenario at all', [], [], 3],
  ['one diverged', [equal, diverged], [], 1],
  ['a declaration expired', [refused('DIVERGENCE_EXPIRED')], [], 1],
  ['a timeout on both sides', [equal, open('PARITY_TIMEOUT')], [], 4],
  ['a subject that could not be run', [equal, open('SUBJECT_FAILED')], [], 3],
  ['a golden that is missing', [equal, open('GOLDEN_MISSING')], [], 5],
  ['a golden without a scenario', [equal], [fault('GOLDEN_OBSOLETE')], 5],
  ['a self-test that failed', [left], [fault('SELF_TEST_FAILED')], 3],
  ['diverged before undetermined', [diverged, open('PARITY_TIMEOUT')], [], 1],
  ['goldens before diverged', [diverged, open('GOLDEN_DAMAGED')], [], 5],
  [
    'the harness before goldens',
    [diverged, open('GOLDEN_DAMAGED'), open('PARITY_TIMEOUT')],
    [fault('SKIPS_EXCEEDED')],
    3,
  ],
  ['rules that are found to be wrong only now', [refused('TOKEN_OVERLAP')], [], 3],
])('%s: exit code %#', (_, verdicts, faults, expected) => {
  const exitCode = exitCodeOf(verdicts, faults);
  expect(exitCode).toBe(expected);
  const identity = { kind: 'process' as const, name: 'x', digest: 'x', facts: {} };
  const error = parityError({
    version: 1,
    project: 'agent',
    old: identity,
    new: identity,
    tier: 'T2',
    scenarios: verdicts,
    noise: false,
    faults,
    selfTest: { mutations: 1, caught: 1 },
    exitCode,
    seconds: 1,
  });
  // What the process ends with is the same.
  expect(error?.exitCode ?? 0).toBe(expected);
});
