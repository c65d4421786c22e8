import { readdir } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { BatonError, compareText, errnoOf, plural, toBatonError } from '@baton/kernel';
import type { Scenario } from '../model/scenario.ts';
import { checkPlace, completeScenario, loadDefaults, readScenarioForm, SUITE_NAME } from './load-scenario.ts';
import type { ScenarioForm } from './scenario-schema.ts';

/**
 * Reads every scenario of a folder, sorted by id: all files `**.yaml` but `suite.yaml` and what is below `fixtures/`.
 *
 * Throws what {@link loadScenario} throws (for the first file; the hint counts the others), `SCENARIO_DUPLICATE` for an id that two files
 * have, `SCENARIO_NOT_FOUND` when there is no such folder, and `PARITY_EMPTY` when no scenario is in it.
 */
export async function loadSuite(directory: string): Promise<Scenario[]> {
  const files = await scenarioFiles(directory);
  if (files.length === 0) {
    throw new BatonError('PARITY_EMPTY', `no scenario in ${directory}`, {
      hint: 'Write one as NAME.yaml there, or take over recordings with: baton parity import',
    });
  }
  const defaults = await loadDefaults(directory);
  const read = await eachOf(files, async (path) => ({ path, form: await readScenarioForm(path) }));
  refuseDuplicates(read);
  const scenarios = await eachOf(read, async ({ path, form }) => {
    checkPlace(path, form.id, directory);
    return await completeScenario(path, form, directory, defaults);
  });
  return scenarios.sort((a, b) => compareText(a.id, b.id));
}

/** The files of the scenarios in a folder, sorted. */
export async function scenarioFiles(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (errnoOf(error) !== 'ENOENT' && errnoOf(error) !== 'ENOTDIR') throw toBatonError(error);
    throw new BatonError('SCENARIO_NOT_FOUND', `no folder of scenarios at ${directory}`, {
      hint: 'Name it in agent.yaml as parity.scenarios; the default is parity/scenarios.',
      cause: error,
    });
  });
  const paths = entries.filter((entry) => !entry.isDirectory()).map(({ parentPath, name }) => join(parentPath, name));
  const candidates = paths.filter((path) => {
    const place = relative(directory, path).split(sep);
    return place[0] !== 'fixtures' && !place.some((part) => part.startsWith('.'));
  });
  const misnamed = candidates.filter((path) => extname(path) === '.yml').sort(compareText);
  if (misnamed.length > 0) {
    throw new BatonError('SCENARIO_INVALID', `${misnamed[0]}: expected a name that ends in .yaml, found .yml`, {
      hint: 'Rename it: as it is, it would never run.',
    });
  }
  return candidates
    .filter((path) => extname(path) === '.yaml' && relative(directory, path) !== SUITE_NAME)
    .sort(compareText);
}

// All are tried, so that one message tells how many are wrong.
async function eachOf<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results = await Promise.allSettled(items.map(work));
  const errors = results.flatMap((result) => (result.status === 'rejected' ? [toBatonError(result.reason)] : []));
  const [first, ...others] = errors;
  if (first === undefined) return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  if (others.length === 0) throw first;
  const list = others.slice(0, 9).map(({ message }) => `  ${message}`);
  const more = others.length > 9 ? [`  and ${others.length - 9} more`] : [];
  const hint = [first.hint ?? '', `${plural(others.length, 'more file')} with problems:`, ...list, ...more];
  throw new BatonError(first.code, first.message, {
    hint: hint.filter((line) => line !== '').join('\n'),
    cause: first,
    details: first.details,
  });
}

function refuseDuplicates(read: readonly { path: string; form: ScenarioForm }[]): void {
  const byId = Map.groupBy(read, ({ form }) => form.id);
  for (const [id, [first, second]] of byId) {
    if (first === undefined || second === undefined) continue;
    throw new BatonError('SCENARIO_DUPLICATE', `two scenarios have the id ${id}: ${first.path} and ${second.path}`, {
      hint: 'The id is the path of the file below the folder, without .yaml: correct the one that was copied.',
    });
  }
}
