import { readdirSync, readlinkSync } from 'node:fs';
import { isShortProof, temporaryDirectory } from '@baton/testkit';
import { expect, test } from 'vitest';
import { commandOf, launch, outcomeOf, startTestLauncher, textOf } from './test-launch.ts';

const env = { PATH: '/bin:/usr/bin' };
const TIMES = isShortProof() ? 20 : 200;

/** How many pipes and sockets this process has open. */
function openEnds(): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return /pipe|socket/.test(readlinkSync(`/proc/self/fd/${fd}`));
    } catch {
      return false;
    }
  }).length;
}

test(`${TIMES} launches lose no byte and leave no descriptor and no file`, async () => {
  const TMPDIR = temporaryDirectory('tmp');
  await launch(commandOf(['true']), { ...env, TMPDIR });
  const before = openEnds();
  for (let i = 0; i < TIMES; i++) {
    const outcome = await launch(commandOf(['sh', '-c', 'echo "$0"; echo "$0" >&2; exit $(($0 % 2))', `${i}`]), {
      ...env,
      TMPDIR,
    });
    expect([outcome.status, textOf(outcome.out)]).toEqual([i % 2, `${i}\n`]);
    expect(textOf(outcome.err).split('\n')[0]).toBe(`${i}`);
  }
  expect(openEnds()).toBe(before);
  expect(readdirSync(TMPDIR)).toEqual([]);
}, 300_000);

test(`${TIMES} launchers killed at all moments: each has its status and an end, and nothing stays`, async () => {
  const TMPDIR = temporaryDirectory('tmp');
  await launch(commandOf(['true']), { ...env, TMPDIR });
  const before = openEnds();
  const seen = new Map<number, number>();
  for (let i = 0; i < TIMES; i++) {
    const launched = startTestLauncher()(commandOf(['sh', '-c', 'echo on']), {
      env: new Map(Object.entries({ ...env, TMPDIR })),
    });
    // Spread over the life of a launcher, which is some 150 ms long on a busy machine.
    setTimeout(() => launched.kill(), (i / TIMES) * 200);
    const { status, out } = await outcomeOf(launched);
    expect([-9, 0]).toContain(status);
    expect(['', 'on\n']).toContain(textOf(out));
    if (status === 0) expect(textOf(out)).toBe('on\n');
    seen.set(status, (seen.get(status) ?? 0) + 1);
  }
  expect(seen.get(-9)).toBeGreaterThan(0);
  expect(openEnds()).toBe(before);
  expect(readdirSync(TMPDIR)).toEqual([]);
}, 300_000);
