import { readdirSync } from 'node:fs';
import type { Tree, TreeNode } from '../objects.ts';
import { pathText } from '../path-text.ts';
import { fileAt, toBytePath } from './byte-path.ts';

/** What nobody tracks, told apart by a new tree: what would be where it puts something, and what can stay. */
export interface ForeignFiles {
  inWay: string[];
  stay: string[];
}

/**
 * Compares untracked and ignored paths (a directory ends with `/`) with a tree that is to be checked out. A directory that the
 * tree has as well is looked into; an empty one is in nobody's way.
 */
export function compareForeign(root: string, tree: Tree, foreign: Iterable<string>): ForeignFiles {
  const found: ForeignFiles = { inWay: [], stay: [] };
  for (const path of foreign) {
    const isDirectory = path.endsWith('/');
    const names = path.split('/').slice(0, isDirectory ? -1 : undefined);
    let node: TreeNode | undefined = tree;
    for (const name of names) {
      // A file of the tree on the way to it: the directory that holds it would have to go.
      if (node?.kind === 'leaf') break;
      node = node?.entries.get(name);
    }
    compare(root, names.join('/'), isDirectory, node, found);
  }
  return found;
}

function compare(root: string, path: string, isDirectory: boolean, node: TreeNode | undefined, found: ForeignFiles) {
  const shown = isDirectory ? `${path}/` : path;
  if (node === undefined) found.stay.push(shown);
  else if (node.kind === 'leaf' || !isDirectory) found.inWay.push(shown);
  else {
    const entries = readdirSync(fileAt(root, toBytePath(path)), { withFileTypes: true, encoding: 'buffer' });
    for (const entry of entries) {
      const name = pathText(entry.name);
      compare(root, `${path}/${name}`, entry.isDirectory(), node.entries.get(name), found);
    }
  }
}

/** The directories that hold one of these paths at any depth, and those that are among them. */
export function directoriesAround(paths: Iterable<string>): Set<string> {
  const directories = new Set<string>();
  for (const path of paths) {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const directory = path.slice(0, end);
      if (directories.has(directory)) break;
      directories.add(directory);
    }
  }
  return directories;
}
