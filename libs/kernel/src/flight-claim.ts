import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { effect } from './effects.ts';
import { errnoOf } from './errors.ts';
import { ensureDir, removeFile } from './files.ts';
import { markKey, newMark, runMarked } from './flight-mark.ts';

/** What a flight knows about its own claim. */
export interface ClaimFacts {
  /** The claim's own mark. */
  mark: string;
  /** Marks of predecessors that are known to have gone, besides those in the records. */
  suspects: readonly string[];
}

/**
 * Runs work that only one process may do at a time (the caller holds the lock for `key`), so that whatever programs it
 * starts are found and ended by the next one, should this process be killed.
 *
 * Nothing is remembered of single programs: each carries the claim's mark in its environment from the moment it exists,
 * and so does what it starts, also in other process groups. A file in `records`, written before the first program
 * starts and removed when the work has ended in any other way than by a kill, says that the mark is one to look for.
 * So a server that a program leaves running on purpose is safe from the moment the work is over.
 *
 * Only where there is a `/proc`, that is on Linux; elsewhere programs of a killed process run on.
 */
export async function claimPrograms<T>(
  key: string,
  records: string,
  work: () => Promise<T>,
  facts: ClaimFacts = { mark: newMark(key), suspects: [] },
): Promise<T> {
  if (process.platform !== 'linux') return await work();
  const { mark, suspects } = facts;
  const left = [...new Set([...recorded(key, records), ...suspects])];
  if (left.length > 0) await (await import('./flight-orphans.ts')).endOrphans(left, records);
  const record = join(records, mark);
  let written: Promise<void> | undefined;
  const write = async (): Promise<void> => {
    await ensureDir(records);
    await effect('write', record, () => writeFileSync(record, ''));
  };
  const beforeProgram = (): Promise<void> => {
    written ??= write();
    return written;
  };
  try {
    return await runMarked({ mark, beforeProgram }, work);
  } finally {
    if (written !== undefined) await removeFile(record);
  }
}

function recorded(key: string, records: string): string[] {
  try {
    return readdirSync(records).filter((name) => name.startsWith(`${markKey(key)}.`));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}
