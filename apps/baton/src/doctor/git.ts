import { openRepository } from '@baton/git';
import { toBatonError } from '@baton/kernel';
import type { DoctorIo, Finding } from './finding.ts';
import { programVersion } from './programs.ts';

/** Git, and whether this directory is in a repository with its history. */
export async function findGit(dir: string, io: DoctorIo): Promise<Finding> {
  const base = { id: 'git', title: 'Git' };
  const version = await programVersion('git', ['--version'], io);
  if (version === undefined) {
    return {
      ...base,
      state: 'missing',
      detail: 'no git on the PATH',
      cost: 'Images carry no revision, tags with {commit} are left out, and modes of files come from the disk.',
    };
  }
  try {
    const repository = await openRepository(dir);
    if (repository === undefined) {
      return {
        ...base,
        state: 'limited',
        detail: `${version}; this directory is in no repository`,
        cost: 'Images built here carry no revision, and tags with {commit} are left out.',
      };
    }
    if (await repository.isShallow()) {
      return {
        ...base,
        state: 'limited',
        detail: `${version}; the repository is a shallow clone`,
        cost: 'The revision of an image may be wrong: fetch the history with "git fetch --unshallow".',
      };
    }
    return { ...base, state: 'here', detail: `${version}; repository ${repository.root}` };
  } catch (error) {
    return {
      ...base,
      state: 'limited',
      detail: `${version}; ${toBatonError(error).message}`,
      cost: 'Images built here carry no revision until git can read this repository.',
    };
  }
}
