import { BatonError } from '@baton/kernel';
import { openRepository } from './open-repository.ts';
import type { Repository } from './repository.ts';

/** Opens a repository that must be there; for tests. */
export async function open(dir: string): Promise<Repository> {
  const repository = await openRepository(dir);
  if (repository === undefined) throw new Error(`no repository at ${dir}`);
  return repository;
}

/** The error of work that must fail; for tests. */
export async function failure(work: Promise<unknown>): Promise<BatonError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof BatonError) return error;
  throw new Error(`expected a BatonError, found ${String(error)}`);
}
