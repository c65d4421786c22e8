import { readFile } from 'node:fs/promises';
import { sha256 } from '@baton/kernel';
import { CRASH_HEADER } from '../compare/crash-report.ts';
import type { Content, Observation, RunObservation, TreeRow } from '../model/observation.ts';
import type { Scenario } from '../model/scenario.ts';
import { type TextMutation, textMutations } from './text-mutations.ts';

/** A difference that was planted. */
export interface Mutation {
  /** `flip a byte`, `change a mode`, ...: see {@link MUTATIONS}. */
  kind: string;
  channel: string;
  observation: Observation;
}

/** Every kind of planted difference, in the order in which they are tried. */
export const MUTATIONS = [
  'flip a byte',
  'drop a line',
  'swap two lines',
  'duplicate a line',
  'shift a stamp by a second',
  'merge two stamps',
  'change a mode',
  'change the exit code',
  'remove a file',
  'add a file',
  'leave a process behind',
] as const;

/** Texts above this are left alone: planting a difference takes all of it into memory. */
const LARGEST = 256 * 1024;

/**
 * Plants one difference of a kind into an observation; undefined where there is nothing to change. Which place is changed depends on
 * scenario and kind alone, so a second run plants the same.
 */
export async function mutate(
  scenario: Scenario,
  observation: Observation,
  kind: string,
): Promise<Mutation | undefined> {
  const draw = drawer(`${scenario.id}\0${kind}`);
  const text = textMutations(scenario)[kind];
  if (text !== undefined) return await mutateText(scenario, observation, kind, text, draw);
  if (kind === 'change the exit code') return changeExit(observation, kind, draw);
  if (kind === 'leave a process behind') {
    if (scenario.observe.leftovers !== 'none') return undefined;
    return {
      kind,
      channel: 'leftovers',
      observation: { ...observation, leftovers: [...observation.leftovers, 'planted'] },
    };
  }
  return changeTree(scenario, observation, kind, draw);
}

interface Place {
  channel: string;
  content: Content;
  put(content: Content): Observation;
}

async function mutateText(
  scenario: Scenario,
  observation: Observation,
  kind: string,
  change: TextMutation,
  draw: (count: number) => number,
): Promise<Mutation | undefined> {
  // Of a crash report only the last line is compared, or less; which lines belong to one is the comparator's to say.
  const reports = scenario.tokens.some(({ use }) => use === 'crash-report');
  const places = placesOf(observation);
  const first = draw(places.length);
  for (const [i] of places.entries()) {
    const place = places[(first + i) % places.length];
    const bytes = place && (await smallText(place.content));
    if (!place || !bytes || (reports && bytes.includes(CRASH_HEADER))) continue;
    const changed = change(bytes, draw);
    if (changed === undefined || changed.equals(bytes)) continue;
    return { kind, channel: place.channel, observation: place.put({ kind: 'bytes', bytes: changed }) };
  }
  return undefined;
}

function placesOf(observation: Observation): Place[] {
  const streams = observation.runs.flatMap((run, i) =>
    (['stdout', 'stderr', 'merged'] as const).flatMap((name): Place[] => {
      const content = run[name];
      if (content === undefined) return [];
      const put = (changed: Content): Observation => withRun(observation, i, { ...run, [name]: changed });
      return [{ channel: `run${i + 1}/${name}`, content, put }];
    }),
  );
  const files = (['host', 'container'] as const).flatMap((tree) =>
    observation[tree].rows.flatMap((row, i): Place[] => {
      const content = row.contents;
      if (content === undefined) return [];
      const put = (changed: Content): Observation => withRow(observation, tree, i, { ...row, contents: changed });
      return [{ channel: `${tree}:${row.path}`, content, put }];
    }),
  );
  return [...streams, ...files];
}

async function smallText(content: Content): Promise<Buffer | undefined> {
  if (content.kind === 'elided') return undefined;
  if (content.kind === 'bytes') return content.bytes.length > LARGEST ? undefined : content.bytes;
  return content.size > LARGEST ? undefined : await readFile(content.path);
}

function changeExit(observation: Observation, kind: string, draw: (count: number) => number): Mutation {
  const i = draw(observation.runs.length);
  const run = observation.runs[i];
  const code = run?.end.kind === 'exit' ? (run.end.code + 1) % 256 : 1;
  const changed = run && withRun(observation, i, { ...run, end: { kind: 'exit', code } });
  return { kind, channel: `run${i + 1}/exit`, observation: changed ?? observation };
}

function changeTree(
  scenario: Scenario,
  observation: Observation,
  kind: string,
  draw: (count: number) => number,
): Mutation | undefined {
  const trees = (['host', 'container'] as const).filter((tree) => scenario.observe[tree]);
  if (kind === 'add a file') {
    const [tree] = trees;
    if (tree === undefined) return undefined;
    const row: TreeRow = {
      path: '/planted',
      type: 'file',
      mode: '0644',
      contents: { kind: 'bytes', bytes: Buffer.from('x') },
    };
    return {
      kind,
      channel: `${tree}:/planted`,
      observation: withRows(observation, tree, [...observation[tree].rows, row]),
    };
  }
  if (kind === 'change a mode' && !scenario.observe.modes) return undefined;
  const rows = trees.flatMap((tree) =>
    observation[tree].rows.flatMap((row, i) => (fits(kind, row) ? [{ tree, row, i }] : [])),
  );
  const found = rows[rows.length === 0 ? 0 : draw(rows.length)];
  if (found === undefined) return undefined;
  const { tree, row, i } = found;
  const changed =
    kind === 'remove a file'
      ? withRows(observation, tree, observation[tree].rows.toSpliced(i, 1))
      : withRow(observation, tree, i, { ...row, mode: row.mode === '0640' ? '0600' : '0640' });
  return { kind, channel: `${tree}:${row.path}`, observation: changed };
}

// A link has no mode of its own; a directory may be needed by what lies in it.
function fits(kind: string, { type }: TreeRow): boolean {
  return kind === 'remove a file' ? type === 'file' : type === 'file' || type === 'dir';
}

function withRun(observation: Observation, i: number, run: RunObservation): Observation {
  return { ...observation, runs: observation.runs.toSpliced(i, 1, run) };
}

function withRows(observation: Observation, tree: 'host' | 'container', rows: readonly TreeRow[]): Observation {
  return { ...observation, [tree]: { ...observation[tree], rows } };
}

function withRow(observation: Observation, tree: 'host' | 'container', i: number, row: TreeRow): Observation {
  return withRows(observation, tree, observation[tree].rows.toSpliced(i, 1, row));
}

// Numbers from a hash: the same each time, and another place for each scenario.
function drawer(seed: string): (count: number) => number {
  let n = 0;
  return (count) => (count === 0 ? 0 : Number.parseInt(sha256(`${seed}\0${n++}`).slice(7, 15), 16) % count);
}
