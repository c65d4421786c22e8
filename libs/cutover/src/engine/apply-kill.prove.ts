import { isShortProof } from '@baton/testkit';
import { expect, test } from 'vitest';
import { killApply } from './test-kill.ts';

test('a kill at any effect of an apply with a checkout leaves the old or the new commit, and a second run completes', async () => {
  const { points, seen } = await killApply('checkout', isShortProof() ? (_, index) => index % 13 === 0 : undefined);
  expect(points).toBeGreaterThan(5);
  if (!isShortProof()) expect([...seen].sort()).toEqual(['new', 'old']);
}, 1_800_000);

test('the same without a checkout', async () => {
  const { seen } = await killApply('branch', isShortProof() ? (_, index) => index % 13 === 0 : undefined);
  if (!isShortProof()) expect([...seen].sort()).toEqual(['new', 'old']);
}, 600_000);
