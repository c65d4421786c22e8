import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';

const started: ChildProcess[] = [];

afterEach(() => {
  for (const worker of started.splice(0)) worker.kill('SIGKILL');
});

async function worker(mode = 'tool'): Promise<{ worker: ChildProcess; said: unknown; ended: Promise<unknown[]> }> {
  const child = fork(new URL('./worker-life.child.ts', import.meta.url), [mode]);
  started.push(child);
  const ended = once(child, 'exit');
  const [said] = await once(child, 'message');
  return { worker: child, said, ended };
}

async function gone(pid: unknown): Promise<boolean> {
  for (;;) {
    try {
      process.kill(Number(pid), 0);
    } catch {
      return true;
    }
    await setTimeout(5);
  }
}

test.each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('%s ends the worker and the tools it runs', async (signal, code) => {
  const { worker: child, said: tool, ended } = await worker();
  child.kill(signal);
  expect(await ended).toEqual([code, null]);
  expect(await gone(tool)).toBe(true);
});

test('a worker whose parent is gone ends, and so do its tools', async () => {
  const { worker: child, said: tool, ended } = await worker();
  child.disconnect();
  expect(await ended).toEqual([130, null]);
  expect(await gone(tool)).toBe(true);
});

test('work that does not hear is not waited for', async () => {
  const { worker: child, ended } = await worker('stubborn');
  child.kill('SIGTERM');
  expect(await ended).toEqual([143, null]);
});
