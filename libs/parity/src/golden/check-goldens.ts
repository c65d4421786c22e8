import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { BatonError, compareText, type ErrorCode, ensureDir, plural, removeTree, temporaryName } from '@baton/kernel';
import type { LoadedManifest } from '@baton/manifest';
import type { Scenario } from '../model/scenario.ts';
import type { Fault } from '../model/verdict.ts';
import { type ParityParts, parityParts } from '../runner/parity-parts.ts';
import { paritySection } from '../runner/parity-project.ts';
import { faultOf } from '../runner/scenario-verdict.ts';
import { misfit } from './golden-fit.ts';
import { type GoldenStore, openGoldens } from './golden-store.ts';

/** What a look at all goldens found. */
export interface GoldenCheck {
  scenarios: number;
  goldens: number;
  /** How many goldens come from where: `recorded`, `imported`, `accepted-from-new`. */
  origins: Record<string, number>;
  /** Everything that is wrong, by scenario. */
  problems: Fault[];
}

/**
 * Checks that each scenario has a golden and each golden a scenario, that none is damaged, and that it holds what its scenario observes.
 * What is wrong is a result and no error; no scenario at all is `PARITY_EMPTY`.
 */
export async function checkGoldens(
  project: LoadedManifest,
  parts: Pick<ParityParts, 'loadSuite'> = parityParts,
): Promise<GoldenCheck> {
  const section = paritySection(project);
  const suite = await parts.loadSuite(resolve(project.dir, section.scenarios));
  if (suite.length === 0) throw noScenario(section.scenarios);
  return await checkStore(suite, openGoldens(resolve(project.dir, section.goldens)));
}

/** The same for scenarios and a store. */
export async function checkStore(suite: readonly Scenario[], store: GoldenStore): Promise<GoldenCheck> {
  const ids = await store.ids();
  const problems: Fault[] = [];
  const origins: Record<string, number> = {};
  const known = new Map(suite.map((scenario) => [scenario.id, scenario]));
  const spool = temporaryName(join(tmpdir(), 'baton-goldens'));
  await ensureDir(spool);
  try {
    for (const id of [...new Set([...known.keys(), ...ids])].sort(compareText)) {
      const problem = await problemOf(id, known.get(id), store, spool);
      if (problem !== undefined) problems.push(faultOf(problem));
      else {
        const { kind } = await store.origin(id);
        origins[kind] = (origins[kind] ?? 0) + 1;
      }
    }
  } finally {
    await removeTree(spool);
  }
  return { scenarios: suite.length, goldens: ids.length, origins, problems };
}

/** The error with which a check ends that found something. */
export function checkError({ problems }: GoldenCheck): BatonError | undefined {
  const [first] = problems;
  if (first === undefined) return undefined;
  const more = problems.length === 1 ? '' : `; and ${plural(problems.length - 1, 'more problem')}`;
  return new BatonError(first.code as ErrorCode, `${first.message}${more}`, {
    ...(first.hint === undefined ? {} : { hint: first.hint }),
    details: { problems: problems.length },
  });
}

/** Refuses a suite of nothing. */
export function noScenario(directory: string): BatonError {
  return new BatonError('PARITY_EMPTY', `no scenario is in ${directory}`, {
    hint: 'Write one, or point parity.scenarios of agent.yaml at where they are.',
  });
}

async function problemOf(
  id: string,
  scenario: Scenario | undefined,
  store: GoldenStore,
  spool: string,
): Promise<BatonError | undefined> {
  if (scenario === undefined) return obsolete(id);
  try {
    const golden = await store.read(id, spool);
    return misfit(scenario, golden, `the golden of ${id}`);
  } catch (error) {
    if (error instanceof BatonError && error.code.startsWith('GOLDEN_')) return error;
    throw error;
  }
}

/** What is wrong with a golden that no scenario belongs to. */
export function obsolete(id: string): BatonError {
  return new BatonError('GOLDEN_OBSOLETE', `the golden ${id} has no scenario: what it says is not checked any more`, {
    hint: 'Take it away: baton parity prune',
    details: { scenario: id },
  });
}
