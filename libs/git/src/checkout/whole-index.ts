import { copyFileSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { effect, temporaryName } from '@baton/kernel';
import { askGit } from '../run-git.ts';
import type { CheckoutDirs } from './inspect-checkout.ts';

/**
 * The index as one file with every entry, made by git from one that is split, sparse, or has another extension that a reader must
 * understand. The index itself stays as it is.
 */
export async function wholeIndex(dirs: CheckoutDirs): Promise<Buffer> {
  // Beside the index, because the part that a split index shares is looked for there.
  const copy = temporaryName(join(dirs.gitDir, 'index'));
  try {
    await effect('write', copy, () => copyFileSync(join(dirs.gitDir, 'index'), copy));
    const whole = ['-c', 'index.sparse=false', '-c', 'core.splitIndex=false', '-c', 'core.untrackedCache=false'];
    await askGit(dirs.root, [...whole, 'update-index', '--no-split-index', '--force-write-index'], {
      env: { GIT_INDEX_FILE: copy },
    });
    return readFileSync(copy);
  } finally {
    rmSync(copy, { force: true });
    rmSync(`${copy}.lock`, { force: true });
  }
}
