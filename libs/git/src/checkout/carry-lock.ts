import { linkSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BatonError, effect, errnoOf, removeFile, writeFileAtomic } from '@baton/kernel';
import { journalDir } from './carry-journal.ts';

/** What is in an `index.lock` of ours; that of git is empty, or an index. */
const MARK = 'held by a checkout of baton: run baton again to finish it\n';

/** Whose `index.lock` is there. */
export function lockState(gitDir: string): 'none' | 'other' | 'carry' {
  try {
    return readFileSync(join(gitDir, 'index.lock'), 'latin1') === MARK ? 'carry' : 'other';
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return 'none';
    throw error;
  }
}

/**
 * Takes git's own lock of the index, so that no git changes it meanwhile; one that a killed carry left is taken over.
 *
 * @throws BatonError `REPOSITORY_BUSY` when another process has it
 */
export async function takeIndexLock(gitDir: string): Promise<void> {
  const lock = join(gitDir, 'index.lock');
  if (lockState(gitDir) === 'carry') return;
  const marked = join(journalDir(gitDir), 'lock');
  await writeFileAtomic(marked, MARK);
  // A link and not a new file: it is there with its content, or not at all.
  const refusal = await effect('link', lock, () => refusalOf(() => linkSync(marked, lock)));
  if (refusal === undefined) return;
  if (errnoOf(refusal) !== 'EEXIST') throw refusal;
  throw new BatonError('REPOSITORY_BUSY', `another git process works on the index: ${lock} exists`, {
    hint: 'Wait for it to end. If no git is running (an editor may have one), remove the file.',
  });
}

/** Gives the lock back, if it is ours. */
export async function releaseIndexLock(gitDir: string): Promise<void> {
  if (lockState(gitDir) === 'carry') await removeFile(join(gitDir, 'index.lock'));
}

function refusalOf(work: () => void): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  }
}
