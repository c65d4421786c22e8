import { dirname, join, resolve } from 'node:path';
import {
  BatonError,
  compareText,
  type ErrorCode,
  ensureDir,
  plural,
  removeTree,
  sweepTemporaries,
  temporaryName,
} from '@baton/kernel';
import type { LoadedManifest, ParitySection } from '@baton/manifest';
import type { Identity, Observation, Subject } from '../model/observation.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Fault } from '../model/verdict.ts';
import type { ParityRecordOptions } from '../options.ts';
import { costsFrom } from '../runner/costs.ts';
import type { ParityIo } from '../runner/parity-io.ts';
import { type ParityParts, parityParts } from '../runner/parity-parts.ts';
import { evidenceDirectory, paritySection } from '../runner/parity-project.ts';
import { faultOf } from '../runner/scenario-verdict.ts';
import { runAll } from '../runner/schedule.ts';
import { selectScenarios } from '../runner/select-scenarios.ts';
import { subjectSpec } from '../runner/subject-specs.ts';
import type { Compare } from '../selftest/self-test.ts';
import type { SubjectSpec } from '../subject/subject-spec.ts';
import { noScenario } from './check-goldens.ts';
import { misfit } from './golden-fit.ts';
import { type GoldenOrigin, keptIdentity } from './golden-manifest.ts';
import { type GoldenStore, openGoldens } from './golden-store.ts';
import { refuseInCi } from './read-only.ts';

/** What recording did with one scenario. */
export interface RecordedScenario {
  scenario: string;
  /** `refused`: OLD gave nothing that can be a golden; what was there before stays. */
  state: 'new' | 'changed' | 'unchanged' | 'refused';
  /** Where the new golden differs from the former one first. */
  detail?: string;
  /** Why it was refused. */
  problem?: Fault;
  /** Every run ended as a shell ends that does not find a program (126, 127). */
  notFound?: boolean;
}

/** What recording did. */
export interface GoldenRecord {
  old: Identity;
  /** By id. */
  scenarios: RecordedScenario[];
}

/** What recording needs of its surroundings. */
export interface RecordSettings {
  compare: Compare;
  concurrency: number;
  /** For what is observed; made and removed. */
  scratch: string;
  /** The directory of the project, absolute: paths in it are kept without it. */
  project: string;
  io: Pick<ParityIo, 'emit' | 'signal'>;
}

/**
 * Runs OLD twice on each scenario and keeps what it did, where that is new or changed. Errors: `GOLDEN_READ_ONLY` in CI, `PARITY_EMPTY`,
 * `USAGE` when `agent.yaml` names no OLD that can be run, and those of subjects; what concerns one scenario is in the result.
 */
export async function recordGoldens(
  project: LoadedManifest,
  options: ParityRecordOptions,
  io: ParityIo,
  parts: ParityParts = parityParts,
): Promise<GoldenRecord> {
  refuseInCi(io.env, 'record');
  const section = paritySection(project);
  const spec = liveOld(project, section);
  const suite = await parts.loadSuite(resolve(project.dir, section.scenarios));
  if (suite.length === 0) throw noScenario(section.scenarios);
  const { scenarios } = selectScenarios(suite, options);
  const scratch = temporaryName(evidenceDirectory(project));
  await sweepTemporaries(dirname(scratch));
  const old = await parts.openSubject(spec, io);
  try {
    const concurrency = options.concurrency ?? section.concurrency ?? 4;
    const settings = { compare: parts.compare, concurrency, scratch, project: project.dir, io };
    return await recordInto(openGoldens(resolve(project.dir, section.goldens)), scenarios, old, settings);
  } finally {
    await old.close();
  }
}

/** The same for scenarios, a subject and a store. */
export async function recordInto(
  store: GoldenStore,
  scenarios: readonly Scenario[],
  old: Subject,
  { compare, concurrency, scratch, project, io }: RecordSettings,
): Promise<GoldenRecord> {
  const identity = keptIdentity(await old.identity(), project);
  const done: RecordedScenario[] = [];
  const record = async (scenario: Scenario): Promise<void> => {
    if (io.signal.aborted) throw interrupted();
    const directory = join(scratch, scenario.id);
    try {
      const outcome = await recordOne(store, scenario, old, identity, { compare, directory, signal: io.signal });
      done.push(outcome);
      if (outcome.state !== 'unchanged') {
        const detail = outcome.problem?.message ?? outcome.detail;
        io.emit({
          type: 'scenario',
          label: `${outcome.state}: ${scenario.id}`,
          ...(detail !== undefined && { detail }),
        });
      }
      io.emit({
        type: 'record.progress',
        label: 'scenarios',
        done: done.length,
        total: scenarios.length,
        unit: 'items',
      });
    } finally {
      await removeTree(directory);
    }
  };
  io.emit({ type: 'record.start', label: 'scenarios', total: scenarios.length, unit: 'items' });
  const work = async () => await runAll(scenarios, { costs: costsFrom(new Map()), concurrency }, record);
  try {
    await store.writing(work, { signal: io.signal });
  } finally {
    await removeTree(scratch);
  }
  io.emit({ type: 'record.end', label: plural(done.length, 'scenario'), detail: 'done' });
  return { old: identity, scenarios: done.sort((one, other) => compareText(one.scenario, other.scenario)) };
}

/** The error with which recording ends that refused something. */
export function recordError({ scenarios }: GoldenRecord): BatonError | undefined {
  const problems = scenarios.flatMap(({ problem }) => (problem === undefined ? [] : [problem]));
  const [first] = problems;
  if (first === undefined)
    return scenarios.every(({ notFound }) => notFound === true) ? nothingFound(scenarios) : undefined;
  const more =
    problems.length === 1 ? '' : `; and ${plural(problems.length - 1, 'more scenario')} of ${scenarios.length}`;
  return new BatonError(
    first.code as ErrorCode,
    `${first.message}${more}`,
    first.hint === undefined ? {} : { hint: first.hint },
  );
}

