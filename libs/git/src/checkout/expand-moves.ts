import type { Tree, TreeNode } from '../objects.ts';
import { entryAt } from '../trees.ts';
import { type BytePath, toBytePath } from './byte-path.ts';

/** A rename on disk: everything tracked at `from` is the same at `to` in the new commit, and nothing else is there. */
export interface Move {
  from: BytePath;
  to: BytePath;
  directory: boolean;
}

/**
 * Turns renames that somebody proposes into those that can be made: a directory that is not equal on both sides, or holds files
 * that nobody tracks (on either side), is taken apart. No two results share a source or a destination, nor lie in one another.
 *
 * @param isMixed whether a directory has anything in it that nobody tracks
 */
export function expandMoves(
  before: Tree,
  after: Tree,
  renames: readonly { from: string; to: string }[],
  isMixed: (directory: string) => boolean,
): Move[] {
  const moves: Move[] = [];
  const sources = new Claims();
  const destinations = new Claims();
  const visit = (from: string, to: string, a: TreeNode | undefined, b: TreeNode | undefined): void => {
    if (a === undefined || b === undefined || a.kind !== b.kind) return;
    const equal =
      a.id !== undefined && a.id === b.id && (a.kind === 'tree' || (b.kind === 'leaf' && a.mode === b.mode));
    const whole = equal && (a.kind === 'leaf' || !(isMixed(from) || isMixed(to)));
    if (whole && sources.isFree(from) && destinations.isFree(to)) {
      sources.take(from);
      destinations.take(to);
      moves.push({ from: toBytePath(from), to: toBytePath(to), directory: a.kind === 'tree' });
    } else if (a.kind === 'tree' && b.kind === 'tree') {
      for (const [name, node] of a.entries) visit(`${from}/${name}`, `${to}/${name}`, node, b.entries.get(name));
    }
  };
  for (const { from, to } of renames) {
    if (from !== to && from !== '' && to !== '') visit(from, to, entryAt(before, from), entryAt(after, to));
  }
  return moves;
}

/** Paths that are taken: neither they, nor what is above or below them, can be taken again. */
class Claims {
  private readonly taken = new Set<string>();
  private readonly above = new Set<string>();

  isFree(path: string): boolean {
    return !this.above.has(path) && ![path, ...parents(path)].some((one) => this.taken.has(one));
  }

  take(path: string): void {
    this.taken.add(path);
    for (const parent of parents(path)) this.above.add(parent);
  }
}

function* parents(path: string): Generator<string> {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) yield path.slice(0, end);
}
