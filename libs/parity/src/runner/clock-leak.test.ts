import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@baton/testkit';
import { expect, test } from 'vitest';
import type { Content, Observation } from '../model/observation.ts';
import { refuseClockLeak } from './clock-leak.ts';
import { testObservation, testScenario } from './test-parity.ts';

const NOON = Date.parse('2026-11-20T12:00:00Z') * 1000;
const frozen = testScenario('time/frozen', { clock: { kind: 'frozen', time: '2026-01-02 03:04:05.678901' } });

function printed(content: Content, window = { began: NOON, ended: NOON + 2_000_000 }): Observation {
  const plain = testObservation(frozen, '');
  return { ...plain, runs: plain.runs.map((run) => ({ ...run, stdout: content, window })) };
}
const text = (words: string): Content => ({ kind: 'bytes', bytes: Buffer.from(words) });

test('the time of the scenario, and times of other days, are no leak', async () => {
  const words = 'at 2026-01-02T03:04:05.678901 and 2026-11-19T12:00:00 and 2026-11-21T12:00:03\n';
  await expect(refuseClockLeak(frozen, printed(text(words)), 'NEW')).resolves.toBeUndefined();
});

test.each([
  '2026-11-20T12:00:01',
  '2026-11-20T17:30:01.5',
  '2026-11-20T02:00:00+00:00',
])('the real time is, in whatever zone: %s', async (stamp) => {
  await expect(refuseClockLeak(frozen, printed(text(`x ${stamp}\n`)), 'NEW')).rejects.toMatchObject({
    code: 'CLOCK_LEAK',
    message: expect.stringContaining(`NEW printed ${stamp.slice(0, 19)} in run 1`),
  });
});

test('it is looked for in files too', async () => {
  const path = join(temporaryDirectory('leak'), 'stdout');
  await writeFile(path, `${'x'.repeat(5000)}2026-11-20T12:00:01\n`);
  const found = refuseClockLeak(frozen, printed({ kind: 'file', path, size: 5020 }), 'OLD');
  await expect(found).rejects.toMatchObject({ code: 'CLOCK_LEAK' });
});

test('where the clock is real, or nothing is known of the moment, nothing is said', async () => {
  const words = text('2026-11-20T12:00:01\n');
  await refuseClockLeak(testScenario('time/real'), printed(words), 'NEW');
  const golden = printed(words);
  await refuseClockLeak(frozen, { ...golden, runs: golden.runs.map(({ window: _, ...run }) => run) }, 'OLD');
  const today = testScenario('time/today', { clock: { kind: 'frozen', time: '2026-11-20 11:59:59' } });
  await refuseClockLeak(today, printed(words), 'NEW');
});
