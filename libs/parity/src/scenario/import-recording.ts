import { constants } from 'node:os';
import { basename, join } from 'node:path';
import { BatonError, errnoOf, readFileLimited, toBatonError } from '@baton/kernel';
import type * as z from 'zod';
import type { Content, Observation, RunObservation, TreeChange, TreeRow } from '../model/observation.ts';
import type { Scenario } from '../model/scenario.ts';
import { crashReportsOf } from './crash-token.ts';
import { scenarioOfRecording } from './recorded-scenario.ts';
import {
  type Expected,
  expectedSchema,
  type RecordedRow,
  type RecordedText,
  recordedScenarioSchema,
} from './recording-schema.ts';

const RECORDING_LIMIT = 64 * 1024 * 1024;

/** A recording in our terms. */
export interface ImportedRecording {
  /** What the recording calls itself. */
  name: string;
  scenario: Scenario;
  observation: Observation;
}

/**
 * Reads a recording: a folder with `scenario.json`, what the program was given, and `expected.json`, what it did.
 *
 * Texts stay as they were recorded, but for crash reports that the recording cut down to one line: they become a heading and the line of
 * the error. Texts above 64 KiB, which a recording does not keep, are `elided`. Throws `RECORDING_INVALID`.
 */
export async function importRecording(directory: string): Promise<ImportedRecording> {
  const given = await readPart(join(directory, 'scenario.json'), recordedScenarioSchema);
  const expected = await readPart(join(directory, 'expected.json'), expectedSchema);
  const names = [basename(directory), given.name, expected.name];
  if (new Set(names).size > 1) {
    throw invalid(directory, `expected one name in folder, scenario.json and expected.json, found ${names.join(', ')}`);
  }
  if (given.runs.length !== expected.runs.length) {
    const found = `found ${given.runs.length} and ${expected.runs.length}`;
    throw invalid(directory, `expected as many runs in expected.json as in scenario.json, ${found}`);
  }
  const scenario = scenarioOfRecording(given);
  return { name: given.name, scenario, observation: observationOf(scenario, expected, directory) };
}

function observationOf(scenario: Scenario, expected: Expected, directory: string): Observation {
  return {
    scenario: scenario.id,
    tier: scenario.clock.kind === 'frozen' ? 'T1' : 'T2',
    runs: expected.runs.map((run) => runOf(run, directory)),
    host: treeOf(expected.files, expected.deleted, expected.root_mode),
    container: treeOf(expected.container_files, expected.container_deleted, undefined),
    leftovers: [],
  };
}

function runOf({ exit_code, stdout, stderr, merged }: Expected['runs'][number], directory: string): RunObservation {
  return {
    end:
      exit_code < 0 ? { kind: 'signal', signal: signalOf(-exit_code, directory) } : { kind: 'exit', code: exit_code },
    ...(stdout === undefined ? {} : { stdout: contentOf(stdout) }),
    ...(stderr === undefined ? {} : { stderr: contentOf(stderr) }),
    ...(merged === undefined ? {} : { merged: contentOf(merged) }),
    // Not recorded.
    milliseconds: 0,
  };
}

function signalOf(number: number, directory: string): string {
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  if (found === undefined) throw invalid(directory, `expected an exit code or a negative signal, found -${number}`);
  return found[0].slice('SIG'.length);
}

function treeOf(rows: readonly RecordedRow[], deleted: readonly string[], rootMode: string | undefined): TreeChange {
  return { rows: rows.map(rowOf), deleted, ...(rootMode === undefined ? {} : { rootMode }) };
}

function rowOf(row: RecordedRow): TreeRow {
  const { path, type, mode, target, change } = row;
  const text = 'raw' in row || 'norm_sha256' in row ? row : undefined;
  return {
    path,
    type,
    mode,
    ...(text === undefined ? {} : { contents: contentOf(text) }),
    ...(target === undefined ? {} : { target }),
    ...(change === undefined ? {} : { change }),
  };
}

function contentOf(text: RecordedText): Content {
  if (!('raw' in text)) {
    const { size, raw_head, norm_size, norm_sha256, norm_head, norm_tail } = text;
    const normalised = { size: norm_size, sha256: norm_sha256, head: norm_head, tail: norm_tail };
    return { kind: 'elided', size, head: raw_head, normalised };
  }
  if (!text.raw_traceback_elided) return { kind: 'bytes', bytes: text.raw };
  return { kind: 'bytes', bytes: Buffer.from(crashReportsOf(text.raw.toString('latin1')), 'latin1') };
}

async function readPart<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>> {
  const bytes = await readFileLimited(path, RECORDING_LIMIT).catch((error: unknown) => {
    if (errnoOf(error) !== 'ENOENT' && errnoOf(error) !== 'ENOTDIR') throw toBatonError(error);
    throw invalid(path, 'expected a file of a recording, found nothing');
  });
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw invalid(path, `expected JSON in UTF-8, found something else: ${error instanceof Error ? error.message : ''}`);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw invalid(path, `${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? 'not as expected'}`);
}

function invalid(path: string, message: string): BatonError {
  return new BatonError('RECORDING_INVALID', `${path}: ${message}`, {
    hint: 'A recording is a folder with scenario.json and expected.json; nothing in them may be unknown, because it would be lost.',
  });
}
