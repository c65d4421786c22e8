import { inspectCheckout, listWorkTrees, type ObjectId, type ObjectStore } from '@baton/git';
import { BatonError } from '@baton/kernel';
import type { CutoverManifest } from '../model/manifest.ts';
import type { NAME_TRAILER, REVERT_TRAILER } from './commit-message.ts';
import { trailerOf } from './done-before.ts';

/** The branch that gets a cutover when nobody names one. */
export function defaultRef(manifest: CutoverManifest): string {
  return `refs/heads/${manifest['pull-request']?.branch ?? `cutover/${manifest.name}`}`;
}

/** A branch by its short or full name. @throws BatonError `USAGE` for a ref that is no branch */
export function fullRef(name: string): string {
  const full = name.startsWith('refs/') ? name : `refs/heads/${name}`;
  const short = full.slice('refs/heads/'.length);
  const valid =
    full.startsWith('refs/heads/') &&
    short !== '' &&
    !short.startsWith('-') &&
    short !== 'HEAD' &&
    !/[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|\.lock(\/|$)|(^|\/)\.|[./]$/.test(short);
  if (valid) return full;
  throw new BatonError('USAGE', `expected the name of a branch, found ${name}`, {
    hint: 'A cutover never writes tags or other refs.',
  });
}

/** Refuses to move a branch that somebody has checked out: that checkout would look changed all over. */
export async function demandNotCheckedOut(store: ObjectStore, ref: string): Promise<void> {
  const tree = (await listWorkTrees(store.dir)).find(({ branch }) => branch === ref);
  if (tree === undefined) return;
  const name = ref.slice('refs/heads/'.length);
  throw new BatonError('BRANCH_CHECKED_OUT', `${name} is checked out in ${tree.path}`, {
    hint: 'Say --checkout to bring that checkout along, or name another branch with --branch.',
  });
}

/** What a ref must be for it to be moved: absent, or a commit that an earlier run made for the same purpose. */
export async function demandOwn(
  store: ObjectStore,
  ref: string,
  own: { key: typeof NAME_TRAILER | typeof REVERT_TRAILER; value: string },
): Promise<ObjectId | undefined> {
  const current = await store.readRef(ref);
  if (current === undefined) return undefined;
  const { message } = await store.readCommit(current);
  if (trailerOf(message, own.key) === own.value) return current;
  throw new BatonError('REF_MOVED', `${ref} is at ${current.slice(0, 12)}, which is no commit of this cutover`, {
    hint: 'Somebody works on that branch: name another one with --branch, or delete it.',
    details: { ref, commit: current },
  });
}

/** The branch of a checkout that must be at `base`. @throws BatonError `REF_MOVED`, `USAGE` without a work tree */
export async function checkedOutBranch(dir: string, base: ObjectId): Promise<string | undefined> {
  const state = await inspectCheckout(dir);
  if (state === undefined) {
    throw new BatonError('USAGE', `expected a work tree, found none at ${dir}`, {
      hint: 'A bare repository has no checkout: leave --checkout out.',
    });
  }
  if (state.head === base) return state.branch;
  throw new BatonError(
    'REF_MOVED',
    `the checkout ${dir} is at ${state.head ?? 'no commit'}, and the plan is about ${base}`,
    {
      hint: 'Plan again from HEAD.',
    },
  );
}
