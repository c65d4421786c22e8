import {
  type Commit,
  changeTree,
  diffTrees,
  entryAt,
  leafAt,
  type ObjectId,
  type ObjectStore,
  type Tree,
  type TreeChange,
  type TreeNode,
} from '@baton/git';
import { BatonError, plural, silent } from '@baton/kernel';
import { fullRef } from './choose-ref.ts';
import { NAME_TRAILER, REVERT_TRAILER, withTrailers } from './commit-message.ts';
import { trailerOf } from './done-before.ts';
import { landCommit } from './land-commit.ts';
import type { RevertedCutover, RevertOptions } from './types.ts';

/**
 * Makes the commit that undoes a cutover, and proves it: the tree is the input's; with later commits on top, the cutover's paths are.
 * Author, committer and sign-off are the cutover's, its time is that of the commit below plus one second.
 *
 * @throws BatonError `CUTOVER_OVERLAP` with the paths that later commits changed; those of `applyCutover` about branches and checkouts
 */
export async function revertCutover(options: RevertOptions): Promise<RevertedCutover> {
  const { store, checkout, dryRun = false, signal, emit = silent } = options;
  const cutover = await store.readCommit(await store.resolveCommit(options.commit));
  const [parent] = cutover.parents;
  if (parent === undefined) {
    throw new BatonError('CUTOVER_DIFFERENT', `${cutover.id} has no parent, so it is no cutover`, {
      hint: 'Name the commit that the cutover made.',
    });
  }
  const onto = await store.readCommit(await store.resolveCommit(options.onto ?? cutover.id));
  const undone = {
    commit: cutover.id,
    subject: cutover.message.split('\n')[0] ?? '',
    name: trailerOf(cutover.message, NAME_TRAILER),
  };
  emit({ type: 'cutover.start', id: 'revert', label: `revert of ${undone.name ?? cutover.id.slice(0, 12)}` });
  const [input, output, now] = await Promise.all([
    store.readTree(parent),
    store.readTree(cutover.id),
    store.readTree(onto.id),
  ]);
  const changes = diffTrees(input, output);
  await demandAncestor(store, cutover.id, onto.id);
  const open = changes.filter(({ path, before }) => !sameEntry(leafAt(now, path), before));
  const inputTree = (await store.readCommit(parent)).tree;
  const proof = onto.tree === cutover.tree ? ('tree' as const) : ('paths' as const);
  if (open.length === 0) {
    emit({ type: 'cutover.end', id: 'revert', detail: 'already done' });
    return {
      cutover: undone,
      commit: onto.id,
      parent: onto.parents[0] ?? parent,
      tree: onto.tree,
      inputTree,
      proof,
      paths: 0,
      alreadyDone: true,
    };
  }
  demandUntouched(open, now);
  const result = changeTree(
    now,
    new Map(open.map(({ path, before }): [string, TreeNode | undefined] => [path, before])),
  );
  const { id: tree, objects } = store.treeObjects(result);
  demandProof(proof, { tree, inputTree, result, changes });
  const commit = store.commitObject({ tree, parents: [onto.id], ...wordsOf(cutover, onto) });
  const made = {
    cutover: undone,
    commit: commit.id,
    parent: onto.id,
    tree,
    inputTree,
    proof,
    paths: open.length,
    alreadyDone: false,
  };
  if (dryRun) return made;
  const own = options.ref === undefined ? undefined : fullRef(options.ref);
  const landed = await landCommit({
    store,
    objects: [...objects, commit],
    commit: commit.id,
    base: onto.id,
    ref: own ?? (checkout === undefined ? defaultRevertRef(cutover) : undefined),
    checkout,
    own: { key: REVERT_TRAILER, value: cutover.id },
    renames: [],
    reason: `revert of the cutover ${cutover.id}`,
    committer: wordsOf(cutover, onto).committer,
    signal,
  });
  emit({ type: 'cutover.end', id: 'revert', detail: `tree ${tree.slice(0, 12)}` });
  return { ...made, ...(landed.ref === undefined ? {} : { ref: landed.ref }), alreadyDone: landed.already };
}

