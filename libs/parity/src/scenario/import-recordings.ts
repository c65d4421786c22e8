import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  BatonError,
  compareText,
  type Digest,
  errnoOf,
  plural,
  sha256,
  toBatonError,
  writeFileAtomic,
} from '@baton/kernel';
import { commonDefaults } from './common-defaults.ts';
import { type ImportedRecording, importRecording } from './import-recording.ts';
import { loadDefaults, SUITE_NAME } from './load-scenario.ts';
import { writeScenario, writeSuite } from './write-scenario.ts';

/** Where an import goes. */
export interface ImportTarget {
  /** The scenarios' folder. */
  scenarios: string;
  /** Stores what was recorded; without it only scenarios are written. */
  goldens?: ImportedGoldens;
  /** Whether scenarios that are there and differ, and goldens of other origin, are replaced. */
  overwrite: boolean;
}

/** Where goldens go. */
export interface ImportedGoldens {
  /** Throws when one of them is there that comes from elsewhere. */
  refuseOthers(recordings: readonly DigestedRecording[]): Promise<void>;
  /** Writes them all. */
  save(recordings: readonly DigestedRecording[]): Promise<void>;
}

/** A recording, and the digest of its two files. */
export type DigestedRecording = ImportedRecording & { digest: Digest };

/** What an import wrote. */
export interface ImportResult {
  scenarios: readonly { id: string; recording: string; file: string; written: boolean }[];
  /** The file of what they have in common, when it was made. */
  suite?: string;
  goldens: number;
}

/**
 * Turns recordings into scenarios, and what was recorded into goldens. A `suite.yaml` is made of what most of them have in common, unless
 * there is one. Nothing is written before everything was read and found to be allowed.
 *
 * @param directory one recording, or a folder with recordings in it
 *
 * Throws `RECORDING_INVALID`, `SCENARIO_DUPLICATE` (two recordings with one id, or a scenario that is there and says something else), and
 * the errors of writing.
 */
export async function importRecordings(directory: string, target: ImportTarget): Promise<ImportResult> {
  const recordings: DigestedRecording[] = [];
  for (const path of await recordingFolders(directory)) {
    recordings.push({ ...(await importRecording(path)), digest: await digestOf(path) });
  }
  refuseTwins(recordings);
  const suitePath = join(target.scenarios, SUITE_NAME);
  const makesSuite = recordings.length > 1 && !(await exists(suitePath));
  const scenarios = recordings.map(({ scenario }) => scenario);
  const defaults = makesSuite ? commonDefaults(scenarios) : await loadDefaults(target.scenarios);
  const files = recordings.map(({ name, scenario }) => ({
    id: scenario.id,
    recording: name,
    file: join(target.scenarios, `${scenario.id}.yaml`),
    text: writeScenario(scenario, defaults),
  }));
  const there = new Map(await Promise.all(files.map(async ({ file }) => [file, await textOf(file)] as const)));
  const differing = files.filter(({ file, text }) => (there.get(file) ?? text) !== text);
  if (differing.length > 0 && !target.overwrite) {
    const message = `${differing[0]?.file} is there already, and says something else than the recording`;
    const others = differing.length === 1 ? '' : ` ${plural(differing.length, 'file')} of this kind would be replaced.`;
    throw new BatonError('SCENARIO_DUPLICATE', message, { hint: `--overwrite replaces it.${others}` });
  }
  if (!target.overwrite) await target.goldens?.refuseOthers(recordings);
  if (makesSuite) await writeFileAtomic(suitePath, writeSuite(defaults));
  for (const { file, text } of files) if (there.get(file) !== text) await writeFileAtomic(file, text);
  await target.goldens?.save(recordings);
  return {
    scenarios: files.map(({ text, ...rest }) => ({ ...rest, written: there.get(rest.file) !== text })),
    ...(makesSuite ? { suite: suitePath } : {}),
    goldens: target.goldens === undefined ? 0 : recordings.length,
  };
}

/** An import in words. */
export function reportImport({ scenarios, suite, goldens }: ImportResult): string {
  const written = scenarios.filter((one) => one.written).length;
  const same = scenarios.length - written;
  return [
    `${plural(scenarios.length, 'recording')}: ${plural(written, 'scenario')} written, ${same} as they were`,
    ...(suite === undefined ? [] : [`what they have in common is in ${suite}`]),
    ...(goldens === 0 ? [] : [`${plural(goldens, 'golden')} written, marked as imported`]),
  ].join('\n');
}

async function recordingFolders(directory: string): Promise<string[]> {
  if (await exists(join(directory, 'scenario.json'))) return [directory];
  const entries = await readdir(directory, { withFileTypes: true }).catch((error: unknown) => {
    if (errnoOf(error) !== 'ENOENT' && errnoOf(error) !== 'ENOTDIR') throw toBatonError(error);
    throw invalid(`no folder of recordings at ${directory}`);
  });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(directory, name));
  const found: string[] = [];
  for (const folder of folders.sort(compareText)) {
    if (await exists(join(folder, 'scenario.json'))) found.push(folder);
  }
  if (found.length === 0) throw invalid(`no recording in ${directory}`);
  return found;
}

function invalid(message: string): BatonError {
  return new BatonError('RECORDING_INVALID', message, {
    hint: 'A recording is a folder with scenario.json and expected.json; name one, or the folder that holds them.',
  });
}

function refuseTwins(recordings: readonly ImportedRecording[]): void {
  for (const [id, [first, second]] of Map.groupBy(recordings, ({ scenario }) => scenario.id)) {
    if (first === undefined || second === undefined) continue;
    throw new BatonError('SCENARIO_DUPLICATE', `the recordings ${first.name} and ${second.name} both become ${id}`, {
      hint: 'The id is the first tag and the name: rename one of them, in its folder, scenario.json and expected.json.',
    });
  }
}

async function digestOf(directory: string): Promise<Digest> {
  const parts = await Promise.all(['scenario.json', 'expected.json'].map((name) => readFile(join(directory, name))));
  return sha256(Buffer.concat(parts));
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

async function textOf(path: string): Promise<string | undefined> {
  return await readFile(path, 'utf8').catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw toBatonError(error);
  });
}
