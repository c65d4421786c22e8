import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const CHILD = join(import.meta.dirname, 'test-signals-child.ts');

test.each([
  ['terminate-self', [false, true]],
  ['terminate-in-timer', [true]],
  ['terminate-in-immediate', [true]],
  ['terminate-in-poll', [true]],
])('SIGTERM leaves a mark that is seen at once: %s', (task, answers) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CHILD, task], { encoding: 'utf8' });
  expect({ status, answers: JSON.parse(stdout), stderr }).toEqual({ status: 0, answers, stderr: '' });
});

test('SIGTERM ends nothing, however often it comes', async () => {
  const agent = await startWaiting();
  agent.child.kill('SIGTERM');
  agent.child.kill('SIGTERM');
  process.kill(agent.launcher, 'SIGKILL');
  expect(await agent.ended).toEqual({ status: 0, signal: null, stdout: 'dangling launcher gone\n', stderr: '' });
});

test('SIGINT kills the launcher, reports, flushes stdout and ends the process by SIGINT', async () => {
  const agent = await startWaiting();
  agent.child.kill('SIGINT');
  expect(await agent.ended).toEqual({
    status: null,
    signal: 'SIGINT',
    stdout: 'dangling ',
    stderr: 'Traceback (most recent call last):\nKeyboardInterrupt\n',
  });
  await expect.poll(() => isRunning(agent.launcher)).toBe(false);
});

test('other signals keep their default action', async () => {
  const agent = await startWaiting();
  agent.child.kill('SIGHUP');
  expect(await agent.ended).toMatchObject({ status: null, signal: 'SIGHUP', stdout: '', stderr: '' });
  process.kill(agent.launcher, 'SIGKILL');
});

test('SIGTERM is heard even where the parent ignores it', () => {
  const script = `trap '' TERM; exec "$0" "$1" terminate-self`;
  const { stdout } = spawnSync('sh', ['-c', script, process.execPath, CHILD], { encoding: 'utf8' });
  expect(JSON.parse(stdout)).toEqual([false, true]);
});

interface Ended {
  status: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
}

/** A process that waits for its launcher, whose id it says first. */
async function startWaiting(): Promise<{ child: ChildProcess; launcher: number; ended: Promise<Ended> }> {
  const child = spawn(process.execPath, [CHILD, 'wait'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  const launcher = await new Promise<number>((resolve) => {
    child.stdout.on('data', (bytes) => {
      stdout += bytes;
    });
    child.stderr.on('data', (bytes) => {
      stderr += bytes;
      if (stderr.includes('\n')) resolve(Number.parseInt(stderr, 10));
    });
  });
  stderr = stderr.slice(stderr.indexOf('\n') + 1);
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (status, signal) => resolve({ status, signal, stdout, stderr }));
  });
  return { child, launcher, ended };
}

/** A dead process that nobody has waited for has a state of its own. */
function isRunning(pid: number): boolean {
  const status = `/proc/${pid}/status`;
  return existsSync(status) && !/State:\s+Z/.test(readFileSync(status, 'utf8'));
}
