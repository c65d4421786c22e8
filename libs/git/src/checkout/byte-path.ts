import type { Leaf, Tree } from '../objects.ts';
import { pathBytes, pathText } from '../path-text.ts';

/**
 * A path as the index has it: one character for each byte (latin1), so that comparing and sorting texts is comparing bytes, and
 * a quarter of a million of them cost little.
 */
export type BytePath = string;

/** The bytes of a path that is text as `pathText` gives it. */
export function toBytePath(text: string): BytePath {
  return isAscii(text) ? text : pathBytes(text).toString('latin1');
}

/** The text of a path, as `pathText` gives it. */
export function fromBytePath(path: BytePath): string {
  return isAscii(path) ? path : pathText(Buffer.from(path, 'latin1'));
}

/** A file below a directory, as file system calls want it: text where it can be, bytes where it must. */
export function fileAt(root: string, path: BytePath): string | Buffer {
  if (path === '') return root;
  return isAscii(path) ? `${root}/${path}` : Buffer.concat([Buffer.from(`${root}/`), Buffer.from(path, 'latin1')]);
}

/** The directory that holds a path; empty for the root. */
export function parentOf(path: BytePath): BytePath {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** Every leaf of a tree by its path. */
export function leavesOf(tree: Tree): Map<BytePath, Leaf> {
  const leaves = new Map<BytePath, Leaf>();
  const visit = (directory: Tree, prefix: string): void => {
    for (const [name, node] of directory.entries) {
      const path = prefix + toBytePath(name);
      if (node.kind === 'leaf') leaves.set(path, node);
      else visit(node, `${path}/`);
    }
  };
  visit(tree, '');
  return leaves;
}

function isAscii(text: string): boolean {
  return /^[\x00-\x7f]*$/.test(text);
}