function defaultRevertRef({ id, message }: Commit): string {
  return `refs/heads/revert/${trailerOf(message, NAME_TRAILER) ?? id.slice(0, 12)}`;
}

function wordsOf(cutover: Commit, onto: Commit): { author: string; committer: string; message: string } {
  const at = (line: string): string => line.replace(/ [0-9]+ [+-][0-9]{4}$/, ` ${onto.time + 1} +0000`);
  const subject = cutover.message.split('\n')[0] ?? '';
  const signoff = cutover.message.split('\n').filter((line) => line.startsWith('Signed-off-by: '));
  return {
    author: at(cutover.author),
    committer: at(cutover.committer),
    message: withTrailers(`Revert "${subject}"\n\nThis reverts commit ${cutover.id}.`, [
      `${REVERT_TRAILER}: ${cutover.id}`,
      ...signoff,
    ]),
  };
}

async function demandAncestor(store: ObjectStore, cutover: ObjectId, onto: ObjectId): Promise<void> {
  if (await store.isAncestor(cutover, onto)) return;
  const shallow = store.shallow ? ' (the clone is shallow, so it may be further down)' : '';
  throw new BatonError('CUTOVER_OVERLAP', `${onto} does not contain the cutover ${cutover}${shallow}`, {
    hint: 'Name with --onto a commit that has the cutover below it; after a squash merge, the squash is the commit to revert.',
  });
}

// A later commit changed what the cutover made, or put something where an old path goes back to.
function demandUntouched(open: readonly TreeChange[], now: Tree): void {
  const goes = new Set(open.filter(({ before }) => before === undefined).map(({ path }) => path));
  const paths = open
    .filter(
      ({ path, before, after }) =>
        !sameEntry(leafAt(now, path), after) || (before !== undefined && inTheWay(now, path, goes)),
    )
    .map(({ path }) => path);
  const [first] = paths;
  if (first === undefined) return;
  const others = paths.length === 1 ? '' : ` and ${plural(paths.length - 1, 'more path')}`;
  throw new BatonError('CUTOVER_OVERLAP', `later commits changed what the cutover made: ${first}${others}`, {
    hint: [
      'Revert those commits first, or undo the cutover by hand:',
      ...paths.slice(0, 20).map((path) => `  ${path}`),
    ].join('\n'),
    details: { paths },
  });
}

function inTheWay(now: Tree, path: string, goes: ReadonlySet<string>): boolean {
  const names = path.split('/');
  for (let length = 1; length < names.length; length += 1) {
    const above = names.slice(0, length).join('/');
    if (entryAt(now, above)?.kind === 'leaf') return !goes.has(above);
  }
  const here = entryAt(now, path);
  return here?.kind === 'tree' && !allGone(here, path, goes);
}

function allGone(tree: Tree, directory: string, goes: ReadonlySet<string>): boolean {
  return [...tree.entries].every(([name, node]) => {
    const path = `${directory}/${name}`;
    return node.kind === 'tree' ? allGone(node, path, goes) : goes.has(path);
  });
}

function demandProof(
  proof: 'tree' | 'paths',
  {
    tree,
    inputTree,
    result,
    changes,
  }: { tree: ObjectId; inputTree: ObjectId; result: Tree; changes: readonly TreeChange[] },
): void {
  const wrong = changes.find(({ path, before }) => !sameEntry(leafAt(result, path), before));
  if (wrong === undefined && (proof === 'paths' || tree === inputTree)) return;
  throw new BatonError('INTERNAL', `the inverse gives ${tree}, and the input was ${inputTree}`);
}

function sameEntry(a: { mode: string; id: string } | undefined, b: { mode: string; id: string } | undefined): boolean {
  return a?.id === b?.id && a?.mode === b?.mode;
}
