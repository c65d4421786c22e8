import { type Commit, diffTrees, type Leaf, type ObjectStore, unsignedPayload } from '@baton/git';
import { BatonError, sha256 } from '@baton/kernel';
import { fileDiff } from '../edits/file-diff.ts';
import type { LoadedCutover } from '../manifest/load-cutover.ts';
import type { CutoverPlan } from '../model/plan.ts';
import { blobView } from './blob-view.ts';
import { MANIFEST_TRAILER } from './commit-message.ts';
import { trailerOf } from './done-before.ts';
import { derivePlan } from './plan-cutover.ts';
import { plannedTree } from './planned-tree.ts';
import type { CutoverPorts, CutoverVerification, PlanOptions, TreeDifference } from './types.ts';

/**
 * Derives a commit again from its first parent and the manifest, and compares. Scans and acceptance are not run: they do not change
 * the tree.
 *
 * @param options.sourceDateEpoch as when it was planned
 * @throws BatonError `CUTOVER_REFUSED` when nothing can be derived from that parent; `CUTOVER_DIFFERENT` for a commit without parent
 */
export async function verifyCutover(
  { store, commit, cutover }: { store: ObjectStore; commit: string; cutover: LoadedCutover },
  ports: CutoverPorts = {},
  options: Pick<PlanOptions, 'sourceDateEpoch'> = {},
): Promise<CutoverVerification> {
  const found = await store.readCommit(await store.resolveCommit(commit));
  const [parent] = found.parents;
  if (parent === undefined) {
    throw new BatonError('CUTOVER_DIFFERENT', `${found.id} has no parent, so it is no cutover`, {
      hint: 'Name the commit that the cutover made, or the squash of its branch.',
    });
  }
  const base = await store.readCommit(parent);
  const input = await store.readTree(parent);
  ports.emit?.({ type: 'cutover.start', id: 'plan', label: cutover.manifest.name });
  const plan = await derivePlan({ store, cutover, base: parent }, base, input, ports, { ...options, checks: 'none' });
  const payload = payloadDifferences(plan, found);
  const same = plan.commit.tree === found.tree;
  const identical = plan.commit.id === found.id || sha256(unsignedPayload(found.bytes)) === plan.commit.payloadDigest;
  return {
    state: same ? (identical && plan.commit.id === found.id ? 'identical' : 'same-tree') : 'different',
    commit: found.id,
    parent,
    tree: { expected: plan.commit.tree, found: found.tree },
    expectedCommit: plan.commit.id,
    payload,
    manifestDigest: { expected: cutover.digest, found: trailerOf(found.message, MANIFEST_TRAILER) },
    differences: same ? [] : await differences(store, plan, found),
  };
}

/** Files whose diff is told; a commit that is no cutover at all differs everywhere. */
const DIFFS = 50;

async function differences(
  store: ObjectStore,
  plan: CutoverPlan,
  found: Commit,
): Promise<CutoverVerification['differences']> {
  const [expected, is] = await Promise.all([plannedTree(store, plan), store.readTree(found.id)]);
  const blobs = blobView(store);
  blobs.add(plan.objects);
  const told: TreeDifference[] = [];
  for (const { path, before, after } of diffTrees(expected, is)) {
    const texts = told.length < DIFFS && isFile(before) && isFile(after) && before.id !== after.id;
    const { diff } = texts ? fileDiff(await blobs.readBlob(before.id), await blobs.readBlob(after.id)) : {};
    told.push({
      path,
      ...(before === undefined ? {} : { expected: entryOf(before) }),
      ...(after === undefined ? {} : { found: entryOf(after) }),
      ...(diff === undefined ? {} : { diff }),
    });
  }
  return told;
}

function isFile(leaf: Leaf | undefined): leaf is Leaf {
  return leaf?.mode.startsWith('100') === true;
}

function payloadDifferences(plan: CutoverPlan, found: Commit): CutoverVerification['payload'] {
  const { commit } = plan;
  const signature = found.headers.some(([name]) => name.startsWith('gpgsig')) ? 'signed' : 'unsigned';
  const pairs = [
    { what: 'parents', expected: commit.parents.join(' '), found: found.parents.join(' ') },
    { what: 'author', expected: commit.author, found: found.author },
    { what: 'committer', expected: commit.committer, found: found.committer },
    { what: 'message', expected: commit.message, found: found.message },
    { what: 'signature', expected: commit.signed ? 'signed' : 'unsigned', found: signature },
  ] as const;
  return pairs.filter((pair) => pair.expected !== pair.found);
}

function entryOf({ mode, id }: Leaf): { mode: string; id: string } {
  return { mode, id };
}
