import type { Tree, TreeNode } from '@baton/git';
import { compareText } from '@baton/kernel';
import type { Accounting } from '../model/plan.ts';
import { countOwners, KEPT, type Slot } from './overlay.ts';

/** Counts what became of every leaf: by subtrees, without looking into them. */
export function account(
  input: Tree,
  output: Tree,
  slots: Slot,
  gone: { deleted: number; replaced: number; created: number },
): Omit<Accounting, 'edited' | 'unexplained'> {
  let kept = 0;
  let placed = 0;
  for (const [owner, leaves] of countOwners(slots)) {
    if (owner === KEPT) kept += leaves;
    else placed += leaves;
  }
  return {
    input: input.leaves,
    kept,
    moved: placed - gone.created,
    deleted: gone.deleted,
    replaced: gone.replaced,
    output: output.leaves,
    created: gone.created,
    byDirectory: byDirectory(input, output),
  };
}

/** Whether every leaf of both trees is in exactly one column. */
export function addsUp({
  input,
  kept,
  moved,
  deleted,
  replaced,
  output,
  created,
}: Omit<Accounting, 'edited' | 'unexplained'>): boolean {
  return input === kept + moved + deleted + replaced && output === kept + moved + created;
}

function byDirectory(input: Tree, output: Tree): Accounting['byDirectory'] {
  const names = new Set<string>();
  const directories = ({ entries }: Tree): void => {
    for (const [name, node] of entries) if (node.kind === 'tree') names.add(name);
  };
  directories(input);
  directories(output);
  const rows = [...names].sort(compareText).map((directory) => ({
    directory,
    before: leaves(input.entries.get(directory)),
    after: leaves(output.entries.get(directory)),
  }));
  const own = (tree: Tree): number => [...tree.entries.values()].filter(({ kind }) => kind === 'leaf').length;
  return [{ directory: '.', before: own(input), after: own(output) }, ...rows];
}

function leaves(node: TreeNode | undefined): number {
  return node?.kind === 'tree' ? node.leaves : 0;
}
