import { join } from 'node:path';
import { BatonError, type ErrorCode, ensureDir, removeTree } from '@baton/kernel';
import { misfit } from '../golden/golden-fit.ts';
import type { Observation, Subject } from '../model/observation.ts';
import type { Scenario } from '../model/scenario.ts';
import type { ScenarioVerdict, TimelineEvent } from '../model/verdict.ts';
import type { Compare, SelfTest } from '../selftest/self-test.ts';
import { refuseClockLeak } from './clock-leak.ts';
import { writeObservation } from './observation-files.ts';
import { comparedVerdict, openVerdict } from './scenario-verdict.ts';

/** What one scenario is judged with. */
export interface Judge {
  old: Subject;
  new: Subject;
  compare: Compare;
  selfTest: SelfTest;
  /** `YYYY-MM-DD`: declarations end on a day. */
  today: string;
  /** `<directory>/work` holds what runs, `<directory>/kept` what is kept of scenarios that are neither equal nor declared. */
  directory: string;
  signal: AbortSignal;
}

/** These say something about the machine or the run, and nothing about one scenario: no verdict comes of them. */
const FATAL: readonly ErrorCode[] = [
  'INTERRUPTED',
  'NAMESPACE_UNAVAILABLE',
  'SUBJECT_NOT_FOUND',
  'IMAGE_NOT_BUILT',
  'ENGINE_UNAVAILABLE',
  'SELF_TEST_FAILED',
];

/**
 * Runs one scenario on both subjects, once, and compares what they did. Whatever cannot be run or judged is `undetermined` with its
 * code; it is never tried again, because a second answer would not take the first one back.
 *
 * Throws what concerns the whole run: interruption, a machine without namespaces, a subject that is not there, a failed self-test.
 */
export async function judgeScenario(scenario: Scenario, judge: Judge): Promise<ScenarioVerdict> {
  const began = performance.now();
  const seconds = (): number => Math.round((performance.now() - began) / 10) / 100;
  const work = join(judge.directory, 'work', scenario.id);
  const seen: { old?: Observation; new?: Observation } = {};
  let verdict: ScenarioVerdict;
  try {
    seen.old = await observe('old', scenario, work, judge);
    await judge.selfTest.take(scenario, seen.old);
    seen.new = await observe('new', scenario, work, judge);
    verdict =
      bothTimedOut(scenario, seen.old, seen.new, seconds()) ??
      comparedVerdict(scenario, await judge.compare(scenario, seen.old, seen.new), {
        today: judge.today,
        seconds: seconds(),
        timeline: [...timelineOf('old', seen.old), ...timelineOf('new', seen.new)],
      });
  } catch (error) {
    if (!(error instanceof BatonError) || FATAL.includes(error.code)) throw error;
    verdict = openVerdict(scenario, 'undetermined', { reason: error.message, code: error.code }, seconds());
  }
  if (verdict.state === 'diverged' || verdict.state === 'undetermined') {
    const kept = join(judge.directory, 'kept', scenario.id);
    if (seen.old !== undefined) await writeObservation(join(kept, 'old'), seen.old);
    if (seen.new !== undefined) await writeObservation(join(kept, 'new'), seen.new);
  }
  await removeTree(work);
  return verdict;
}

async function observe(side: 'old' | 'new', scenario: Scenario, work: string, judge: Judge): Promise<Observation> {
  const directory = join(work, side);
  await ensureDir(directory);
  const observation = await judge[side].observe(scenario, { directory, signal: judge.signal });
  if (side === 'old' && (await judge.old.identity()).kind === 'golden') {
    const problem = misfit(scenario, observation, `the golden of ${scenario.id}`);
    if (problem !== undefined) throw problem;
  }
  const word = side === 'old' ? 'OLD' : 'NEW';
  await refuseClockLeak(scenario, observation, word);
  if (observation.runs.length === scenario.runs.length) return observation;
  throw new BatonError(
    'PARITY_NOTHING_RAN',
    `${scenario.id}: ${scenario.runs.length} runs are in the scenario, and ${word} did ${observation.runs.length}`,
    side === 'old' ? { hint: 'Record OLD again: its golden is of another scenario.' } : {},
  );
}

/** A pair of timeouts is no equality: nothing is known of what would have come. */
function bothTimedOut(
  scenario: Scenario,
  old: Observation,
  found: Observation,
  seconds: number,
): ScenarioVerdict | undefined {
  const at = old.runs.findIndex(({ end }, i) => end.kind === 'timeout' && found.runs[i]?.end.kind === 'timeout');
  if (at === -1) return undefined;
  const reason = `OLD and NEW both did not end within ${scenario.timeout} s in run ${at + 1}`;
  return openVerdict(scenario, 'undetermined', { reason, code: 'PARITY_TIMEOUT' }, seconds);
}

function timelineOf(side: 'old' | 'new', { runs }: Observation): TimelineEvent[] {
  return runs.flatMap(({ end, milliseconds }, i) => {
    const text =
      end.kind === 'exit'
        ? `exit ${end.code}`
        : end.kind === 'signal'
          ? `by SIG${end.signal}`
          : `not within ${end.seconds} s`;
    const run = i + 1;
    return [
      { run, side, kind: 'begin' as const, seconds: 0, text: `run ${run}` },
      { run, side, kind: 'end' as const, seconds: milliseconds / 1000, text },
    ];
  });
}
