import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BatonError, errnoOf, writeFileAtomic } from '@baton/kernel';
import type { ObjectId } from '../objects.ts';
import type { CarryResult } from './carry.ts';
import type { Move } from './expand-moves.ts';

/** What a carry is doing, for the run that finishes it after a kill. */
export interface Journal {
  version: 1;
  from: ObjectId;
  to: ObjectId;
  branch: string | null;
  /** The directory in the root of the work tree in which files wait. */
  staging: string;
  /**
   * `preparing` and `staged`: nothing has changed, though the branch may have moved once it is `staged`. From `moving` on (what
   * leaves its place) and `placing` (what comes to one) it only goes forward. `done`: only what the carry itself made is removed.
   */
  phase: 'preparing' | 'staged' | 'moving' | 'placing' | 'done';
  moves: readonly Move[];
  /** What the run that finishes it answers. */
  result: CarryResult;
}

/** Where a carry keeps its journal and copies, in the directory of git. */
export function journalDir(gitDir: string): string {
  return join(gitDir, 'baton-carry');
}

/** The index as it was before a carry. */
export function oldIndexPath(gitDir: string): string {
  return join(journalDir(gitDir), 'old-index');
}

/** The journal of a carry that is under way or was killed; undefined when there is none. */
export function readJournal(gitDir: string): Journal | undefined {
  const path = join(journalDir(gitDir), 'journal.json');
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Journal;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw new BatonError('GIT_FAILED', `the journal of an interrupted checkout cannot be read: ${path}`, {
      hint: 'Run it again with the version of Baton that was interrupted; what it moved is in .baton-carry-* at the root.',
      cause: error,
    });
  }
}

/** Records how far a carry is. */
export async function writeJournal(gitDir: string, journal: Journal): Promise<void> {
  await writeFileAtomic(join(journalDir(gitDir), 'journal.json'), JSON.stringify(journal));
}
