import { expect, test } from 'vitest';
import { refuseInCi } from './read-only.ts';

test.each([
  { CI: 'true' },
  { CI: '1' },
  { CI: 'TRUE' },
  { GITHUB_ACTIONS: 'true' },
  { CI: 'false', GITHUB_ACTIONS: 'true' },
])('%j is CI', (env) => {
  for (const verb of ['record', 'accept', 'prune'] as const) {
    expect(() => refuseInCi(env, verb)).toThrowError(
      expect.objectContaining({ code: 'GOLDEN_READ_ONLY', exitCode: 2 }),
    );
  }
});

test.each([{}, { CI: '' }, { CI: 'false' }, { CI: '0' }, { GITHUB_ACTIONS: '' }])('%j is not', (env) => {
  expect(() => refuseInCi(env, 'record')).not.toThrow();
});
