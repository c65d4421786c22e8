import { compareTexts, type TextRules } from './compare-text.ts';
import { compareTrees } from './compare-tree.ts';
import type { Difference } from './difference.ts';
import { LATITUDE, type Latitude } from './latitude.ts';
import { normalisePath } from './normalise.ts';
import type { Observation } from './observe.ts';
import { contentsOf, type Recording, STREAMS } from './recording.ts';
import type { Scenario } from './scenario.ts';
import { compareGroups, type GroupedPair } from './stamp-groups.ts';
import { checkStamps } from './stamps.ts';

/**
 * Everything in which an observation differs from the recording of the same scenario; empty when they are equal.
 *
 * A latitude that nothing needed is a difference as well: it would hide the next one.
 */
export function compare(
  scenario: Scenario,
  recording: Recording,
  observation: Observation,
  latitude: readonly Latitude[] = LATITUDE,
): Difference[] {
  const rules: TextRules = {
    rootMount: scenario.root_mount,
    level: scenario.traceback_level,
    raw: scenario.clock !== undefined,
  };
  const differences = [
    ...compareRuns(recording, observation, rules),
    ...compareTrees('host', { ...recording, rootMode: recording.root_mode }, observation.host, rules),
    ...compareTrees(
      'container',
      { files: recording.container_files, deleted: recording.container_deleted },
      observation.container,
      rules,
    ),
    ...compareGroups(groupedPairs(recording, observation)),
    ...checkStamps(scenario, observation),
  ];
  return excuse(
    differences,
    latitude.filter((one) => one.scenario === scenario.name),
  );
}

function compareRuns(recording: Recording, observation: Observation, rules: TextRules): Difference[] {
  const differences: Difference[] = [];
  if (recording.runs.length !== observation.runs.length) {
    differences.push({ where: 'runs', problem: `${recording.runs.length}, found ${observation.runs.length}` });
  }
  for (const [i, run] of recording.runs.entries()) {
    const found = observation.runs[i];
    if (found === undefined) continue;
    const add = (where: string, problem: string): void =>
      void differences.push({ where: `run ${i + 1} ${where}`, problem });
    for (const fault of found.faults) add('fault', fault);
    if (run.exit_code !== found.exitCode) add('exit', `${run.exit_code}, found ${found.exitCode}`);
    for (const stream of STREAMS) {
      const [wanted, got] = [run[stream], found[stream]];
      if ((wanted === undefined) !== (got === undefined))
        add(stream, `captured only in ${wanted ? 'the recording' : 'the run'}`);
      const problem = wanted && got ? compareTexts(wanted, got, rules) : undefined;
      if (problem !== undefined) add(stream, problem);
    }
  }
  return differences;
}

// Where names differ only in their moment, the grouping cannot be told apart: no recorded scenario has that.
function groupedPairs(recording: Recording, observation: Observation): GroupedPair[] {
  const pairs: GroupedPair[] = [];
  for (const [i, run] of recording.runs.entries()) {
    for (const stream of STREAMS) {
      const [text, found] = [run[stream], observation.runs[i]?.[stream]];
      if (text && 'raw' in text && text.ts_grouped && found) {
        pairs.push({ where: `run ${i + 1} ${stream}`, recorded: text.raw, found });
      }
    }
  }
  for (const file of recording.files) {
    const text = contentsOf(file);
    if (text === undefined || !('raw' in text) || text.ts_grouped === undefined) continue;
    const name = file.norm_path ?? file.path;
    const found = observation.host.files.find(({ path }) => normalisePath(path) === name)?.contents;
    if (found !== undefined) pairs.push({ where: `host ${name}`, recorded: text.raw, found });
  }
  return pairs;
}

function excuse(differences: readonly Difference[], latitude: readonly Latitude[]): Difference[] {
  const covers = ({ where }: Latitude, difference: Difference): boolean =>
    difference.where === where || [' ', '/'].some((next) => difference.where.startsWith(where + next));
  const left = differences.filter((difference) => !latitude.some((one) => covers(one, difference)));
  const idle = latitude.filter((one) => !differences.some((difference) => covers(one, difference)));
  return [
    ...left,
    ...idle.map(({ where, reason }) => ({
      where,
      problem: `is excused and does not differ; the reason was: ${reason}`,
    })),
  ];
}
