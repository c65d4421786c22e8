// One step of a cutover in a process of its own, for the bench: plan-run.ts STEP REPOSITORY MANIFEST.
import { applyCutover, loadCutover, planCutover } from '@baton/cutover';
import { changeTree, entryAt, openObjectStore, type TreeNode } from '@baton/git';

const [, , step = '', dir = '', manifest = ''] = process.argv;
const store = await openObjectStore(dir);

/** The parts that are git's alone: read the tree, hang directories elsewhere, one commit, one branch. */
async function splice(): Promise<string> {
  const base = await store.resolveCommit('main');
  const tree = await store.readTree(base);
  const nested = entryAt(tree, 'agent/go');
  if (nested?.kind !== 'tree') throw new Error('no agent/go');
  const changes = new Map<string, TreeNode | undefined>([['agent', undefined]]);
  for (const [name, node] of nested.entries) changes.set(`agent/${name}`, node);
  const made = store.treeObjects(changeTree(tree, changes));
  const who = 'Bench <bench@example.com> 1700000001 +0000';
  const commit = store.commitObject({
    tree: made.id,
    parents: [base],
    author: who,
    committer: who,
    message: 'cutover',
  });
  await store.writeObjects([...made.objects, commit]);
  await store.updateRef({ ref: 'refs/heads/cut', to: commit.id, from: undefined, reason: 'bench', committer: who });
  return commit.id;
}

async function cutOver(apply: boolean): Promise<string> {
  const cutover = await loadCutover(manifest);
  const plan = await planCutover({ store, cutover, base: 'main' }, {}, { checks: 'none' });
  if (!apply) return plan.commit.tree;
  return (await applyCutover(plan, { store, cutover })).commit;
}

const steps: Record<string, () => Promise<string>> = {
  open: async () => await store.resolveCommit('main'),
  read: async () => String((await store.readTree('main')).leaves),
  splice,
  plan: () => cutOver(false),
  apply: () => cutOver(true),
};
const run = steps[step];
if (run === undefined) throw new Error(`no step "${step}"`);
process.stdout.write(`${await run()}\n`);
await store.close();
