import { expect, test } from 'vitest';
import { killApply } from './test-kill.ts';

test('a kill while a branch is made leaves the old or the new commit, and a second run completes', async () => {
  // What changes something; `apply-kill.prove.ts` takes every effect.
  const { points, seen } = await killApply('branch', ({ effect, when }) =>
    effect.kind === 'spawn' ? when === 'after' && /index-pack|update-ref/.test(effect.target) : effect.kind === 'ref',
  );
  expect(points).toBeGreaterThanOrEqual(4);
  expect([...seen].sort()).toEqual(['new', 'old']);
}, 240_000);

test('the same with a checkout that comes along', async () => {
  const { points } = await killApply('checkout', ({ effect, when }) =>
    effect.kind === 'rename'
      ? when === 'after' && /pump\/(cmd|\.gitignore)$|\.git\/index$/.test(effect.target)
      : effect.kind === 'ref' && when === 'after',
  );
  expect(points).toBeGreaterThanOrEqual(3);
}, 240_000);
