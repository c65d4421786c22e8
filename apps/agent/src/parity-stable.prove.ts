import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { loadSuite } from '@baton/parity';
import { isShortProof, needs, proofSample } from '@baton/testkit';
import { beforeAll, expect } from 'vitest';
import { AGENT, bundledAgent } from './test-bundle.ts';
import { agentParity } from './test-parity.ts';

// In this one the recorded agent ran a script of its own file system; the project declares that the image has no shell, and a
// program of this machine has one.
const IMAGE_ONLY = 'local/mode';
// Once is what the target `parity` does by itself.
const TIMES = isShortProof() ? 1 : 3;

needs('root', 'busybox', 'tmpfs').describe('verdicts do not depend on the machine', () => {
  const test = needs('root', 'busybox', 'tmpfs');
  let main: string;
  let ids: string[];

  beforeAll(async () => {
    main = await bundledAgent();
    const suite = await loadSuite(join(AGENT, 'parity/scenarios'));
    ids = proofSample(
      suite.map(({ id }) => id).filter((id) => id !== IMAGE_ONLY),
      8,
    );
  }, 60_000);

  async function bad(): Promise<unknown[]> {
    const { scenarios } = await agentParity(main, ids);
    expect(scenarios.length).toBe(ids.length);
    return scenarios
      .filter(({ state }) => state !== 'equal' && state !== 'declared')
      .map(({ scenario, state, reason, divergences }) => ({ scenario, state, reason, found: divergences[0]?.message }));
  }

  test(`all scenarios, ${TIMES} times`, async () => {
    for (let time = 0; time < TIMES; time += 1) expect(await bad()).toEqual([]);
  }, 900_000);

  test('and while every processor is busy with something else', async () => {
    const hogs = Array.from({ length: availableParallelism() + 1 }, () => new Worker('for (;;);', { eval: true }));
    try {
      expect(await bad()).toEqual([]);
    } finally {
      for (const hog of hogs) await hog.terminate();
    }
  }, 900_000);
});
