import { readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import {
  BatonError,
  digestHex,
  effect,
  ensureDir,
  errnoOf,
  prettyJson,
  removeTree,
  sha256,
  writeFileAtomic,
} from '@baton/kernel';
import type { Observation } from '../model/observation.ts';
import type { ParityResult } from '../model/verdict.ts';
import { fromPlain, toPlain } from './buffer-json.ts';
import { readObservation } from './observation-files.ts';

const RESULT = 'result.json';
const KEPT = /^kept-[0-9a-f]{12}$/;

/** What a run left. */
export interface Evidence {
  directory: string;
  result: ParityResult;
  /** Where the observations of a scenario are kept: `<kept>/<id>/old` and `new`. */
  kept: string;
}

/**
 * Puts a result and the observations that belong to it in place of what a former run left.
 *
 * `result.json` names the folder of its observations and is replaced at last and at once, so at every moment it is a whole result with
 * its own observations; folders of former runs go afterwards.
 *
 * @param collected a folder beside `directory` with `<id>/old` and `<id>/new`, which is moved; it may be absent
 */
export async function writeEvidence(directory: string, result: ParityResult, collected: string): Promise<void> {
  await ensureDir(directory);
  const kept = `kept-${digestHex(sha256(prettyJson(toPlain(result)))).slice(0, 12)}`;
  const place = join(directory, kept);
  await removeTree(place);
  await ensureDir(collected);
  await effect('rename', place, () => rename(collected, place));
  await writeFileAtomic(join(directory, RESULT), prettyJson(toPlain({ ...result, kept })));
  for (const name of await readdir(directory)) {
    if (name !== kept && KEPT.test(name)) await removeTree(join(directory, name));
  }
}

/** Reads what a run left. Throws `EVIDENCE_MISSING`, `EVIDENCE_INVALID`. */
export async function readEvidence(directory: string): Promise<Evidence> {
  const path = join(directory, RESULT);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (errnoOf(error) !== 'ENOENT' && errnoOf(error) !== 'ENOTDIR') throw error;
    throw new BatonError('EVIDENCE_MISSING', `there is no result of a parity run at ${path}`, {
      hint: 'Make one: baton parity run',
    });
  });
  const { kept, ...result } = parse(text, path);
  return { directory, result, kept: join(directory, kept) };
}

/** One side of a scenario that was kept: those that are neither equal nor declared. Throws `EVIDENCE_MISSING`. */
export async function keptObservation(evidence: Evidence, id: string, side: 'old' | 'new'): Promise<Observation> {
  return await readObservation(join(evidence.kept, id, side));
}

function parse(text: string, path: string): ParityResult & { kept: string } {
  let value: unknown;
  try {
    value = fromPlain(JSON.parse(text));
  } catch (error) {
    throw new BatonError('EVIDENCE_INVALID', `${path} is not JSON`, {
      hint: 'Run "baton parity run" again.',
      cause: error,
    });
  }
  const found = value as Partial<ParityResult & { kept: string }> | null;
  if (found?.version !== 1 || !Array.isArray(found.scenarios) || !KEPT.test(found.kept ?? '')) {
    throw new BatonError('EVIDENCE_INVALID', `${path} is not a result of this version of Baton`, {
      hint: 'Run "baton parity run" again.',
    });
  }
  return value as ParityResult & { kept: string };
}
