import { basename, join, relative, resolve, sep } from 'node:path';
import { BatonError, type ErrorCode, errnoOf, readFileLimited, toBatonError } from '@baton/kernel';
import { parseYamlForm } from '@baton/manifest';
import type { Scenario } from '../model/scenario.ts';
import { BYTE_TAGS } from './byte-text.ts';
import { readEntry } from './read-fixture.ts';
import { type SuiteDefaults, scenarioOfForm } from './scenario-of-form.ts';
import { type ScenarioForm, type SuiteForm, scenarioSchema, suiteSchema } from './scenario-schema.ts';

/** The file of what all scenarios of a folder have in common. */
export const SUITE_NAME = 'suite.yaml';
/** Bytes that a scenario may have. */
export const SCENARIO_LIMIT = 1024 * 1024;

const SMALLEST = 'A scenario has at least apiVersion, id, why and runs.';

/**
 * Reads one scenario, with what its suite says for all, and the fixtures that it names.
 *
 * Throws `SCENARIO_NOT_FOUND`; `SCENARIO_INVALID`, `TOKEN_INVALID`, `DIVERGENCE_INVALID`, `DIVERGENCE_WILDCARD` with line and column of
 * every problem; `FIXTURE_MISSING`.
 *
 * @param path the file; its end is the scenario's id
 */
export async function loadScenario(path: string): Promise<Scenario> {
  const form = await readScenarioForm(path);
  const root = rootOf(path, form.id);
  checkPlace(path, form.id, root);
  return await completeScenario(path, form, root, await loadDefaults(root));
}

/** The scenario of a file that was read, with the fixtures that it names. */
export async function completeScenario(
  path: string,
  form: ScenarioForm,
  root: string,
  defaults: SuiteDefaults,
): Promise<Scenario> {
  const named = [form.host, form.container, ...form.runs.map(({ before }) => before)].flatMap((list) => list ?? []);
  const read = new Map(
    await Promise.all(named.map(async (entry) => [entry, await readEntry(entry, root, path)] as const)),
  );
  return scenarioOfForm(form, defaults, (entry) => read.get(entry) ?? []);
}

/** Reads a scenario's own words, without its suite and its fixtures. */
export async function readScenarioForm(path: string): Promise<ScenarioForm> {
  return parseScenario(await readText(path), path);
}

/** Checks the bytes of a scenario. */
export function parseScenario(bytes: Uint8Array, where: string): ScenarioForm {
  return parseYamlForm(bytes, where, {
    schema: scenarioSchema,
    code: codeAt,
    tags: BYTE_TAGS,
    nul: true,
    smallest: SMALLEST,
  });
}

/** Checks the bytes of a `suite.yaml`. */
export function parseSuite(bytes: Uint8Array, where: string): SuiteForm {
  const smallest = 'The smallest suite has one line: "apiVersion: parity/v1".';
  return parseYamlForm(bytes, where, { schema: suiteSchema, code: codeAt, tags: BYTE_TAGS, nul: true, smallest });
}

/** What a folder's `suite.yaml` says; nothing when there is none. */
export async function loadDefaults(root: string): Promise<SuiteDefaults> {
  const path = join(root, SUITE_NAME);
  const bytes = await readFileLimited(path, SCENARIO_LIMIT).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw toBatonError(error);
  });
  if (bytes === undefined) return {};
  const { apiVersion: _, ...suite } = parseSuite(bytes, path);
  return suite;
}

/** Refuses a scenario whose id is not where its file is. */
export function checkPlace(path: string, id: string, root: string): void {
  const place = relative(resolve(root), resolve(path)).split(sep).join('/');
  if (place === `${id}.yaml` && id !== 'suite' && !id.startsWith('fixtures/')) return;
  const reserved = place === `${id}.yaml`;
  throw new BatonError(
    'SCENARIO_INVALID',
    reserved
      ? `${path}: expected an id other than suite and fixtures/..., which have a meaning of their own, found ${id}`
      : `${path}: expected the id ${place.replace(/\.yaml$/, '')}, which is where the file is, found ${id}`,
    { hint: reserved ? 'Rename it.' : `Correct the id, or move the file to ${join(root, `${id}.yaml`)}.` },
  );
}

function rootOf(path: string, id: string): string {
  const whole = resolve(path);
  const end = `${sep}${id.split('/').join(sep)}.yaml`;
  if (whole.endsWith(end)) return whole.slice(0, -end.length) || sep;
  throw new BatonError('SCENARIO_INVALID', `${path}: expected a file that ends in ${id}.yaml, as its id says`, {
    hint: `Correct the id, or rename ${basename(path)}.`,
  });
}

async function readText(path: string): Promise<Buffer> {
  try {
    return await readFileLimited(path, SCENARIO_LIMIT);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT' && errnoOf(error) !== 'ENOTDIR') throw toBatonError(error);
    throw new BatonError('SCENARIO_NOT_FOUND', `no scenario at ${path}`, {
      hint: 'baton parity list shows which there are.',
      cause: error,
    });
  }
}

function codeAt(path: readonly PropertyKey[]): ErrorCode {
  if (path[0] === 'tokens') return 'TOKEN_INVALID';
  return path[0] === 'diverge' ? 'DIVERGENCE_INVALID' : 'SCENARIO_INVALID';
}
