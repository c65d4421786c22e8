import { BatonError } from '@baton/kernel';
import type { Leaf, LeafMode, ObjectId, Tree, TreeNode } from './objects.ts';
import { comparePaths } from './path-text.ts';

/** A file, link or submodule. */
export function leaf(mode: LeafMode, id: ObjectId): Leaf {
  return { kind: 'leaf', mode, id };
}

/** A directory that is not hashed yet; a name that comes twice has its last node. */
export function makeTree(entries: Iterable<readonly [name: string, node: TreeNode]>): Tree {
  return treeOf(new Map(entries));
}

/** The directory with nothing in it. */
export const EMPTY_TREE: Tree = makeTree([]);

/** What is at a path; the tree itself for the empty path. */
export function entryAt(tree: Tree, path: string): TreeNode | undefined {
  let node: TreeNode | undefined = tree;
  if (path === '') return node;
  for (const name of path.split('/')) {
    if (node?.kind !== 'tree') return undefined;
    node = node.entries.get(name);
  }
  return node;
}

/** The leaf at a path, if that is one. */
export function leafAt(tree: Tree, path: string): Leaf | undefined {
  const node = entryAt(tree, path);
  return node?.kind === 'leaf' ? node : undefined;
}

/**
 * The tree with other entries at some paths: a node takes the place of what was there, undefined removes it. Directories that
 * become empty go as well. All changes are applied at once, each touched directory is copied once, and the rest is shared; a
 * change below the path of another one is made in what that one puts there.
 *
 * @throws BatonError `INTERNAL` where a file would have to be a directory
 */
export function changeTree(tree: Tree, changes: ReadonlyMap<string, TreeNode | undefined>): Tree {
  const root: Step = { steps: new Map() };
  for (const [path, node] of changes) {
    let step = root;
    for (const name of path.split('/')) {
      let next = step.steps.get(name);
      if (next === undefined) {
        next = { steps: new Map() };
        step.steps.set(name, next);
      }
      step = next;
    }
    step.put = { node };
  }
  return changeDirectory(tree, root, '');
}

/** Changes as a tree of names: what is put at a place, and what changes below it. */
interface Step {
  put?: { node: TreeNode | undefined };
  steps: Map<string, Step>;
}

function changeDirectory(tree: Tree, { steps }: Step, path: string): Tree {
  const entries = new Map(tree.entries);
  for (const [name, step] of steps) {
    const here = path === '' ? name : `${path}/${name}`;
    let node = step.put === undefined ? tree.entries.get(name) : step.put.node;
    if (step.steps.size > 0 && (node?.kind !== 'leaf' || putsSomething(step.steps))) {
      if (node?.kind === 'leaf') {
        throw new BatonError('INTERNAL', `${here} is a file, and something is to be put below it`);
      }
      node = changeDirectory(node ?? EMPTY_TREE, step, here);
    }
    if (node === undefined || (node.kind === 'tree' && node.entries.size === 0)) entries.delete(name);
    else entries.set(name, node);
  }
  return treeOf(entries);
}

// Below a file there is nothing, so removing something there is done already: a directory that became a file is such a case.
function putsSomething(steps: Step['steps']): boolean {
  return [...steps.values()].some((step) => step.put?.node !== undefined || putsSomething(step.steps));
}

function treeOf(entries: ReadonlyMap<string, TreeNode>): Tree {
  let leaves = 0;
  for (const node of entries.values()) leaves += node.kind === 'tree' ? node.leaves : 1;
  return { kind: 'tree', id: undefined, entries, leaves };
}

/** {@link changeTree} of one path. */
export function withEntry(tree: Tree, path: string, node: TreeNode): Tree {
  return changeTree(tree, new Map([[path, node]]));
}

/** {@link changeTree} that removes one path. */
export function withoutEntry(tree: Tree, path: string): Tree {
  return changeTree(tree, new Map([[path, undefined]]));
}

/** Every leaf below a tree with its path, in git's order. */
export function* walkLeaves(tree: Tree, prefix = ''): Generator<{ path: string; leaf: Leaf }> {
  for (const [name, node] of sortedEntries(tree)) {
    if (node.kind === 'leaf') yield { path: prefix + name, leaf: node };
    else yield* walkLeaves(node, `${prefix}${name}/`);
  }
}

/** The entries of a directory in git's order: by the bytes of names, a directory as if its name ended with `/`. */
export function sortedEntries(tree: Tree): (readonly [name: string, node: TreeNode])[] {
  const entries = [...tree.entries];
  // What was read from a repository is in order already.
  return entries.every((entry, index) => index === 0 || compareEntries(entries[index - 1] ?? entry, entry) < 0)
    ? entries
    : entries.sort(compareEntries);
}

type Entry = readonly [name: string, node: TreeNode];

function compareEntries([a, x]: Entry, [b, y]: Entry): number {
  return comparePaths(x.kind === 'tree' ? `${a}/` : a, y.kind === 'tree' ? `${b}/` : b);
}
