import { plural } from '@baton/kernel';
import type { HtmlState } from '@baton/report';
import type { Identity } from '../model/observation.ts';
import type { ParityResult, Position, ScenarioState, ScenarioVerdict } from '../model/verdict.ts';

/** The five states: sign and word, so that no report says anything by colour alone. In the order of reports. */
export const STATES: Readonly<Record<ScenarioState, { sign: string; word: string; look: HtmlState }>> = {
  equal: { sign: '✓', word: 'equal', look: 'good' },
  declared: { sign: '≈', word: 'declared', look: 'note' },
  diverged: { sign: '✗', word: 'diverged', look: 'bad' },
  undetermined: { sign: '?', word: 'undetermined', look: 'open' },
  'not-run': { sign: '–', word: 'not run', look: 'open' },
};

/** Every state, in the order of reports. */
export const STATE_NAMES = Object.keys(STATES) as ScenarioState[];

/** The state that decides over several: what is wrong before what is open before what is right. */
export function worstState(states: readonly ScenarioState[]): ScenarioState {
  const order: readonly ScenarioState[] = ['diverged', 'undetermined', 'not-run', 'declared', 'equal'];
  return order.find((state) => states.includes(state)) ?? 'equal';
}

/** Scenarios of one folder. */
export interface Suite {
  name: string;
  verdicts: readonly ScenarioVerdict[];
  counts: Readonly<Record<ScenarioState, number>>;
}

/** The folder of a scenario's id. */
export function suiteOf(id: string): string {
  const cut = id.lastIndexOf('/');
  return cut === -1 ? '.' : id.slice(0, cut);
}

/** The suites of a result, in the order in which they come. */
export function suitesOf(verdicts: readonly ScenarioVerdict[]): Suite[] {
  const suites = Map.groupBy(verdicts, ({ scenario }) => suiteOf(scenario));
  return [...suites].map(([name, own]) => ({ name, verdicts: own, counts: countStates(own) }));
}

/** How many scenarios are in each state. */
export function countStates(verdicts: readonly ScenarioVerdict[]): Record<ScenarioState, number> {
  const counts: Record<ScenarioState, number> = { equal: 0, declared: 0, diverged: 0, undetermined: 0, 'not-run': 0 };
  for (const { state } of verdicts) counts[state] += 1;
  return counts;
}

/** '160 equal, 3 declared, 8 diverged, 2 undetermined, 1 not run'; those without any are left out unless `all` is true. */
export function countWords(counts: Readonly<Record<ScenarioState, number>>, all = false): string {
  const words = STATE_NAMES.filter((state) => all || counts[state] > 0);
  return words.map((state) => `${counts[state]} ${STATES[state].word}`).join(', ');
}

/** What came of a run: one word and one sentence. */
export function verdictWords(result: ParityResult): { state: HtmlState; word: string; text: string } {
  const counts = countStates(result.scenarios);
  const of = plural(result.scenarios.length, 'scenario');
  const all =
    result.scenarios.length === 0 ? 'no scenario was run, so nothing is proved' : `${of}: ${countWords(counts, true)}`;
  const cached = result.scenarios.filter((verdict) => verdict.cached).length;
  const parts = [
    all,
    ...(result.faults.length === 0 ? [] : [plural(result.faults.length, 'fault of the run', 'faults of the run')]),
    ...(cached === 0 ? [] : [`${plural(cached, 'verdict')} from the cache`]),
  ];
  const [state, word] = HEADLINES[result.exitCode];
  return { state, word: result.exitCode === 0 && result.noise ? 'No noise' : word, text: `${parts.join('; ')}.` };
}

const HEADLINES: Readonly<Record<ParityResult['exitCode'], [HtmlState, string]>> = {
  0: ['good', 'Equal'],
  1: ['bad', 'Diverged'],
  3: ['bad', 'Nothing proved'],
  4: ['open', 'Undetermined'],
  5: ['bad', 'Golden set wrong'],
};

/** What limits the verdict: a part of the scenarios, one subject twice, a self-test. Sentences. */
export function scopeWords({ shard, selection, noise, selfTest, scenarios }: ParityResult): string[] {
  const { mutations, caught } = selfTest;
  return [
    ...(noise ? ['A noise run: one subject was run twice, and the verdict is about itself.'] : []),
    ...(shard === undefined ? [] : [`Only shard ${shard.index} of ${shard.count}: the others are not in this report.`]),
    ...(selection === undefined
      ? []
      : [
          `Only ${scenarios.length} of ${plural(selection.of, 'scenario')} (${selection.by}): this proves nothing about the rest.`,
        ]),
    mutations === 0
      ? 'The comparator was not tested on planted differences.'
      : `The comparator found ${caught} of ${plural(mutations, 'planted difference')}.`,
  ];
}

/** 'agent:dist/image (container, sha256:0123456789ab)'. */
export function identityWords({ kind, name, digest }: Identity): string {
  return `${name} (${kind}, ${/^sha256:[0-9a-f]{64}$/.test(digest) ? digest.slice(0, 19) : digest})`;
}

/** 'byte 120, line 3, column 7'. */
export function positionWords({ offset, line, column }: Position): string {
  return `byte ${offset}, line ${line}, column ${column}`;
}
