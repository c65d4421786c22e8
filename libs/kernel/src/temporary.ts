import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { effect } from './effects.ts';
import { errnoOf } from './errors.ts';
import { compareText } from './json.ts';
import { ownerState, ownerTag } from './owner.ts';

/**
 * A name beside `path` that no other process uses: `.<name>.<owner>.<random>.tmp`. A long name is cut, for 255 bytes must
 * do; the owner tells {@link sweepTemporaries} whose it is.
 */
export function temporaryName(path: string): string {
  const name = basename(path).slice(0, 64);
  return join(dirname(path), `.${name}.${ownerTag()}.${randomBytes(6).toString('hex')}.tmp`);
}

/**
 * Removes the files and directories in a directory that {@link temporaryName} named and whose process was killed before
 * it gave them their real name. Those of living processes, and of other machines and containers, are left alone. An
 * absent directory holds none.
 */
export async function sweepTemporaries(directory: string): Promise<void> {
  const names = await readdir(directory).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  });
  for (const name of names.sort(compareText)) {
    const [, owner] = /^\..+\.([0-9]+-[0-9]+-[0-9a-f]+)\.[0-9a-f]{12}\.tmp$/.exec(name) ?? [];
    if (owner === undefined || ownerState(owner) !== 'gone') continue;
    const path = join(directory, name);
    await effect('unlink', path, () => rm(path, { recursive: true, force: true }));
  }
}
