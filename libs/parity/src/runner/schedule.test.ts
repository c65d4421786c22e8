import { expect, test } from 'vitest';
import { costsFrom } from './costs.ts';
import { runAll, runOrder } from './schedule.ts';
import { testScenario } from './test-parity.ts';

const costs = costsFrom(
  new Map([
    ['short', 1],
    ['long', 9],
    ['middle', 4],
  ]),
);
const ids = (list: readonly { id: string }[]): string[] => list.map(({ id }) => id);

test('the longest starts first, equal ones by id, and those that must be alone come last', () => {
  const suite = ['b', 'short', 'long', 'a', 'middle'].map((id) => testScenario(id));
  const order = runOrder(
    [testScenario('y', { timing: 'alone' }), testScenario('x', { timing: 'alone' }), ...suite],
    costs,
  );
  // What was never measured is guessed at two seconds a run.
  expect(ids(order.shared)).toEqual(['long', 'middle', 'a', 'b', 'short']);
  expect(ids(order.alone)).toEqual(['x', 'y']);
});

test('at most as many run at the same time as are allowed, and one that must be alone is alone', async () => {
  const suite = Array.from({ length: 12 }, (_, i) => testScenario(`s${i}`, { timing: i < 2 ? 'alone' : 'shared' }));
  let running = 0;
  let most = 0;
  const alone: number[] = [];
  const ended: string[] = [];
  await runAll(suite, { costs, concurrency: 3 }, async (scenario) => {
    running += 1;
    most = Math.max(most, running);
    if (scenario.timing === 'alone') alone.push(running);
    await new Promise((resolve) => setImmediate(resolve));
    if (scenario.timing === 'alone') alone.push(running);
    running -= 1;
    ended.push(scenario.id);
  });
  expect(most).toBe(3);
  expect(alone).toEqual([1, 1, 1, 1]);
  expect(ended.slice(-2)).toEqual(['s0', 's1']);
  expect(ended).toHaveLength(12);
});

test('an error stops what has not begun, and waits for what has', async () => {
  const suite = Array.from({ length: 10 }, (_, i) => testScenario(`s${i}`));
  const begun: string[] = [];
  const ended: string[] = [];
  const work = runAll(suite, { costs, concurrency: 2 }, async ({ id }) => {
    begun.push(id);
    if (id === 's0') throw new Error('broken');
    await new Promise((resolve) => setTimeout(resolve, 5));
    ended.push(id);
  });
  await expect(work).rejects.toThrow('broken');
  expect(begun).toEqual(['s0', 's1']);
  expect(ended).toEqual(['s1']);
});
