import { entryAt, type Leaf, type Tree, type TreeNode } from '@baton/git';
import type { PathOperation } from '../model/manifest.ts';
import { joined } from './overlay.ts';

/** What operations say about the output, besides where each path came from. */
export interface Explanations {
  paths: readonly PathOperation[];
  /** Leaves that edits and generators put there. */
  made: ReadonlyMap<string, Leaf | undefined>;
  sourceOf(path: string): string | undefined;
}

/** What an independent walk over the output found. */
export interface ExplainedOutput {
  /** Leaves that came from the input, each from a path of its own. */
  survivors: number;
  /** Leaves that an operation made. */
  fresh: number;
  /** Paths that have other bytes, another mode or another origin than any operation says. */
  unexplained: readonly string[];
}

/**
 * Explains every leaf of the output by the two trees alone: it has the id and mode of its origin, or an operation that names it made
 * it so. Directories that hang elsewhere as they were are known by their ids and not looked into.
 */
export function explainOutput(input: Tree, output: Tree, { paths, made, sourceOf }: Explanations): ExplainedOutput {
  const named = (kind: 'create' | 'link' | 'mode'): ReadonlySet<string> =>
    new Set(paths.flatMap((one) => (kind in one ? [(Object.values(one)[0] as { path: string }).path] : [])));
  const [created, links, modes] = [named('create'), named('link'), named('mode')];
  const retargets = paths.some((one) => ['move', 'flatten'].some((kind) => wantsRetarget(one, kind)));
  const seen = new Set<string>();
  const unexplained: string[] = [];
  let survivors = 0;
  let fresh = 0;
  const explain = (node: TreeNode, path: string): void => {
    const source = sourceOf(path);
    const origin = source === undefined ? undefined : entryAt(input, source);
    const isSame = origin !== undefined && sameNode(origin, node);
    if (node.kind === 'tree' && !isSame) {
      for (const [name, child] of node.entries) explain(child, joined(path, name));
      return;
    }
    const isFirst = source === undefined || !seen.has(source);
    if (source !== undefined) seen.add(source);
    if (!isFirst || (!isSame && node.kind === 'leaf' && !isMade(node, path, origin))) unexplained.push(path);
    else if (origin === undefined) fresh += 1;
    else survivors += node.kind === 'leaf' ? 1 : node.leaves;
  };
  const isMade = (leaf: Leaf, path: string, origin: TreeNode | undefined): boolean => {
    if (links.has(path)) return leaf.mode === '120000';
    if (made.has(path)) return made.get(path)?.id === leaf.id && made.get(path)?.mode === leaf.mode;
    if (created.has(path)) return origin === undefined;
    if (origin?.kind !== 'leaf') return false;
    if (retargets && leaf.mode === '120000' && origin.mode === '120000') return true;
    return origin.id === leaf.id && modes.has(path);
  };
  explain(output, '');
  return { survivors, fresh, unexplained };
}

function wantsRetarget(operation: PathOperation, kind: string): boolean {
  const body = (operation as Record<string, { links?: string } | undefined>)[kind];
  return body?.links === 'retarget';
}

function sameNode(a: TreeNode, b: TreeNode): boolean {
  if (a === b) return true;
  if (a.kind === 'tree' && b.kind === 'tree') return a.id !== undefined && a.id === b.id && a.leaves === b.leaves;
  return a.kind === 'leaf' && b.kind === 'leaf' && a.id === b.id && a.mode === b.mode;
}
