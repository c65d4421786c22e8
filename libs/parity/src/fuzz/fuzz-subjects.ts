import { join } from 'node:path';
import { BatonError, ensureDir, removeTree } from '@baton/kernel';
import { compareObservations } from '../compare/compare-observations.ts';
import type { Observation, Subject } from '../model/observation.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Divergence } from '../model/verdict.ts';
import type { Compare } from '../selftest/self-test.ts';
import { type PackageDraw, packageDraw } from './package-draw.ts';
import { packageScenario } from './package-scenario.ts';
import { type Finding, type Found, type SearchResult, searchCases } from './search-cases.ts';

/** Two live subjects, and how they are searched for a difference. */
export interface FuzzSubjectsOptions {
  old: Subject;
  new: Subject;
  compare?: Compare;
  /** Whether both take a frozen clock. */
  clocks: boolean;
  seed: number;
  count: number;
  concurrency: number;
  /** An empty directory for what runs. */
  directory: string;
  known?: ReadonlySet<string>;
  from?: number;
  shrinks?: number;
  signal?: AbortSignal | undefined;
  onCase?: ((tried: number) => void) | undefined;
  onShrink?: ((attempts: number, finding: SubjectFinding) => void) | undefined;
  onUndetermined?: ((error: BatonError) => void) | undefined;
}

/** What differs between two subjects in a scenario. */
export interface SubjectFinding extends Finding {
  divergences: readonly Divergence[];
}

/** What a search of subjects gave. */
export interface SubjectsResult extends SearchResult<PackageDraw, SubjectFinding> {
  /** Scenarios without a verdict, by the code of the reason. */
  undetermined: Readonly<Record<string, number>>;
}

/** These end the search; anything else that keeps a scenario from a verdict is counted. */
const COUNTED = new Set([
  'READER_NOT_IDLE',
  'PARITY_TIMEOUT',
  'PARITY_UNDETERMINED',
  'STRAY_PROCESS',
  'CLOCK_LEAK',
  'PARITY_NOTHING_RAN',
]);

/** The thorough tier: whole scenarios on both subjects, everything that can be observed, many at the same time. */
export async function fuzzSubjects(options: FuzzSubjectsOptions): Promise<SubjectsResult> {
  const { old, new: candidate, compare = compareObservations, clocks, directory, ...search } = options;
  const undetermined: Record<string, number> = {};
  let runs = 0;
  const attempt = async (draw: PackageDraw): Promise<SubjectFinding | undefined> => {
    runs += 1;
    const place = join(directory, String(runs));
    try {
      const scenario = packageScenario(draw, { id: 'generated/case', why: 'Generated.', tags: [] });
      const [before, after] = await bothEnded(
        observeIn(old, scenario, join(place, 'old'), options.signal),
        observeIn(candidate, scenario, join(place, 'new'), options.signal),
      );
      demandVerdict(before, after);
      const { divergences } = await compare(scenario, before, after);
      return divergences.length === 0 ? undefined : subjectFinding(divergences);
    } catch (error) {
      if (options.signal?.aborted === true) return undefined;
      if (!(error instanceof BatonError) || !COUNTED.has(error.code)) throw error;
      undetermined[error.code] = (undetermined[error.code] ?? 0) + 1;
      options.onUndetermined?.(error);
      return undefined;
    } finally {
      await removeTree(place);
    }
  };
  const result = await searchCases({ ...search, arbitrary: packageDraw({ clocks }), twice: true, attempt });
  return { ...result, undetermined };
}

/** The ordinary scenario of what was found: a regression from now on. */
export function foundScenario({ seed, path, value, finding }: Found<PackageDraw, SubjectFinding>): Scenario {
  return packageScenario(value, {
    id: `generated/seed-${seed}`,
    why: `Generated (seed ${seed}${path === '' ? '' : `, path ${path}`}): OLD and NEW differed in ${finding.cause}.`,
    tags: ['generated', `seed-${seed}`, ...(path === '' ? [] : [`path-${path.replaceAll(':', '.')}`])],
  });
}

async function observeIn(
  subject: Subject,
  scenario: Scenario,
  directory: string,
  signal: AbortSignal | undefined,
): Promise<Observation> {
  await ensureDir(directory);
  return await subject.observe(scenario, { directory, ...(signal === undefined ? {} : { signal }) });
}

/** Both results; what failed is thrown when neither runs any more, because their files are taken away then. */
async function bothEnded<T>(one: Promise<T>, other: Promise<T>): Promise<[T, T]> {
  const [a, b] = await Promise.allSettled([one, other]);
  if (a.status === 'rejected') throw a.reason;
  if (b.status === 'rejected') throw b.reason;
  return [a.value, b.value];
}

/** A signal that nobody got, or a pair of timeouts, says nothing about either. */
function demandVerdict(old: Observation, found: Observation): void {
  const [fault] = [...old.runs, ...found.runs].flatMap(({ faults = [] }) => faults);
  if (fault !== undefined) throw new BatonError('PARITY_UNDETERMINED', fault);
  const late = old.runs.some(({ end }, i) => end.kind === 'timeout' && found.runs[i]?.end.kind === 'timeout');
  if (late) throw new BatonError('PARITY_TIMEOUT', 'neither OLD nor NEW ended in time');
}

function subjectFinding(divergences: readonly Divergence[]): SubjectFinding {
  const [first] = divergences;
  if (first === undefined) return { message: '', cause: '', divergences };
  const { channel, kind, message, explain } = first;
  // Counts and offsets change while a case gets smaller; the cause does not.
  const why = explain === undefined ? '' : `: ${explain.replace(/\.$/, '').replace(/\d+/g, 'N')}`;
  return { message, cause: `${classOf(channel)} (${kind}${why})`, divergences };
}

/** A channel without what differs from scenario to scenario. */
function classOf(channel: string): string {
  const name = channel.replace(/^run\d+/, 'run').replace(/-\d{4}-\d\d-\d\d-\d{6}/, '');
  return name.replace(/^((?:host|container):\/[^/]*\/?[^/]*\/?[^/]*).*$/s, '$1');
}
