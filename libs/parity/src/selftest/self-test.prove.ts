import { join } from 'node:path';
import { proofSample } from '@baton/testkit';
import { expect, test } from 'vitest';
import { compareObservations } from '../compare/compare-observations.ts';
import { openGoldens } from '../golden/golden-store.ts';
import { loadSuite } from '../scenario/load-suite.ts';
import { selfTest } from './self-test.ts';

const PARITY = join(import.meta.dirname, '../../../../apps/agent/parity');

// A run plants a few dozen; here every golden of the node agent gets every kind that it has room for.
test('every planted difference in every golden of the node agent is found', { timeout: 120_000 }, async () => {
  const store = openGoldens(join(PARITY, 'goldens'));
  const suite = await loadSuite(join(PARITY, 'scenarios'));
  let planted = 0;
  for (const scenario of proofSample(suite, 5)) {
    const tester = selfTest(compareObservations);
    await tester.take(scenario, await store.read(scenario.id));
    planted += tester.counts().mutations;
  }
  expect(planted).toBeGreaterThan(200);
});
