import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type ObjectStore, openObjectStore } from '@baton/git';
import { BatonError } from '@baton/kernel';
import { type LoadedCutover, loadCutover } from './manifest/load-cutover.ts';

/** A manifest on disk and the repository that it is about. */
export interface CutoverSource {
  store: ObjectStore;
  cutover: LoadedCutover;
}

/**
 * Opens a manifest and its repository, hands both to `work`, and closes the repository whatever happened.
 *
 * @param path the manifest, or its directory
 * @param repository the repository; the one around the manifest when left out
 * @throws BatonError those of `loadCutover`; `USAGE` outside of any repository
 */
export async function withCutover<T>(
  path: string,
  repository: string | undefined,
  work: (source: CutoverSource) => Promise<T>,
): Promise<T> {
  const cutover = await loadCutover(path);
  return await withStore(repository ?? cutover.dir ?? dirname(resolve(path)), (store) => work({ store, cutover }));
}

/** Opens a repository for `work` and closes it whatever happened. */
export async function withStore<T>(dir: string, work: (store: ObjectStore) => Promise<T>): Promise<T> {
  const store = await openObjectStore(await existing(dir));
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/**
 * Checks a revision that a person wrote, before anything else is done with it.
 *
 * @param option the option that named it, for the message
 * @throws BatonError `USAGE` when it names no commit
 */
export async function demandCommit(store: ObjectStore, option: string, revision: string): Promise<void> {
  try {
    await store.resolveCommit(revision);
  } catch (error) {
    if (!(error instanceof BatonError) || error.code !== 'GIT_FAILED') throw error;
    throw new BatonError('USAGE', `${option}: ${error.message}`, {
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      cause: error,
    });
  }
}

/** Refuses `--checkout` where there are no files. @throws BatonError `USAGE` */
export function demandWorkTree(store: ObjectStore): void {
  if (!store.bare) return;
  throw new BatonError('USAGE', `${store.dir} is a bare repository: there is no checkout to bring along`, {
    hint: 'Leave --checkout out.',
  });
}

async function existing(dir: string): Promise<string> {
  const found = await stat(dir).catch(() => undefined);
  if (found?.isDirectory() === true) return dir;
  throw new BatonError(
    'USAGE',
    `expected the directory of a repository, found ${found === undefined ? 'nothing' : 'a file'} at ${dir}`,
    {
      hint: 'Name a work tree or a bare repository.',
    },
  );
}
