import { afterEach, expect, test } from 'vitest';
import { effect, observeEffects } from './effects.ts';

afterEach(() => observeEffects(undefined));

test('returns what the change returns, with and without an observer', async () => {
  expect(await effect('write', 'a', () => 1)).toBe(1);
  observeEffects({});
  expect(await effect('write', 'a', async () => 2)).toBe(2);
});

test('numbers go up by one, also while nobody observes', async () => {
  const seen: number[] = [];
  const observer = { before: (self: { n: number }) => void seen.push(self.n) };
  observeEffects(observer);
  await effect('write', 'a', () => undefined);
  observeEffects(undefined);
  await effect('write', 'b', () => undefined);
  observeEffects(observer);
  await effect('write', 'c', () => undefined);
  const [first = 0] = seen;
  expect(seen).toEqual([first, first + 2]);
});

test('an observer sees each effect around its change', async () => {
  const log: string[] = [];
  observeEffects({
    before: ({ kind, target }) => void log.push(`before ${kind} ${target}`),
    after: ({ kind, target }) => void log.push(`after ${kind} ${target}`),
  });
  await effect('rename', '/x', () => void log.push('change'));
  expect(log).toEqual(['before rename /x', 'change', 'after rename /x']);
});

test('an observer that throws before keeps the change from happening', async () => {
  let changed = false;
  observeEffects({
    before() {
      throw new Error('stop');
    },
  });
  const attempt = effect('unlink', '/x', () => {
    changed = true;
  });
  await expect(attempt).rejects.toThrow('stop');
  expect(changed).toBe(false);
});

test('an observer that waits delays the change', async () => {
  const gate = Promise.withResolvers<void>();
  let changed = false;
  observeEffects({ before: () => gate.promise });
  const running = effect('write', '/x', () => {
    changed = true;
  });
  await Promise.resolve();
  expect(changed).toBe(false);
  gate.resolve();
  await running;
  expect(changed).toBe(true);
});

test('a change that fails passes its error on and is not followed by "after"', async () => {
  const after: number[] = [];
  observeEffects({ after: ({ n }) => void after.push(n) });
  await expect(effect('request', 'PUT /v2/', () => Promise.reject(new Error('reset')))).rejects.toThrow('reset');
  expect(after).toEqual([]);
});
