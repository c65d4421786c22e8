import { posix } from 'node:path';
import { joined, parentOf } from './overlay.ts';

/** What a tree says about a path. */
export interface LinkView {
  kindAt(path: string): 'leaf' | 'tree' | undefined;
  /** The target of a symbolic link; undefined for anything else. */
  targetAt(path: string): string | undefined;
}

// As many as Linux follows: path_resolution(7).
const MOST_LINKS = 40;

/**
 * Where a link leads inside a tree, through other links; empty for the root, undefined when it leads nowhere or out of the
 * repository. path_resolution(7).
 */
export function resolveLink(view: LinkView, path: string, target: string): string | undefined {
  return walk(view, parentOf(path), target, { links: 1 });
}

/** The target that a link at `path` needs to lead to `to`. */
export function targetTo(path: string, to: string): string {
  const way = posix.relative(`/${parentOf(path)}`, `/${to}`);
  return way === '' ? '.' : way;
}

function walk(view: LinkView, from: string, target: string, count: { links: number }): string | undefined {
  if (target.startsWith('/') || target === '') return undefined;
  let here = from;
  const names = target.split('/');
  for (const [index, name] of names.entries()) {
    if (name === '' || name === '.') continue;
    if (name === '..') {
      if (here === '') return undefined;
      here = parentOf(here);
      continue;
    }
    const path = joined(here, name);
    const kind = view.kindAt(path);
    if (kind === undefined) return undefined;
    const next = kind === 'leaf' ? view.targetAt(path) : undefined;
    if (next !== undefined) {
      count.links += 1;
      const end = count.links > MOST_LINKS ? undefined : walk(view, here, next, count);
      if (end === undefined) return undefined;
      here = end;
    } else {
      // A file with more of the way behind it leads nowhere.
      if (kind === 'leaf' && names.slice(index + 1).some((rest) => rest !== '' && rest !== '.')) return undefined;
      here = path;
    }
  }
  return here;
}
