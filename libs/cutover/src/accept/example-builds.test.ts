import { join } from 'node:path';
import { openObjectStore } from '@baton/git';
import { cutoverExample, needs } from '@baton/testkit';
import { expect } from 'vitest';
import { planCutover } from '../engine/plan-cutover.ts';
import { loadCutover } from '../manifest/load-cutover.ts';

needs('go')(
  'the flattened module of the example builds, without a network',
  async () => {
    const { dir } = await cutoverExample();
    const store = await openObjectStore(dir);
    const plan = await planCutover({ store, cutover: await loadCutover(join(dir, 'cutover.yaml')), base: 'main' });
    expect(plan.acceptance.find(({ id }) => id === 'builds')).toMatchObject({ state: 'passed', detail: 'exit code 0' });
    await store.close();
  },
  240_000,
);
