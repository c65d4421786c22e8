import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { plural } from '@baton/kernel';
import { loadManifest, MANIFEST_NAME } from '@baton/manifest';
import { table } from '@baton/report';
import type { Scenario } from '../model/scenario.ts';
import type { ParityListOptions } from '../options.ts';
import { paritySection } from '../runner/parity-project.ts';
import { selectScenarios } from '../runner/select-scenarios.ts';
import { loadSuite } from './load-suite.ts';

/** One scenario in a few words. */
export interface ListedScenario {
  id: string;
  tags: readonly string[];
  /** How many invocations it has. */
  runs: number;
  why: string;
}

/**
 * Reads the scenarios of a project, or of a folder without a manifest, and tells of those that were asked for. Throws the errors of
 * {@link loadSuite}, and `SCENARIO_NOT_FOUND` for words that fit none.
 */
export async function listParity({ path, only, tag }: ParityListOptions): Promise<ListedScenario[]> {
  const suite = await loadSuite(await folderOf(path));
  return listScenarios(selectScenarios(suite, { only, tag }).scenarios);
}

async function folderOf(path: string): Promise<string> {
  const isFolder = (await stat(path).catch(() => undefined))?.isDirectory() === true;
  const hasManifest = (await stat(join(path, MANIFEST_NAME)).catch(() => undefined)) !== undefined;
  if (isFolder && !hasManifest && path !== '.') return path;
  const project = await loadManifest(path);
  return resolve(project.dir, paritySection(project).scenarios);
}

/** What `parity list` tells of scenarios. */
export function listScenarios(scenarios: readonly Scenario[]): ListedScenario[] {
  return scenarios.map(({ id, tags, runs, why }) => ({ id, tags, runs: runs.length, why }));
}

/** The same as a table, with a line of totals. */
export function reportScenarios(listed: readonly ListedScenario[]): string {
  const rows = listed.map(({ id, tags, runs, why }) => [id, tags.join(', '), String(runs), why]);
  const total = listed.reduce((sum, { runs }) => sum + runs, 0);
  return [
    table(rows, { header: ['id', 'tags', 'runs', 'why'], align: ['left', 'left', 'right', 'left'] }),
    '',
    `${plural(listed.length, 'scenario')}, ${plural(total, 'run')}`,
  ].join('\n');
}
