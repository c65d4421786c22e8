import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { compareText, effect, ensureDir, errnoOf, ownerState, removeTree, temporaryName } from '@baton/kernel';

/**
 * Runs `work` with a new directory below `parent` that only this user may enter, and removes it afterwards. What killed
 * processes left half-made in `parent` is removed before.
 */
export async function withWorkDir<T>(parent: string, label: string, work: (dir: string) => Promise<T>): Promise<T> {
  await ensureDir(parent);
  await sweepLeftovers(parent);
  const dir = temporaryName(join(parent, label));
  await effect('mkdir', dir, () => mkdir(dir, { mode: 0o700 }));
  try {
    return await work(dir);
  } finally {
    await removeTree(dir);
  }
}

/** Removes what killed processes left half-made in a directory, files and directories alike; an absent one holds nothing. */
export async function sweepLeftovers(parent: string): Promise<void> {
  const names = await readdir(parent).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  });
  for (const name of names.sort(compareText)) {
    const [, owner] = /^\..+\.([0-9]+-[0-9]+-[0-9a-f]+)\.[0-9a-f]{12}\.tmp$/.exec(name) ?? [];
    if (owner !== undefined && ownerState(owner) === 'gone') await removeTree(join(parent, name));
  }
}
