import { dirname, join, resolve } from 'node:path';
import { removeTree, sweepTemporaries, temporaryName } from '@baton/kernel';
import type { LoadedManifest } from '@baton/manifest';
import type { ParityResult } from '../model/verdict.ts';
import type { ParityMergeOptions } from '../options.ts';
import { writeEvidence } from './evidence-directory.ts';
import { collectShards, mergeResults } from './merge-results.ts';
import type { ParityIo } from './parity-io.ts';
import { type ParityParts, parityParts } from './parity-parts.ts';
import { evidenceDirectory, paritySection } from './parity-project.ts';
import { writeParityStatement } from './parity-statement.ts';

/**
 * Joins what the shards of a run left into one result, as if it had been run in one piece: evidence, reports and statement of the
 * project. Throws `SHARD_INCOMPLETE` unless every scenario of the suite is there exactly once; nothing is written then.
 */
export async function mergeParity(
  project: LoadedManifest,
  options: ParityMergeOptions,
  io: ParityIo,
  parts: ParityParts = parityParts,
): Promise<ParityResult> {
  const section = paritySection(project);
  const suite = await parts.loadSuite(resolve(project.dir, section.scenarios));
  const directory = evidenceDirectory(project);
  await sweepTemporaries(dirname(directory));
  const scratch = temporaryName(directory);
  const kept = join(scratch, 'kept');
  try {
    const result = mergeResults(suite, await collectShards(options.from, kept), section.maxSkips);
    await writeEvidence(directory, result, kept);
    await parts.writeReports(result, { directory, project }, io);
    await writeParityStatement(project, suite, result, io.env);
    return result;
  } finally {
    await removeTree(scratch);
  }
}
