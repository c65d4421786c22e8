import { generateLayout, isShortProof } from '@baton/testkit';
import { expect, test } from 'vitest';
import { resultFaults } from './test-layouts.ts';
import { finished, proposed, rowOf, wholeWay } from './test-whole-way.ts';

const COUNT = isShortProof() ? 2 : 60;

test(`${COUNT} layouts go the whole way`, { timeout: 1_800_000 }, async () => {
  const rows: string[] = [];
  for (let seed = 90_000; seed < 90_000 + COUNT; seed += 1) {
    const one = await proposed(generateLayout(seed));
    const { measure } = one;
    expect((measure.truth - measure.missed.length) / measure.truth, rowOf(one)).toBeGreaterThanOrEqual(0.9);
    expect(measure.wrong.length / measure.proposed, measure.wrong.join('\n')).toBeLessThanOrEqual(0.05);
    const { cutover, additions } = await finished(one);
    const { base, verification, reverted, result } = await wholeWay(one.store, cutover);
    expect([seed, verification.state, reverted.tree]).toEqual([seed, 'identical', base.tree]);
    expect(resultFaults(one.layout, result), String(seed)).toEqual([]);
    rows.push(rowOf(one, additions));
  }
  console.log(rows.join('\n'));
});
