import {
  type CarriedPath,
  carryCheckout,
  finishCarry,
  type NewObject,
  type ObjectId,
  type ObjectStore,
} from '@baton/git';
import { checkedOutBranch, demandNotCheckedOut, demandOwn } from './choose-ref.ts';
import type { NAME_TRAILER, REVERT_TRAILER } from './commit-message.ts';

/** A commit that is to be written, and where it goes. */
export interface Landing {
  store: ObjectStore;
  /** The commit is the last one. */
  objects: readonly NewObject[];
  commit: ObjectId;
  /** What it was made for; a checkout must be there. */
  base: ObjectId;
  /** The branch; with `checkout` undefined means the one that is checked out. */
  ref: string | undefined;
  checkout: string | undefined;
  /** What an earlier commit on the branch must say to be replaced. */
  own: { key: typeof NAME_TRAILER | typeof REVERT_TRAILER; value: string };
  renames: readonly CarriedPath[];
  reason: string;
  committer: string;
  signal: AbortSignal | undefined;
}

/** Where a commit landed. */
export interface Landed {
  ref: string | undefined;
  before: ObjectId | undefined;
  leftovers: readonly string[];
  /** It was there already. */
  already: boolean;
}

/**
 * Writes objects, then moves one branch from where it must be, then brings a checkout along. A kill leaves the repository at the old
 * or the new commit; objects that nobody names are garbage for git.
 *
 * @throws BatonError `REF_MOVED`, `REF_REFUSED`, `BRANCH_CHECKED_OUT`, those of `carryCheckout`
 */
export async function landCommit(landing: Landing): Promise<Landed> {
  return landing.checkout === undefined ? await onBranch(landing) : await inCheckout(landing, landing.checkout);
}

async function onBranch({
  store,
  objects,
  commit,
  ref = '',
  own,
  reason,
  committer,
  signal,
}: Landing): Promise<Landed> {
  if ((await store.readRef(ref)) === commit) return { ref, before: commit, leftovers: [], already: true };
  await demandNotCheckedOut(store, ref);
  const before = await demandOwn(store, ref, own);
  await store.writeObjects(objects);
  signal?.throwIfAborted();
  await store.updateRef({ ref, to: commit, from: before, reason, committer });
  return { ref, before, leftovers: [], already: false };
}

async function inCheckout(landing: Landing, dir: string): Promise<Landed> {
  const { store, objects, commit, base, own, renames, reason, committer, signal } = landing;
  // What an earlier run began must be whole before anything is asked of the checkout.
  const finished = await finishCarry(dir);
  if (finished?.to === commit) {
    return { ref: landing.ref, before: finished.from, leftovers: finished.leftovers, already: true };
  }
  const branch = await checkedOutBranch(dir, base);
  const ref = landing.ref ?? branch;
  // Its own branch may move with the checkout, any other only as without one.
  const from = ref === undefined || ref === branch ? base : await otherBranch(store, ref, commit, own);
  await store.writeObjects(objects);
  const moveRef = async (): Promise<void> => {
    if (ref === undefined || from === commit) return;
    await store.updateRef({ ref, to: commit, from, reason, committer });
  };
  const carried = await carryCheckout({ dir, from: base, to: commit, renames, branch: ref, moveRef, signal });
  return { ref, before: from, leftovers: carried.leftovers, already: false };
}

async function otherBranch(
  store: ObjectStore,
  ref: string,
  commit: ObjectId,
  own: Landing['own'],
): Promise<ObjectId | undefined> {
  if ((await store.readRef(ref)) === commit) return commit;
  await demandNotCheckedOut(store, ref);
  return await demandOwn(store, ref, own);
}
