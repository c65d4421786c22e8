import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Ended, type Graph, inOrder } from './in-order.ts';

async function collect(
  graph: Graph,
  limit: number,
  fails: ReadonlySet<string> = new Set(),
): Promise<{ ended: Ended<boolean>[]; log: string[]; most: number }> {
  const log: string[] = [];
  let running = 0;
  let most = 0;
  const run = async (id: string): Promise<boolean> => {
    log.push(`start ${id}`);
    running += 1;
    most = Math.max(most, running);
    await setImmediate();
    running -= 1;
    log.push(`end ${id}`);
    return !fails.has(id);
  };
  const ended: Ended<boolean>[] = [];
  for await (const one of inOrder(graph, limit, run, (result) => result)) ended.push(one);
  return { ended, log, most };
}

describe('inOrder', () => {
  test('runs a task after those it depends on, and side by side what may be', async () => {
    const graph = { ids: ['image', 'base', 'other'], dependencies: { image: ['base', 'elsewhere'] } };
    const { log } = await collect(graph, 2);
    expect(log.slice(0, 2)).toEqual(['start base', 'start other']);
    expect(log.indexOf('start image')).toBeGreaterThan(log.indexOf('end base'));
  });

  test('one failure takes along those that depend on it, and nobody else', async () => {
    const graph = { ids: ['a', 'b', 'c', 'd'], dependencies: { b: ['a'], c: ['b'] } };
    const { ended, log } = await collect(graph, 1, new Set(['a']));
    expect(new Map(ended.map(({ id, result }) => [id, result]))).toEqual(
      new Map([
        ['a', false],
        ['b', undefined],
        ['c', undefined],
        ['d', true],
      ]),
    );
    expect(log).toEqual(['start a', 'end a', 'start d', 'end d']);
  });

  test('holds its promises for any graph', async () => {
    const graphs = fc.integer({ min: 0, max: 12 }).chain((size) => {
      const ids = Array.from({ length: size }, (_, i) => `t${i}`);
      const edges = ids.map((id, i) => fc.tuple(fc.constant(id), fc.subarray(ids.slice(0, i))));
      return fc.record({
        graph: fc.tuple(fc.shuffledSubarray(ids, { minLength: size }), fc.tuple(...edges)).map(([order, pairs]) => ({
          ids: order,
          dependencies: Object.fromEntries(pairs) as Record<string, string[]>,
        })),
        fails: fc.subarray(ids).map((list) => new Set(list)),
        limit: fc.integer({ min: 1, max: 4 }),
      });
    });
    await fc.assert(
      fc.asyncProperty(graphs, async ({ graph, fails, limit }) => {
        const { ended, log, most } = await collect(graph, limit, fails);
        expect(ended.map(({ id }) => id).sort()).toEqual([...graph.ids].sort());
        expect(most).toBeLessThanOrEqual(limit);
        const results = new Map(ended.map(({ id, result }) => [id, result]));
        for (const id of graph.ids) {
          const needs = graph.dependencies[id] ?? [];
          if (needs.some((other) => results.get(other) !== true)) expect(results.get(id)).toBeUndefined();
          else {
            expect(results.get(id)).toBe(!fails.has(id));
            for (const other of needs) expect(log.indexOf(`end ${other}`)).toBeLessThan(log.indexOf(`start ${id}`));
          }
        }
      }),
    );
  });
});