// A shim that looks for the real program where it is not ends like this, each time alike.
function nothingFound(scenarios: readonly RecordedScenario[]): BatonError | undefined {
  if (scenarios.length === 0) return undefined;
  return new BatonError(
    'SUBJECT_FAILED',
    `OLD ended with exit code 126 or 127 in every scenario (${scenarios.length}): it looks as if its program was not found`,
    { hint: 'Look at a golden. Name the real program or interpreter, not a shim, and mount what it needs.' },
  );
}

function endedNotFound({ runs }: Observation): boolean {
  return runs.every(({ end }) => end.kind === 'exit' && (end.code === 126 || end.code === 127));
}

/** What says something about one scenario only: the others are recorded all the same. */
const OF_ONE: readonly ErrorCode[] = [
  'SUBJECT_FAILED',
  'PARITY_NOTHING_RAN',
  'PARITY_TIMEOUT',
  'STRAY_PROCESS',
  'CLOCK_LEAK',
  'READER_NOT_IDLE',
  'FEEDER_UNAVAILABLE',
  'SCENARIO_INVALID',
];

interface OneSettings {
  compare: Compare;
  directory: string;
  signal: AbortSignal;
}

async function recordOne(
  store: GoldenStore,
  scenario: Scenario,
  old: Subject,
  identity: GoldenOrigin['identity'],
  { compare, directory, signal }: OneSettings,
): Promise<RecordedScenario> {
  const { id } = scenario;
  const observe = async (name: string): Promise<Observation> => {
    const place = join(directory, name);
    await ensureDir(place);
    return await old.observe(scenario, { directory: place, signal });
  };
  try {
    const first = await observe('first');
    const second = await observe('second');
    const problem =
      unfit(scenario, first) ?? unfit(scenario, second) ?? (await noise(scenario, first, second, compare));
    if (problem !== undefined) return { scenario: id, state: 'refused', problem: faultOf(problem) };
    const former = await formerGolden(store, id, join(directory, 'former'));
    const change = former && (await difference(scenario, former, first, compare));
    const missed = endedNotFound(first) ? { notFound: true } : {};
    if (former !== undefined && change === undefined) return { scenario: id, state: 'unchanged', ...missed };
    await store.write(scenario, first, { kind: 'recorded', identity });
    return {
      scenario: id,
      state: former === undefined ? 'new' : 'changed',
      ...(change !== undefined && { detail: change }),
      ...missed,
    };
  } catch (error) {
    if (!(error instanceof BatonError) || !OF_ONE.includes(error.code)) throw error;
    return { scenario: id, state: 'refused', problem: faultOf(error) };
  }
}

function unfit(scenario: Scenario, observation: Observation): BatonError | undefined {
  return misfit(scenario, observation, `what OLD did in ${scenario.id}`);
}

async function noise(
  scenario: Scenario,
  first: Observation,
  second: Observation,
  compare: Compare,
): Promise<BatonError | undefined> {
  const { divergences, refusals } = await compare(scenario, first, second);
  const [found] = divergences;
  if (found === undefined) return refusals[0];
  const more = divergences.length === 1 ? '' : ` (and ${divergences.length - 1} more)`;
  const message = `OLD did not do the same twice in ${scenario.id}: ${found.message}${more}`;
  return new BatonError('GOLDEN_NOISY', message, {
    hint: 'Take the chance out of the scenario (feeder, pauses, frozen clock, timing: alone), or declare the token that changes.',
    details: { scenario: scenario.id, channel: found.channel, kind: found.kind },
  });
}

interface Former {
  observation: Observation;
  origin: GoldenOrigin;
}

// One that cannot be read is replaced, and so is one that is not there.
async function formerGolden(store: GoldenStore, id: string, spool: string): Promise<Former | undefined> {
  await ensureDir(spool);
  try {
    return { observation: await store.read(id, spool), origin: await store.origin(id) };
  } catch (error) {
    if (error instanceof BatonError && error.code.startsWith('GOLDEN_')) return undefined;
    throw error;
  }
}

// A golden that says the same stays as it is, whatever its stamps: it is as true as a new one would be.
async function difference(
  scenario: Scenario,
  { observation, origin }: Former,
  found: Observation,
  compare: Compare,
): Promise<string | undefined> {
  if (observation.tier !== found.tier) return `it was made in tier ${observation.tier}`;
  const fault = misfit(scenario, observation, 'the former golden');
  if (fault !== undefined) return fault.message;
  const [divergence] = (await compare(scenario, observation, found)).divergences;
  if (divergence !== undefined) return divergence.message;
  return origin.kind === 'recorded' ? undefined : `the former one was ${origin.kind}`;
}

function liveOld(project: LoadedManifest, section: ParitySection): SubjectSpec {
  const spec = subjectSpec(
    project,
    section.record === undefined ? section : { ...section, old: section.record },
    'old',
  );
  if (spec.kind !== 'golden') return spec;
  throw new BatonError('USAGE', `${project.path} names no OLD that can be run: parity.old is the goldens themselves`, {
    hint: 'Say what OLD is, such as: parity: { record: { command: [python3, old/agent.py] } }',
  });
}

function interrupted(): BatonError {
  return new BatonError('INTERRUPTED', 'recording was interrupted', {
    hint: 'Run the same command again: each golden is the old one or the new one.',
  });
}
