import { BatonError } from '@baton/kernel';
import type { ObjectId } from '../objects.ts';
import { runGit } from '../run-git.ts';
import { branchRef, lsRemote } from './ls-remote.ts';
import type { Remote } from './remote.ts';
import { remoteFailed, runRemote } from './run-remote.ts';

/** How often a branch may move while it is fetched. */
const ATTEMPTS = 5;

/**
 * Fetches the commit that a remote branch (`main` or `refs/heads/main`) is at, with what it needs, into the repository at `dir`.
 * No ref, `FETCH_HEAD` or configuration of that repository changes.
 *
 * @throws BatonError `FORGE_NOT_FOUND` when there is no such branch
 */
export async function fetchBranch(dir: string, remote: Remote, branch: string): Promise<ObjectId> {
  const ref = branchRef(branch);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const id = (await lsRemote(remote, [ref])).refs.get(ref);
    if (id === undefined) {
      throw new BatonError('FORGE_NOT_FOUND', `${remote.url} has no branch ${ref}`, {
        hint: 'Check the name of the branch.',
      });
    }
    const result = await runRemote(dir, remote, [
      ...['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-maintenance', '--refmap='],
      ...['--recurse-submodules=no', '--', remote.url, ref],
    ]);
    if (result.code !== 0) throw remoteFailed(remote, 'fetching from', result);
    // The branch may have moved between the two: then the commit that was listed is perhaps not there.
    if ((await runGit(dir, ['cat-file', '-e', `${id}^{commit}`])).code === 0) return id;
  }
  throw new BatonError('REF_MOVED', `${ref} of ${remote.url} moved ${ATTEMPTS} times while it was fetched`, {
    hint: 'Run it again when it is quiet.',
    retryable: true,
  });
}
