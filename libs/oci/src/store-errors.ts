import { readdir, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BatonError, type Digest, digestHex, effect, ensureDir, errnoOf, syncDir } from '@baton/kernel';

/**
 * Moves a blob that was found damaged out of the way, to `<root>/quarantine/<hex>.<n>`, and gives back the error to throw.
 *
 * @param inode the file that was read: another that took its place meanwhile is left alone
 */
export async function quarantine(root: string, path: string, digest: Digest, inode: number): Promise<BatonError> {
  const folder = join(root, 'quarantine');
  let moved = '';
  if ((await stat(path).catch(absent))?.ino === inode) {
    await ensureDir(folder);
    const names = new Set(await readdir(folder));
    let n = 0;
    while (names.has(`${digestHex(digest)}.${n}`)) n += 1;
    const target = join(folder, `${digestHex(digest)}.${n}`);
    await effect('rename', target, () => rename(path, target)).catch(absent);
    await syncDir(dirname(path));
    moved = ` and was moved to ${target}`;
  }
  return new BatonError('STORE_CORRUPT', `the blob ${digest} in ${root} no longer has its digest${moved}`, {
    hint: 'Run the same command again: it makes or fetches the blob anew. If it happens again, check the disk.',
    details: { digest, root },
    retryable: true,
  });
}

/** What is thrown for a damaged blob that is not ours to move. */
export function damaged(digest: Digest, root: string): BatonError {
  return new BatonError('STORE_CORRUPT', `the blob ${digest} in ${root} no longer has its digest`, {
    hint: 'The layout is damaged: make it again, or copy it again from where it came.',
    details: { digest, root },
  });
}

/** Whether a system error says that the disk or the quota is full. */
export function isFull(error: unknown): boolean {
  return errnoOf(error) === 'ENOSPC' || errnoOf(error) === 'EDQUOT';
}

/** What is thrown when a blob does not fit. */
export function diskFull(cause: unknown, root: string): BatonError {
  return new BatonError('DISK_FULL', `no space left for a blob in ${root}; what was half-written is removed`, {
    hint: 'Free some space (or set BATON_CACHE_DIR to a larger disk) and run it again.',
    cause,
    retryable: true,
  });
}

/** What is thrown when a blob that was asked for is not there. */
export function missing(digest: Digest, root: string): BatonError {
  return new BatonError('BLOB_MISSING', `expected the blob ${digest} in ${root}, found nothing`, {
    hint: 'Build or export the image again; a sparse layout holds only its own blobs, not those of its base.',
    details: { digest, root },
  });
}

/** For `catch`: nothing at that path is `undefined`, anything else is still an error. */
export function absent(error: unknown): undefined {
  if (errnoOf(error) !== 'ENOENT') throw error;
  return undefined;
}
