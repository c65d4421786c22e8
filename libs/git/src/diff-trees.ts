import type { Leaf, Tree, TreeNode } from './objects.ts';
import { comparePaths } from './path-text.ts';
import { walkLeaves } from './trees.ts';

/** One path at which two trees differ. */
export interface TreeChange {
  path: string;
  /** Undefined: only the second tree has it. */
  before: Leaf | undefined;
  /** Undefined: only the first tree has it. */
  after: Leaf | undefined;
}

/**
 * Every path at which the leaves of two trees differ, ordered by the bytes of paths; directories with the same id are not
 * looked into.
 */
export function diffTrees(before: Tree, after: Tree): TreeChange[] {
  const changes: TreeChange[] = [];
  diffNodes(before, after, '', changes);
  return changes.sort((a, b) => comparePaths(a.path, b.path));
}

function diffNodes(a: TreeNode | undefined, b: TreeNode | undefined, path: string, changes: TreeChange[]): void {
  if (a === b || (a?.kind === 'tree' && b?.kind === 'tree' && a.id !== undefined && a.id === b.id)) return;
  if (a?.kind === 'tree' && b?.kind === 'tree') {
    const prefix = path === '' ? '' : `${path}/`;
    for (const [name, node] of a.entries) diffNodes(node, b.entries.get(name), prefix + name, changes);
    for (const [name, node] of b.entries) if (!a.entries.has(name)) diffNodes(undefined, node, prefix + name, changes);
    return;
  }
  const leafA = a?.kind === 'leaf' ? a : undefined;
  const leafB = b?.kind === 'leaf' ? b : undefined;
  if (leafA !== undefined && leafB !== undefined && leafA.id === leafB.id && leafA.mode === leafB.mode) return;
  if (leafA !== undefined || leafB !== undefined) changes.push({ path, before: leafA, after: leafB });
  if (a?.kind === 'tree') {
    for (const one of walkLeaves(a, `${path}/`)) changes.push({ path: one.path, before: one.leaf, after: undefined });
  }
  if (b?.kind === 'tree') {
    for (const one of walkLeaves(b, `${path}/`)) changes.push({ path: one.path, before: undefined, after: one.leaf });
  }
}
