import { needs } from '@baton/testkit';
import { beforeAll, expect, test } from 'vitest';
import { bundledAgent } from './test-bundle.ts';
import { putFile, testNode } from './test-node.ts';
import { afterBanner, childrenOf, hasEnded, plain, runAgent, startAgent, waitFor, waitForFile } from './test-run.ts';

// Processes that die, with the program as it is shipped: contract, sections 9.1, 11 and 14.
let agent: string;
beforeAll(async () => {
  agent = await bundledAgent();
});

// Says that it runs, waits for the test's word, and says that it goes on.
const WAITING =
  'echo one; touch /tmp/runs; while test -e /tmp && ! test -e /tmp/go; do sleep 0.02; done; touch /tmp/ended; echo two';
const APPLY = (path: string): string => `apply ${path} [] [0] Idempotence.Auto True\n`;

needs('root', 'busybox').describe('a launcher that is killed', () => {
  test.each([
    ['SIGKILL', '-9'],
    ['SIGTERM', '-15'],
  ] as const)('by %s is a status of %s; its command lives on, is waited for and logged', async (signal, status) => {
    const node = testNode([{ path: 'a.sh', script: WAITING }]);
    const run = startAgent(agent, node);
    await waitForFile(node, '/tmp/runs');
    process.kill(await run.launcher(), signal);
    await waitFor('the end of the launcher', () => childrenOf(run.pid).length === 0);
    putFile(node, '/tmp/go', '');
    expect((await run.ended).code).toBe(1);
    const printed = '[out]<TS> one\n[out]<TS> two\n[out]<TS> ';
    expect(afterBanner(run.stdout())).toBe(`${APPLY('a.sh')}${printed}FAILED: a.sh  ${status}\n`);
    expect(run.stderr()).toBe('');
    expect(plain(node.log('a.sh', 'out'))).toBe(printed);
    expect(node.flags()).toEqual([]);
  });

  test('is a success where the step says so', async () => {
    const node = testNode([{ path: 'a.sh', script: WAITING, returncodes: [-9] }]);
    const run = startAgent(agent, node);
    await waitForFile(node, '/tmp/runs');
    process.kill(await run.launcher(), 'SIGKILL');
    putFile(node, '/tmp/go', '');
    expect((await run.ended).code).toBe(0);
    expect(run.stdout()).toContain('SUCEEDED: a.sh \n');
  });
});

needs('root', 'busybox').describe('the agent gets', () => {
  test('SIGTERM during a step: the step ends well, the next one does not start, and nothing is printed', async () => {
    const node = testNode([
      { path: 'a.sh', script: WAITING },
      { path: 'b.sh', script: 'echo never' },
    ]);
    const run = startAgent(agent, node);
    await waitForFile(node, '/tmp/runs');
    run.signal('SIGTERM');
    putFile(node, '/tmp/go', '');
    expect((await run.ended).code).toBe(1);
    expect(afterBanner(run.stdout())).toBe(`${APPLY('a.sh')}[out]<TS> one\n[out]<TS> two\n[out]<TS> SUCEEDED: a.sh \n`);
    expect(run.stderr()).toBe('');
    expect(node.flags()).toEqual(['a.sh']);
  });

  test('SIGTERM during the last step: the run ends as if nothing had been', async () => {
    const node = testNode([{ path: 'a.sh', script: WAITING }]);
    const run = startAgent(agent, node);
    await waitForFile(node, '/tmp/runs');
    run.signal('SIGTERM');
    putFile(node, '/tmp/go', '');
    expect((await run.ended).code).toBe(0);
    expect(node.flags()).toEqual(['a.sh']);
  });

  test('SIGINT: the launcher is killed, a report is written, and the agent dies of it; the command goes on', async () => {
    const node = testNode([{ path: 'a.sh', script: WAITING }]);
    const run = startAgent(agent, node);
    await waitForFile(node, '/tmp/runs');
    await waitFor('the first line', () => run.stdout().includes('one\n'));
    const launcher = await run.launcher();
    run.signal('SIGINT');
    // The command holds no pipe of the test's, so the end of the agent is seen although it runs.
    expect(await run.ended).toEqual({ code: null, signal: 'SIGINT' });
    expect(afterBanner(run.stdout())).toBe(`${APPLY('a.sh')}[out]<TS> one\n[out]<TS> `);
    expect(plain(run.stderr())).toBe('<KeyboardInterrupt>\n');
    await waitFor('the end of the launcher', () => hasEnded(launcher));
    expect(node.flags()).toEqual([]);
    putFile(node, '/tmp/go', '');
    await waitForFile(node, '/tmp/ended');
  });

  test('SIGKILL: the logs hold all that was read, no flag is set, and the next run does the step again', async () => {
    const node = testNode([{ path: 'a.sh', script: WAITING }]);
    const run = startAgent(agent, node);
    await waitForFile(node, '/tmp/runs');
    await waitFor('the first line', () => plain(node.log('a.sh', 'out')) === '[out]<TS> one\n[out]<TS> ');
    const launcher = await run.launcher();
    run.signal('SIGKILL');
    expect(await run.ended).toEqual({ code: null, signal: 'SIGKILL' });
    expect(plain(node.log('a.sh', 'out'))).toBe('[out]<TS> one\n[out]<TS> ');
    expect(node.flags()).toEqual([]);
    putFile(node, '/tmp/go', '');
    await waitFor('the end of the launcher', () => hasEnded(launcher));
    expect((await runAgent(agent, node)).code).toBe(0);
    expect(node.flags()).toEqual(['a.sh']);
  });
});

needs('root', 'busybox')('an orphan that holds the pipe is waited for, and logged', async () => {
  const orphan = 'while test -e /tmp && ! test -e /tmp/go; do sleep 0.02; done; echo late; echo later >&2';
  const node = testNode([{ path: 'a.sh', script: `( ${orphan} ) &\necho first\ntouch /tmp/runs` }]);
  const run = startAgent(agent, node);
  await waitForFile(node, '/tmp/runs');
  await waitFor('the end of the launcher', () => childrenOf(run.pid).length === 0);
  expect(run.stdout()).not.toContain('SUCEEDED');
  putFile(node, '/tmp/go', '');
  expect((await run.ended).code).toBe(0);
  expect(afterBanner(run.stdout())).toBe(
    `${APPLY('a.sh')}[out]<TS> first\n[out]<TS> late\n[out]<TS> SUCEEDED: a.sh \n`,
  );
  expect(plain(node.log('a.sh', 'out'))).toBe('[out]<TS> first\n[out]<TS> late\n[out]<TS> ');
  expect(plain(node.log('a.sh', 'err'))).toBe('[err]<TS> later\n[err]<TS> ');
});
