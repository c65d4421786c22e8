import { open } from 'node:fs/promises';
import { BatonError } from '@baton/kernel';
import type { Content, Observation, RunObservation } from '../model/observation.ts';
import type { Scenario } from '../model/scenario.ts';

const STAMP = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/g;
/** A local stamp may be of any zone. Milliseconds. */
const ZONES = 14 * 3600_000;
/** How much of a stream is looked at: who prints the real time does so from the beginning. */
const HEAD = 1 << 20;

/**
 * Throws `CLOCK_LEAK` when the clock of a scenario stands still and a live subject printed a moment of the run itself: it read the real
 * clock, and bytes that depend on it are neither equal nor different.
 */
export async function refuseClockLeak(
  scenario: Scenario,
  observation: Observation,
  side: 'OLD' | 'NEW',
): Promise<void> {
  if (scenario.clock.kind !== 'frozen') return;
  const frozen = Date.parse(`${scenario.clock.time.replace(' ', 'T')}Z`);
  for (const [i, run] of observation.runs.entries()) {
    const { window } = run;
    if (window === undefined) continue;
    const isReal = (moment: number): boolean =>
      moment > window.began / 1000 - ZONES && moment < window.ended / 1000 + ZONES;
    // A scenario of today cannot tell its own time from the real one.
    if (isReal(frozen)) continue;
    const leak = await realStamp(run, isReal);
    if (leak === undefined) continue;
    throw new BatonError(
      'CLOCK_LEAK',
      `${scenario.id}: the clock stands at ${scenario.clock.time}, and ${side} printed ${leak} in run ${i + 1}`,
      { hint: 'It reads the real clock: look at parity.clock of agent.yaml, and at what else tells the time.' },
    );
  }
}

async function realStamp(run: RunObservation, isReal: (moment: number) => boolean): Promise<string | undefined> {
  for (const content of [run.stdout, run.stderr, run.merged]) {
    if (content === undefined) continue;
    for (const [stamp] of (await head(content)).toString('latin1').matchAll(STAMP)) {
      if (isReal(Date.parse(`${stamp}Z`))) return stamp;
    }
  }
  return undefined;
}

async function head(content: Content): Promise<Buffer> {
  if (content.kind === 'bytes') return content.bytes.subarray(0, HEAD);
  if (content.kind === 'elided') return Buffer.alloc(0);
  const file = await open(content.path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(HEAD, content.size)), 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
