import { readFileSync, statSync } from 'node:fs';
import { isShortProof, needs } from '@baton/testkit';
import { beforeAll, expect } from 'vitest';
import { bundledAgent } from './test-bundle.ts';
import { putFile, testNode } from './test-node.ts';
import { startAgent, waitForFile } from './test-run.ts';

let agent: string;
beforeAll(async () => {
  agent = await bundledAgent();
});

const MIB = 1024 * 1024;

/** The most memory that a process had so far, in bytes; undefined when it is gone. */
function peakOf(pid: number): number | undefined {
  try {
    const found = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return found === undefined ? undefined : Number(found) * 1024;
  } catch {
    return undefined;
  }
}

/** Runs a step, whose word is the file /tmp/idle when it waits, and gives the peak of the agent at its end. */
async function peakWhile(script: string, bytes = 0): Promise<number> {
  const node = testNode([{ path: 'a.sh', script }]);
  putFile(node, '/tmp/chunk', `${'0123456789abcdef'.repeat(5).slice(1)}\n`.repeat(13_107));
  const run = startAgent(agent, node, { stdio: 'ignore' });
  // The step waits at its end until the peak is read.
  await waitForFile(node, '/tmp/idle', 600_000);
  const peak = peakOf(run.pid);
  putFile(node, '/tmp/go', '');
  expect((await run.ended).code).toBe(0);
  expect(statSync(node.logFile('a.sh', 'out') ?? '').size).toBeGreaterThanOrEqual(bytes * 1.2);
  if (peak === undefined) throw new Error('the agent was gone');
  return peak;
}

needs('root', 'busybox')('a step that prints a gigabyte costs the agent at most 40 MiB above an idle one', async () => {
  const times = isShortProof() ? 200 : 1024;
  const wait = 'touch /tmp/idle; while test -e /tmp && ! test -e /tmp/go; do sleep 0.05; done';
  const idle = await peakWhile(wait);
  const print = `i=0; while [ $i -lt ${times} ]; do cat /tmp/chunk; i=$((i+1)); done`;
  const busy = await peakWhile(`${print}; ${wait}`, times * MIB);
  console.log(`peak: idle ${(idle / MIB).toFixed(1)} MiB, with ${times} MiB printed ${(busy / MIB).toFixed(1)} MiB`);
  expect(busy - idle).toBeLessThanOrEqual(40 * MIB);
});
