import { fetchBranch, lsRemote, type ObjectId, type ObjectStore, type Remote } from '@baton/git';
import { BatonError } from '@baton/kernel';
import { NAME_TRAILER } from '../engine/commit-message.ts';
import { trailerOf } from '../engine/done-before.ts';

/**
 * Where the branch of a cutover is on the remote, if it may be moved from there: it is absent, at `commit` already, or at a commit that
 * an earlier run made and nobody touched.
 *
 * @throws BatonError `REF_MOVED` when somebody worked on it
 */
export async function branchLease(
  store: ObjectStore,
  remote: Remote,
  {
    branch,
    name,
    commit,
    baseHead,
  }: { branch: string; name: string; commit: ObjectId | undefined; baseHead: ObjectId },
): Promise<ObjectId | undefined> {
  const ref = `refs/heads/${branch}`;
  const listed = (await lsRemote(remote, [ref])).refs.get(ref);
  if (listed === undefined || listed === commit) return listed;
  const found = await fetchBranch(store.dir, remote, ref);
  if (found === commit) return found;
  const why = await strangeness(store, found, name, baseHead);
  if (why === undefined) return found;
  throw new BatonError('REF_MOVED', `${branch} of ${remote.url} is at ${found.slice(0, 12)}, ${why}`, {
    hint: 'Somebody worked on that branch, and it stays as it is. Put what they changed into the manifest and delete the branch there, or name another one in pull-request.branch.',
    details: { ref, commit: found },
  });
}

// Our commits have one date twice and the base as their parent: a commit that was amended, rebased or edited on the forge's page has
// the trailer as well, but not these.
async function strangeness(
  store: ObjectStore,
  found: ObjectId,
  name: string,
  baseHead: ObjectId,
): Promise<string | undefined> {
  const { message, parents, author, committer } = await store.readCommit(found);
  const by = `a commit by ${committer.replace(/ \d+ [+-]\d+$/, '')}`;
  if (trailerOf(message, NAME_TRAILER) !== name) return `${by} that is none of this cutover`;
  const [parent, ...others] = parents;
  const date = (identity: string): string => / \d+ [+-]\d+$/.exec(identity)?.[0] ?? '';
  if (parent === undefined || others.length > 0) return `${by} that is none of this cutover`;
  if (date(author) !== date(committer)) return `${by} that was a cutover and was changed by hand`;
  if (!(await store.isAncestor(parent, baseHead))) return `${by} on top of commits that are not in the base branch`;
  return undefined;
}
