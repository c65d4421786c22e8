import { BatonError, plural } from '@baton/kernel';
import type { Content, Observation, TreeChange } from '../model/observation.ts';
import type { Scenario } from '../model/scenario.ts';
import { STREAMS, TREES } from './golden-manifest.ts';

/** What makes an observation useless as a golden of its scenario; undefined when it is none. `what` begins the message. */
export function misfit(scenario: Scenario, observation: Observation, what: string): BatonError | undefined {
  return (
    wrongChannels(scenario, observation, what) ??
    wrongEnd(scenario, observation, what) ??
    silence(scenario, observation, what)
  );
}

function wrongChannels(
  scenario: Scenario,
  { tier, runs, ...trees }: Observation,
  what: string,
): BatonError | undefined {
  const refuse = (problem: string): BatonError =>
    new BatonError('GOLDEN_CHANNELS', `${what} ${problem}`, {
      hint: `The scenario changed since. Record it again: baton parity record --only ${scenario.id}`,
      details: { scenario: scenario.id },
    });
  if (runs.length !== scenario.runs.length) {
    return refuse(`holds ${plural(runs.length, 'run')}, and the scenario has ${scenario.runs.length}`);
  }
  const wanted: readonly string[] = scenario.streams === 'merged' ? ['merged'] : ['stdout', 'stderr'];
  for (const [i, run] of runs.entries()) {
    for (const stream of STREAMS) {
      const [there, observed] = [run[stream] !== undefined, wanted.includes(stream)];
      if (there && !observed) return refuse(`holds run${i + 1}/${stream}, which the scenario does not observe`);
      if (!there && observed) return refuse(`does not hold run${i + 1}/${stream}, which the scenario observes`);
    }
  }
  for (const tree of TREES) {
    if (scenario.observe[tree] || isUntouched(trees[tree])) continue;
    return refuse(`holds rows of the tree ${tree}:/, which the scenario does not observe`);
  }
  const frozen = scenario.clock.kind === 'frozen';
  if (frozen === (tier === 'T1')) return undefined;
  return refuse(
    `was made under a ${tier === 'T1' ? 'frozen' : 'real'} clock, and the clock of the scenario is ${scenario.clock.kind}`,
  );
}

function wrongEnd(scenario: Scenario, { runs, leftovers }: Observation, what: string): BatonError | undefined {
  const late = runs.findIndex(({ end }) => end.kind === 'timeout');
  if (late !== -1) {
    return new BatonError(
      'PARITY_TIMEOUT',
      `${what} did not end in time in run ${late + 1}: nothing is known about its end`,
      {
        hint: 'Give the scenario a longer timeout, or find out what it waits for.',
      },
    );
  }
  const [left] = scenario.observe.leftovers === 'none' ? leftovers : [];
  if (left === undefined) return undefined;
  return new BatonError('STRAY_PROCESS', `${what} left a process running: ${left}`, {
    hint: 'Have the scenario wait for it, or say observe: { leftovers: any }.',
  });
}

function silence(scenario: Scenario, { runs, host, container }: Observation, what: string): BatonError | undefined {
  const wrote = runs.some((run) => STREAMS.some((stream) => sizeOf(run[stream]) > 0));
  if (wrote || !isUntouched(host) || !isUntouched(container) || scenario.expectSilent) return undefined;
  return new BatonError(
    'GOLDEN_EMPTY',
    `${what} holds no byte of output and no change of a file: it would prove nothing`,
    {
      hint: 'If silence is right, say expectSilent: true in the scenario.',
      details: { scenario: scenario.id },
    },
  );
}

function sizeOf(content: Content | undefined): number {
  if (content === undefined) return 0;
  return content.kind === 'bytes' ? content.bytes.length : content.size;
}

function isUntouched({ rows, deleted, rootMode }: TreeChange): boolean {
  return rows.length === 0 && deleted.length === 0 && rootMode === undefined;
}
