import type { Tree } from '../objects.ts';
import { pathBytes } from '../path-text.ts';

/**
 * The content of the index extension `TREE` for an index that is exactly this tree: with it git sees without reading a tree that
 * nothing is staged. Undefined for a tree that is not hashed. gitformat-index(5), "Cache tree".
 */
export function cacheTreeOf(root: Tree): Buffer | undefined {
  const parts: Buffer[] = [];
  const visit = (name: Buffer, tree: Tree): boolean => {
    if (tree.id === undefined) return false;
    const subtrees = [...tree.entries].flatMap(([child, node]) =>
      node.kind === 'tree' ? [{ name: pathBytes(child), node }] : [],
    );
    parts.push(name, Buffer.from(`\0${tree.leaves} ${subtrees.length}\n`, 'latin1'), Buffer.from(tree.id, 'hex'));
    // Git keeps them by length, then by bytes, and finds them by halving.
    subtrees.sort((a, b) => a.name.byteLength - b.name.byteLength || Buffer.compare(a.name, b.name));
    return subtrees.every((subtree) => visit(subtree.name, subtree.node));
  };
  return visit(Buffer.alloc(0), root) ? Buffer.concat(parts) : undefined;
}
