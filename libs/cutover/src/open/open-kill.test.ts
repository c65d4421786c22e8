import { expect, test } from 'vitest';
import { killOpen } from './test-open-kill.ts';

test('killed right after a request that changed something: the next run finishes, and makes no second pull request', async () => {
  const points = await killOpen('nothing', ({ effect, when }) => effect.kind === 'request' && when === 'after');
  expect(points.map(({ effect }) => effect.target)).toEqual([
    'POST /api/v3/repos/acme/pump/pulls',
    'POST /api/v3/repos/acme/pump/issues/1/labels',
  ]);
}, 120_000);
