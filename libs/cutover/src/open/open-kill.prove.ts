import { isShortProof } from '@baton/testkit';
import { expect, test } from 'vitest';
import { killOpen } from './test-open-kill.ts';

const choose = isShortProof() ? (_: unknown, index: number): boolean => index % 11 === 0 : undefined;

test('a kill at any effect of a first opening is finished by the next run, with one pull request', async () => {
  const points = await killOpen('nothing', choose);
  expect(points.length).toBeGreaterThan(3);
}, 1_800_000);

test('the same when the base has moved and there is an older one', async () => {
  const points = await killOpen('an older one', choose);
  expect(points.length).toBeGreaterThan(3);
}, 1_800_000);
