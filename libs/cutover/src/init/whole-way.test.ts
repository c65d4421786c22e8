import { generateLayout } from '@baton/testkit';
import { expect, test } from 'vitest';
import { resultFaults } from './test-layouts.ts';
import { finished, proposed, rowOf, wholeWay } from './test-whole-way.ts';

// None of these was looked at while the rules were written.
test.each([4242, 5353, 6464])('layout %i: proposed, completed by a person, planned, applied, verified, reverted', {
  timeout: 60_000,
}, async (seed) => {
  const one = await proposed(generateLayout(seed));
  const { layout, measure, store } = one;
  expect((measure.truth - measure.missed.length) / measure.truth).toBeGreaterThanOrEqual(0.9);
  expect(measure.wrong).toEqual([]);
  const { cutover, additions } = await finished(one);
  const { base, plan, applied, verification, again, reverted, result } = await wholeWay(store, cutover);
  expect(plan.scans.map(({ id, state }) => [id, state])).toEqual(plan.scans.map(({ id }) => [id, 'passed']));
  expect(plan.acceptance.filter(({ state }) => state !== 'passed')).toEqual([]);
  expect(plan.accounting).toMatchObject({ input: layout.files.size, output: result.files.size, unexplained: [] });
  expect(verification.state).toBe('identical');
  expect(again.alreadyDone).toEqual({ commit: applied.commit, why: 'trailer' });
  expect(reverted).toMatchObject({ tree: base.tree, proof: 'tree' });
  // Every mechanical line as the truth has it, every trap and every file that only moved byte for byte.
  expect(resultFaults(layout, result)).toEqual([]);
  for (const path of layout.truth.result.present) expect(result.files.has(path), path).toBe(true);
  for (const path of layout.truth.result.absent) expect(result.files.has(path), path).toBe(false);
  for (const { from, to } of layout.truth.result.sameBlob)
    expect(result.files.get(to)?.bytes, to).toEqual(layout.files.get(from)?.bytes);
  console.log(rowOf(one, additions));
});
