import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { effect, ensureDir, removeTree, sweepTemporaries, temporaryName } from '@baton/kernel';

/**
 * Runs `work` with a new directory below `parent` that only this user may enter, and removes it afterwards. What killed
 * processes left half-made in `parent` is removed before.
 */
export async function withWorkDir<T>(parent: string, label: string, work: (dir: string) => Promise<T>): Promise<T> {
  await ensureDir(parent);
  await sweepTemporaries(parent);
  const dir = temporaryName(join(parent, label));
  await effect('mkdir', dir, () => mkdir(dir, { mode: 0o700 }));
  try {
    return await work(dir);
  } finally {
    await removeTree(dir);
  }
}
