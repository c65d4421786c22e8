import type { TreeNode } from '@baton/git';
import { plural } from '@baton/kernel';
import type { PathOperation } from '../model/manifest.ts';
import type { PathChange, Problem } from '../model/plan.ts';
import { operationName } from './claims.ts';
import { joined, KEPT, kindAt, type OpenSlot, opened, openWay, type Slot, takeOut } from './overlay.ts';

/** One node on its way. */
export interface Placement {
  operation: number;
  from: string;
  to: string;
  node: TreeNode;
  /** Directories of several flattened directories become one. */
  joins: boolean;
  onto: 'absent' | 'deleted' | 'replaced';
}

/** What a placement needs to know of the whole. */
export interface Placing {
  operations: readonly PathOperation[];
  /** What stays, without all that an operation takes; placements take out of it what they replace. */
  kept: OpenSlot;
  /** What the input has at a path. */
  inputKind(path: string): 'leaf' | 'tree' | undefined;
  problems: Problem[];
  /** Leaves of the kept part that went for something else. */
  replaced: { operation: number; path: string; files: number }[];
  /** Leaves of flattened directories that went because the outer entry stays. */
  dropped: { operation: number; path: string; files: number }[];
  /** Paths that an edit `merge` must make. */
  merges: { operation: number; path: string; from: string }[];
}

type Move = Extract<PathOperation, { move: unknown }>['move'];

/** Judges the place of a move, and takes out what it replaces. */
export function placeMove(placing: Placing, operation: number, move: Move, node: TreeNode): Placement {
  const { kept, problems } = placing;
  const { from, to, onto = 'absent', optional = false } = move;
  const name = nameOf(placing, operation);
  const before = from === to ? undefined : placing.inputKind(to);
  const left = kindAt(kept, to);
  let was: Placement['onto'] = before === undefined ? 'absent' : 'deleted';
  if (left !== undefined && onto === 'replace') {
    placing.replaced.push({ operation, path: to, files: takeOut(kept, to) });
    was = 'replaced';
  } else if (left !== undefined) {
    // Taken out all the same, so that what follows can be judged as if the problem were solved.
    const files = takeOut(kept, to);
    problems.push({
      code: 'COLLISION',
      operation: name,
      path: to,
      message: `${to} is there already (${left === 'leaf' ? 'a file' : `a directory with ${plural(files, 'file')}`}) and no operation takes it away`,
      hint: onto === 'deleted' ? 'Delete or move it as well.' : 'Delete it, or say "onto: replace".',
    });
  } else if (before !== undefined && onto === 'absent') {
    problems.push({
      code: 'COLLISION',
      operation: name,
      path: to,
      message: `${to} is in the input, and another operation takes it away`,
      hint: 'Say "onto: deleted" if that is what is meant.',
    });
  } else if (before === undefined && onto !== 'absent' && !optional) {
    problems.push({
      code: 'EDIT_NO_MATCH',
      operation: name,
      path: to,
      message: `${to} is not in the input, so there is nothing for "onto: ${onto}"`,
      hint: 'Leave "onto" out.',
    });
  }
  return { operation, from, to, node, joins: false, onto: was };
}

type Flatten = Extract<PathOperation, { flatten: unknown }>['flatten'];

