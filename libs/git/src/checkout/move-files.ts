import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, unlinkSync } from 'node:fs';
import { BatonError, effect, errnoOf } from '@baton/kernel';
import { type BytePath, fileAt, fromBytePath, parentOf } from './byte-path.ts';
import { lstatOf } from './carry-index.ts';

/** Files that one effect removes at most. */
const BATCH = 500;

/**
 * Renames a file or a directory; nothing at `from` means that it was done before. Where the system will not rename a directory
 * as one (the layers of a container, a directory that is there already), its entries are renamed one by one.
 *
 * @param replace a file at `to` is the old version of the same file, and is replaced
 * @throws BatonError `REPOSITORY_BUSY` when somebody has put something at `to` meanwhile
 */
export async function moveFile(root: string, from: BytePath, to: BytePath, replace: boolean): Promise<void> {
  const source = lstatOf(fileAt(root, from));
  if (source === undefined) return;
  const parent = parentOf(to);
  if (parent !== '' && !existsSync(fileAt(root, parent))) {
    await effect('mkdir', fromBytePath(parent), () => void mkdirSync(fileAt(root, parent), { recursive: true }));
  }
  await effect('rename', fromBytePath(to), () => moveNow(root, from, to, replace));
}

function moveNow(root: string, from: BytePath, to: BytePath, replace: boolean): void {
  const source = lstatOf(fileAt(root, from));
  // An empty directory is nothing that anybody would miss; git does not see it either.
  const full = lstatOf(fileAt(root, to))?.isDirectory() === true && !removeIfEmpty(fileAt(root, to));
  if (full && source?.isDirectory() === true) {
    mergeNow(root, from, to, replace);
    return;
  }
  const target = lstatOf(fileAt(root, to));
  if (target !== undefined && (!replace || target.isDirectory())) throw inWay(to);
  try {
    renameSync(fileAt(root, from), fileAt(root, to));
  } catch (error) {
    if (errnoOf(error) !== 'EXDEV' || source?.isDirectory() !== true) throw error;
    mkdirSync(fileAt(root, to), { mode: Number(source.mode) & 0o7777 });
    mergeNow(root, from, to, replace);
  }
}

function mergeNow(root: string, from: BytePath, to: BytePath, replace: boolean): void {
  for (const name of readdirSync(fileAt(root, from), { encoding: 'buffer' })) {
    const child = name.toString('latin1');
    moveNow(root, `${from}/${child}`, `${to}/${child}`, replace);
  }
  rmdirSync(fileAt(root, from));
}

function inWay(path: BytePath): BatonError {
  return new BatonError('REPOSITORY_BUSY', `something was put at ${fromBytePath(path)} while the checkout was moved`, {
    hint: 'Move it away and run the same command again: it goes on where it stopped.',
    details: { path: fromBytePath(path) },
  });
}

/** Removes files that are there; what is no file any more is left alone. */
export async function removeFiles(root: string, paths: readonly BytePath[]): Promise<void> {
  for (let at = 0; at < paths.length; at += BATCH) {
    const batch = paths.slice(at, at + BATCH);
    const target = `${fromBytePath(batch[0] ?? '')}${batch.length > 1 ? ` and ${batch.length - 1} more` : ''}`;
    await effect('unlink', target, () => {
      for (const path of batch) unlinkNow(fileAt(root, path));
    });
  }
}

function unlinkNow(path: string | Buffer): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR', 'EISDIR'].includes(errnoOf(error) ?? '')) throw error;
  }
}

/** Removes those of the directories that are empty; `paths` begins with the deepest. */
export async function removeEmpty(root: string, paths: readonly BytePath[]): Promise<void> {
  if (paths.length === 0) return;
  await effect('unlink', `${paths.length} directories, where empty`, () => {
    for (const path of paths) removeIfEmpty(fileAt(root, path));
  });
}

function removeIfEmpty(path: string | Buffer): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ENOTEMPTY', 'EEXIST', 'EBUSY'].includes(errnoOf(error) ?? '')) return false;
    throw error;
  }
}
