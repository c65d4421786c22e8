import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf, writeFileAtomic } from '@baton/kernel';
import { type Fingerprints, firstChange } from './fingerprints.ts';

/**
 * What a finished run leaves behind so that the next one can see that nothing changed: how every input looked before it
 * was read, what came out, and the result. It is a memory and no truth: without it everything is done again.
 */
export interface Stamp<Result> {
  inputs: Fingerprints;
  /** Files that must still be there with this size (links to them may come and go, which changes their times). */
  outputs: Record<string, number>;
  result: Result;
}

const FORMAT = 1;

/** Where the stamp of a run lies: one for each project, command and set of options. */
export function stampPath(cacheDir: string, project: string, options: Record<string, unknown>): string {
  const key = createHash('sha256')
    .update(JSON.stringify([project, options]))
    .digest('hex');
  return join(cacheDir, 'v1', 'stamps', `${key}.json`);
}

/** Writes a stamp. */
export async function writeStamp<Result>(path: string, stamp: Stamp<Result>): Promise<void> {
  await writeFileAtomic(path, JSON.stringify({ format: FORMAT, tool: toolIdentity(), ...stamp }));
}

/** The result of the last run when nothing it read or wrote has changed since; otherwise undefined. Never throws. */
export function validStamp<Result>(path: string): Result | undefined {
  const stamp = readStamp<Result>(path);
  if (stamp === undefined || firstChange(stamp.inputs) !== undefined) return undefined;
  for (const file in stamp.outputs) {
    if (statSync(file, { throwIfNoEntry: false })?.size !== stamp.outputs[file]) return undefined;
  }
  return stamp.result;
}

function readStamp<Result>(path: string): Stamp<Result> | undefined {
  try {
    const stamp = JSON.parse(readFileSync(path, 'utf8')) as Stamp<Result> & { format: number; tool: string };
    return stamp.format === FORMAT && stamp.tool === toolIdentity() ? stamp : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || errnoOf(error) !== undefined) return undefined;
    throw error;
  }
}

/** Node and the program itself: another of either may make other bytes. */
export function toolIdentity(): string {
  const program = process.argv[1] ?? '';
  const stats = statSync(program, { throwIfNoEntry: false });
  return [process.version, process.arch, program, stats?.size, stats?.mtimeMs].join(' ');
}