/** Judges every entry of a flattened directory: placed as it is, joined with a directory, or a collision that must be listed. */
export function placeFlatten(placing: Placing, operation: number, flatten: Flatten, node: TreeNode): Placement[] {
  const { kept, problems } = placing;
  const into = flatten.into === '.' ? '' : flatten.into;
  const name = nameOf(placing, operation);
  const collisions = new Map(Object.entries(flatten.collisions ?? {}));
  const placements: Placement[] = [];
  const unlisted: string[] = [];
  const place = (child: TreeNode, from: string, relative: string): void => {
    const to = joined(into, relative);
    const policy = collisions.get(relative);
    const left = kindAt(kept, to);
    const push = (onto: Placement['onto']): void => {
      placements.push({ operation, from, to, node: child, joins: true, onto });
    };
    if (left === undefined) {
      push(placing.inputKind(to) === undefined ? 'absent' : 'deleted');
      return;
    }
    if (policy === 'outer') {
      placing.dropped.push({ operation, path: from, files: child.kind === 'leaf' ? 1 : child.leaves });
      return;
    }
    if (left === 'tree' && child.kind === 'tree' && policy === undefined) {
      for (const [inner, grandchild] of child.entries) place(grandchild, joined(from, inner), joined(relative, inner));
      return;
    }
    if (policy === undefined) {
      unlisted.push(relative);
      takeOut(kept, to);
      push('replaced');
      return;
    }
    if (policy === 'merge' && (left === 'tree' || child.kind === 'tree')) {
      problems.push({
        code: 'COLLISION',
        operation: name,
        path: to,
        message: `${to} is a directory on one side at least, and only files are merged`,
        hint: `Leave ${relative} out of "collisions": directories join by themselves.`,
      });
      return;
    }
    if (policy === 'merge') placing.merges.push({ operation, path: to, from });
    placing.replaced.push({ operation, path: to, files: takeOut(kept, to) });
    push('replaced');
  };
  if (node.kind === 'tree') {
    for (const [inner, child] of node.entries) place(child, joined(flatten.dir, inner), inner);
  }
  for (const relative of collisions.keys()) {
    const nested = placing.inputKind(joined(flatten.dir, relative));
    if (nested !== undefined && placing.inputKind(joined(into, relative)) !== undefined) continue;
    problems.push({
      code: 'EDIT_NO_MATCH',
      operation: name,
      path: joined(into, relative),
      message: `${relative} is listed as a collision, and is not on both sides`,
      hint: 'Names are relative to the directory; take it out of "collisions".',
    });
  }
  for (const relative of unlisted.sort()) {
    problems.push({
      code: 'COLLISION',
      operation: name,
      path: joined(into, relative),
      message: `${relative} is in ${flatten.dir} and in ${flatten.into}`,
      hint: `Add it to "collisions": ${JSON.stringify(relative)}: nested, outer or merge.`,
    });
  }
  return placements;
}

/** Puts all placements into the output, shorter paths first, so that the order of the manifest does not matter. */
export function putAll(root: OpenSlot, placements: readonly Placement[], placing: Placing): void {
  const depth = (path: string): number => path.split('/').length;
  const sorted = placements
    .map((placement) => ({ placement, depth: depth(placement.to) }))
    .sort(
      (a, b) => a.depth - b.depth || (a.placement.to < b.placement.to ? -1 : a.placement.to > b.placement.to ? 1 : 0),
    );
  for (const { placement } of sorted) {
    const { to, node, operation, from, joins } = placement;
    const way = openWay(root, to, operation);
    if ('file' in way) {
      clash(placing, operation, way.file, way.slot, `is a file, and ${to} needs a directory there`);
      continue;
    }
    const name = to.slice(to.lastIndexOf('/') + 1);
    put(way.holder, name, { kind: 'whole', node, owner: operation, source: from }, to, joins, placing);
  }
}

/** The entries of a plan: one for each placement, taken-away path and kept collision. */
export function entriesOf(placements: readonly Placement[]): PathChange['entries'] {
  return placements.map(({ from, to, node, onto }) => ({
    from,
    to,
    files: node.kind === 'leaf' ? 1 : node.leaves,
    onto,
    ...(node.kind === 'leaf' && node.mode === '120000' ? { note: 'link' } : {}),
    ...(node.kind === 'leaf' && node.mode === '160000' ? { note: 'submodule' } : {}),
  }));
}

function put(holder: OpenSlot, name: string, slot: Slot, path: string, joins: boolean, placing: Placing): void {
  const there = holder.below.get(name);
  if (there === undefined) {
    holder.below.set(name, slot);
    return;
  }
  const mine = opened(slot);
  const theirs = opened(there);
  // Two flattened directories may share a directory; anything else at one place has two sources.
  if (!joins || mine === undefined || theirs === undefined) {
    clash(placing, slot.owner, path, there, 'is where it would be put too');
    return;
  }
  holder.below.set(name, theirs);
  for (const [inner, child] of mine.below) put(theirs, inner, child, joined(path, inner), joins, placing);
}

function clash(placing: Placing, operation: number, path: string, there: Slot, what: string): void {
  const owner = ownerOf(there);
  const whose = owner === KEPT ? 'which stays' : `from ${nameOf(placing, owner)}`;
  placing.problems.push({
    code: 'COLLISION',
    operation: nameOf(placing, operation),
    path,
    message: `${path}, ${whose}, ${what}`,
    hint: 'Give one of them another place, or delete it.',
  });
}

function ownerOf(slot: Slot): number {
  if (slot.kind === 'whole' || slot.source !== undefined) return slot.owner;
  const [first] = slot.below.values();
  return first === undefined ? slot.owner : ownerOf(first);
}

function nameOf({ operations }: Placing, index: number): string {
  const operation = operations[index];
  return operation === undefined ? '' : operationName(operation, index);
}
