import { BatonError } from '@baton/kernel';
import { hashObject } from './hash-object.ts';
import type { NewObject, ObjectFormat, ObjectId, Tree } from './objects.ts';
import { displayPath, pathBytes } from './path-text.ts';
import { sortedEntries } from './trees.ts';

/**
 * The tree objects of directories that were put together (`id` undefined), and the id of the root; nothing else is hashed.
 * Directories without entries are left out: git has none.
 *
 * @throws BatonError `GIT_FAILED` for a name that no git accepts: empty, `.`, `..`, `.git`, with `/` or NUL
 */
export function treeObjects(format: ObjectFormat, root: Tree): { id: ObjectId; objects: NewObject[] } {
  const objects = new Map<ObjectId, NewObject>();
  return { id: hashTree(format, root, objects), objects: [...objects.values()] };
}

function hashTree(format: ObjectFormat, tree: Tree, objects: Map<ObjectId, NewObject>): ObjectId {
  if (tree.id !== undefined) return tree.id;
  const parts: Buffer[] = [];
  for (const [name, node] of sortedEntries(tree)) {
    if (node.kind === 'tree' && node.id === undefined && node.entries.size === 0) continue;
    checkName(name);
    const id = node.kind === 'tree' ? hashTree(format, node, objects) : node.id;
    // An entry is "<mode> <name>\0<id in bytes>", a directory's mode without the leading zero.
    parts.push(Buffer.from(node.kind === 'tree' ? '40000 ' : `${node.mode} `, 'latin1'), pathBytes(name), NUL);
    parts.push(Buffer.from(id, 'hex'));
  }
  const object = hashObject(format, 'tree', Buffer.concat(parts));
  objects.set(object.id, object);
  return object.id;
}

const NUL = Buffer.from([0]);

function checkName(name: string): void {
  const bad = name === '' || name === '.' || name === '..' || name.includes('/') || name.includes('\0');
  if (!bad && !(name.length === 4 && name.toLowerCase() === '.git')) return;
  throw new BatonError(
    'GIT_FAILED',
    `${JSON.stringify(displayPath(name))} cannot be the name of a file in a repository`,
  );
}
