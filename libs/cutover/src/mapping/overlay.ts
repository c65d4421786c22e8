import type { Leaf, Tree, TreeNode } from '@baton/git';

/** Who put something where it is: the input itself, or an operation by its index. */
export const KEPT = -1;

/**
 * A place of the output. `whole` is a node taken as it is, from `source` of the input; `open` is a directory that was opened because
 * something was put into it or taken out of it.
 */
export type Slot =
  | { kind: 'whole'; node: TreeNode; owner: number; source: string | undefined }
  | { kind: 'open'; below: Map<string, Slot>; owner: number; source: string | undefined };

/** A directory that can be put into. */
export type OpenSlot = Extract<Slot, { kind: 'open' }>;

/** Path and name together. */
export function joined(directory: string, name: string): string {
  return directory === '' ? name : `${directory}/${name}`;
}

/** The directory of a path; empty for the root's own entries. */
export function parentOf(path: string): string {
  const end = path.lastIndexOf('/');
  return end < 0 ? '' : path.slice(0, end);
}

/** Opens a directory; undefined for a leaf. The slot it gives takes the place of the old one. */
export function opened(slot: Slot): OpenSlot | undefined {
  if (slot.kind === 'open') return slot;
  const { node, owner, source } = slot;
  if (node.kind === 'leaf') return undefined;
  const below = new Map<string, Slot>();
  for (const [name, child] of node.entries) {
    below.set(name, {
      kind: 'whole',
      node: child,
      owner,
      source: source === undefined ? undefined : joined(source, name),
    });
  }
  return { kind: 'open', below, owner, source };
}

/** What is at a path, without opening anything: the slot, and the way that is left inside of it. */
export function slotAt(root: Slot, path: string): { slot: Slot; rest: string } | undefined {
  let slot = root;
  const names = path === '' ? [] : path.split('/');
  for (const [index, name] of names.entries()) {
    if (slot.kind === 'whole') return { slot, rest: names.slice(index).join('/') };
    const next = slot.below.get(name);
    if (next === undefined) return undefined;
    slot = next;
  }
  return { slot, rest: '' };
}

/** The node at the way inside of a whole slot. */
export function nodeIn(node: TreeNode, rest: string): TreeNode | undefined {
  let here: TreeNode | undefined = node;
  if (rest === '') return here;
  for (const name of rest.split('/')) {
    here = here?.kind === 'tree' ? here.entries.get(name) : undefined;
  }
  return here;
}

/** Whether anything is at a path: a leaf, a directory, or nothing. */
export function kindAt(root: Slot, path: string): 'leaf' | 'tree' | undefined {
  const found = slotAt(root, path);
  if (found === undefined) return undefined;
  if (found.slot.kind === 'open') return 'tree';
  return nodeIn(found.slot.node, found.rest)?.kind;
}

/** The leaf at a path. */
export function leafIn(root: Slot, path: string): Leaf | undefined {
  const found = slotAt(root, path);
  if (found === undefined || found.slot.kind === 'open') return undefined;
  const node = nodeIn(found.slot.node, found.rest);
  return node?.kind === 'leaf' ? node : undefined;
}

/** Where a path of the output came from. */
export function originOf(root: Slot, path: string): { owner: number; source: string | undefined } | undefined {
  const found = slotAt(root, path);
  if (found === undefined) return undefined;
  const { slot, rest } = found;
  if (slot.kind === 'whole' && nodeIn(slot.node, rest) === undefined) return undefined;
  const source = slot.source === undefined || rest === '' ? slot.source : joined(slot.source, rest);
  return { owner: slot.owner, source };
}

/**
 * Opens every directory on the way to a path, makes those that are missing, and gives the one that holds its last name. What stands
 * in the way as a file is given instead.
 */
export function openWay(
  root: OpenSlot,
  path: string,
  owner: number,
): { holder: OpenSlot } | { file: string; slot: Slot } {
  let here = root;
  const names = path.split('/').slice(0, -1);
  for (const [index, name] of names.entries()) {
    const next = here.below.get(name);
    const open = next === undefined ? undefined : opened(next);
    if (next !== undefined && open === undefined) return { file: names.slice(0, index + 1).join('/'), slot: next };
    const slot = open ?? { kind: 'open' as const, below: new Map<string, Slot>(), owner, source: undefined };
    here.below.set(name, slot);
    here = slot;
  }
  return { holder: here };
}

/** Takes a path out, and directories that are empty then; gives how many leaves went. */
export function takeOut(root: OpenSlot, path: string): number {
  const names = path.split('/');
  const name = names.pop() ?? '';
  const way: [OpenSlot, string][] = [];
  let here = root;
  for (const step of names) {
    const next = here.below.get(step);
    const open = next === undefined ? undefined : opened(next);
    if (open === undefined) return 0;
    here.below.set(step, open);
    way.push([here, step]);
    here = open;
  }
  const slot = here.below.get(name);
  if (slot === undefined) return 0;
  here.below.delete(name);
  for (const [holder, step] of way.reverse()) {
    const inner = holder.below.get(step);
    if (inner?.kind !== 'open' || inner.below.size > 0) break;
    holder.below.delete(step);
  }
  return leavesOf(slot);
}

/** Leaves at and below a slot. */
export function leavesOf(slot: Slot): number {
  if (slot.kind === 'whole') return slot.node.kind === 'leaf' ? 1 : slot.node.leaves;
  let sum = 0;
  for (const child of slot.below.values()) sum += leavesOf(child);
  return sum;
}

/** Leaves by who put them there. */
export function countOwners(slot: Slot, sums = new Map<number, number>()): Map<number, number> {
  if (slot.kind === 'whole') sums.set(slot.owner, (sums.get(slot.owner) ?? 0) + leavesOf(slot));
  else for (const child of slot.below.values()) countOwners(child, sums);
  return sums;
}

/** The tree that the slots make; directories without anything in them are left out, as git has none. */
export function treeOf(slot: Slot): Tree {
  const node = built(slot);
  return node?.kind === 'tree' ? node : { kind: 'tree', id: undefined, entries: new Map(), leaves: 0 };
}

function built(slot: Slot): TreeNode | undefined {
  if (slot.kind === 'whole') return slot.node;
  const entries = new Map<string, TreeNode>();
  let leaves = 0;
  for (const [name, child] of slot.below) {
    const node = built(child);
    if (node === undefined) continue;
    entries.set(name, node);
    leaves += node.kind === 'leaf' ? 1 : node.leaves;
  }
  return entries.size === 0 ? undefined : { kind: 'tree', id: undefined, entries, leaves };
}
