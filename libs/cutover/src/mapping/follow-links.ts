import { comparePaths, entryAt, hashObject, type Leaf, type NewObject, type ObjectId, type Tree } from '@baton/git';
import type { PathOperation } from '../model/manifest.ts';
import type { Problem } from '../model/plan.ts';
import { operationName } from './claims.ts';
import type { MappingSources } from './mapping-sources.ts';
import { joined, kindAt, leafIn, type OpenSlot, openWay, originOf } from './overlay.ts';
import { type LinkView, resolveLink, targetTo } from './symbolic-links.ts';

interface Following {
  input: Tree;
  output: OpenSlot;
  operations: readonly PathOperation[];
  /** The operation that a path of the input belongs to. */
  operationOf(path: string): number | undefined;
  destinationOf(path: string): string | undefined;
  sources: MappingSources;
  blobs: NewObject[];
  problems: Problem[];
}

/**
 * Looks at every symbolic link of the input: one that led somewhere and would dangle is given a new target where its operation (or
 * that of its target) says `links: retarget`, else it is a problem. Gives the submodules that moved or went.
 */
export async function followLinks(
  following: Following,
): Promise<{ from: string; to: string | undefined; operation: number }[]> {
  const { input, output, destinationOf, operationOf, sources } = following;
  const links: { path: string; leaf: Leaf }[] = [];
  const submodules: { from: string; to: string | undefined; operation: number }[] = [];
  for (const { path, leaf } of specialLeaves(input, '')) {
    if (leaf.mode === '120000') {
      links.push({ path, leaf });
      continue;
    }
    const operation = operationOf(path);
    const to = destinationOf(path);
    if (operation !== undefined && to !== path) submodules.push({ from: path, to, operation });
  }
  if (links.length === 0) return submodules;
  links.sort((a, b) => comparePaths(a.path, b.path));
  const made = new Map(following.blobs.map(({ id, bytes }) => [id, Buffer.from(bytes).toString()]));
  const targets = await sources.readLinks([...new Set(links.map(({ leaf }) => leaf.id))]);
  const targetOf = (leaf: Leaf | undefined): string | undefined =>
    leaf?.mode === '120000' ? (targets.get(leaf.id) ?? made.get(leaf.id)) : undefined;
  const before: LinkView = {
    kindAt: (path) => entryAt(input, path)?.kind,
    targetAt: (path) => {
      const entry = entryAt(input, path);
      return entry?.kind === 'leaf' ? targetOf(entry) : undefined;
    },
  };
  const after: LinkView = {
    kindAt: (path) => kindAt(output, path),
    targetAt: (path) => targetOf(leafIn(output, path)),
  };
  const retargets: { to: string; target: string }[] = [];
  for (const { path, leaf } of links) {
    const to = destinationOf(path);
    const target = targetOf(leaf);
    // A link that an operation `link` gave another target is that operation's.
    if (to === undefined || target === undefined || leafIn(output, to)?.id !== leaf.id) continue;
    const led = resolveLink(before, path, target);
    if (led === undefined) continue;
    const leads = resolveLink(after, to, target);
    const should = destinationOf(led) ?? (kindAt(output, led) === undefined ? undefined : led);
    if (leads === should && leads !== undefined) continue;
    const own = operationOf(path);
    const retarget = [own, operationOf(led)].some((index) => wantsRetarget(following.operations, index));
    if (retarget && should !== undefined) retargets.push({ to, target: targetTo(to, should) });
    else if (leads === undefined)
      following.problems.push(dangling(following, path, to, target, own ?? operationOf(led)));
  }
  for (const { to, target } of retargets) setTarget(following, to, target);
  return submodules;
}

// In no particular order, because sorting every directory costs more than all the rest of a mapping.
function specialLeaves(tree: Tree, directory: string, found: { path: string; leaf: Leaf }[] = []): typeof found {
  for (const [name, node] of tree.entries) {
    if (node.kind === 'tree') specialLeaves(node, joined(directory, name), found);
    else if (node.mode === '120000' || node.mode === '160000')
      found.push({ path: joined(directory, name), leaf: node });
  }
  return found;
}

function setTarget({ output, sources, blobs }: Following, path: string, target: string): void {
  const blob = hashObject(sources.format, 'blob', Buffer.from(target));
  blobs.push(blob);
  const origin = originOf(output, path);
  const way = openWay(output, path, origin?.owner ?? 0);
  if (!('holder' in way)) return;
  way.holder.below.set(path.slice(path.lastIndexOf('/') + 1), {
    kind: 'whole',
    node: { kind: 'leaf', mode: '120000', id: blob.id as ObjectId },
    owner: origin?.owner ?? 0,
    source: origin?.source,
  });
}

function wantsRetarget(operations: readonly PathOperation[], index: number | undefined): boolean {
  const operation = index === undefined ? undefined : operations[index];
  if (operation === undefined) return false;
  if ('move' in operation) return operation.move.links === 'retarget';
  return 'flatten' in operation && operation.flatten.links === 'retarget';
}

function dangling(
  { operations }: Following,
  path: string,
  to: string,
  target: string,
  index: number | undefined,
): Problem {
  const operation = index === undefined ? undefined : operations[index];
  const was = path === to ? '' : ` (was ${path})`;
  return {
    code: 'LINK_DANGLES',
    ...(operation === undefined || index === undefined ? {} : { operation: operationName(operation, index) }),
    path: to,
    message: `the link ${to}${was} leads to ${target}, which would not be there`,
    hint: 'Say "links: retarget" on the move, give it a target with "link", or delete it.',
  };
}
