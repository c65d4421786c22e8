import { join } from 'node:path';
import { needs, temporaryDirectory } from '@baton/testkit';
import { expect, test } from 'vitest';
import { bundleInto } from './test-bundle.ts';
import { agentParity } from './test-parity.ts';

// One of each suite; all of them are run by the target `parity`, against the image. What the tests of wrong agents use is among them.
const EQUAL = [
  'cli/new-3args-apply',
  'config/bom',
  'env/invalid-utf8-container',
  'flags/apply-rerun-skips',
  'history/full-cycle',
  'interrupt/script',
  'logs/cleanup',
  'merged/step-failure',
  'rc/exit-1',
  'script/cwd',
  'signal/self-kill',
  'sigterm/during-first-step',
  'tee/limit-3',
  'tee/no-trailing-newline',
  'tee/trailing-newline',
  'tee/two-writes',
];
const DECLARED = ['time/clock-zero-microseconds'];

needs('root', 'busybox', 'tmpfs').describe('the bundled agent', () => {
  test('does what the reference agent did', { timeout: 120_000 }, async () => {
    const directory = temporaryDirectory('recorded');
    await bundleInto(directory);
    const result = await agentParity(join(directory, 'main.cjs'), [...EQUAL, ...DECLARED]);
    const states = result.scenarios.map(({ scenario, state, divergences, reason }) => ({
      scenario,
      state,
      divergences: divergences.map(({ message }) => message),
      reason,
    }));
    const expected = [
      ...EQUAL.map((scenario) => ({ scenario, state: 'equal' })),
      ...DECLARED.map((scenario) => ({ scenario, state: 'declared' })),
    ];
    expect(states).toEqual(
      expected
        .map((row) => ({ ...row, divergences: [], reason: undefined }))
        .sort((a, b) => (a.scenario < b.scenario ? -1 : 1)),
    );
    expect(result.exitCode).toBe(0);
  });
});
