import { fetchBranch, type ObjectId, type ObjectStore, type Remote } from '@baton/git';
import type { Forge } from '@baton/github';
import { BatonError } from '@baton/kernel';
import type { PullRequestDescription, Requirements } from '../model/manifest.ts';

/** What a cutover goes on top of. */
export interface OpenBase {
  branch: string;
  /** What the plan goes on top of. */
  commit: ObjectId;
  /** Where the branch is on the forge. */
  head: ObjectId;
}

/**
 * Finds the base branch on the forge and fetches it: `pull-request.base`, else `requires.branch`, else the default branch. No ref of
 * this repository changes.
 *
 * @throws BatonError `USAGE`, `CUTOVER_INVALID`, `FORGE_NOT_FOUND`
 */
export async function findBase(
  {
    about,
    requires,
    revision,
  }: { about: PullRequestDescription; requires: Requirements | undefined; revision: string | undefined },
  { forge, objects, remote }: { forge: Forge; objects: ObjectStore; remote: Remote },
): Promise<OpenBase> {
  const { defaultBranch } = await forge.repositoryInfo();
  const branch = about.base ?? requires?.branch ?? defaultBranch;
  if (branch === about.branch) {
    throw new BatonError('CUTOVER_INVALID', `pull-request.branch and the base branch are both ${branch}`, {
      hint: 'The commit goes to a branch of its own.',
    });
  }
  const head = await fetchBranch(objects.dir, remote, branch);
  if (revision === undefined) return { branch, commit: head, head };
  const commit = await objects.resolveCommit(revision).catch((error: unknown) => {
    throw new BatonError('USAGE', `--base: there is no commit ${revision} here`, { cause: error });
  });
  if (await objects.isAncestor(commit, head)) return { branch, commit, head };
  throw new BatonError('USAGE', `--base: ${commit.slice(0, 12)} is not in ${branch} of ${forge.repository}`, {
    hint: 'A pull request would show commits that are not part of the cutover: push them first, or leave --base out.',
  });
}

/** Where refs are as the forge says, which was asked just now; this repository asked it perhaps weeks ago. */
export function refsOf({ branch, head }: OpenBase): Record<string, ObjectId> {
  return { [`refs/heads/${branch}`]: head, [`refs/remotes/origin/${branch}`]: head };
}
