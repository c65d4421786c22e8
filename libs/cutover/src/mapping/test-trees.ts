import { createHash } from 'node:crypto';
import {
  changeTree,
  EMPTY_TREE,
  type Leaf,
  type LeafMode,
  type ObjectId,
  type Tree,
  treeObjects,
  walkLeaves,
} from '@baton/git';
import type { PathOperation } from '../model/manifest.ts';
import { type Mapping, mapPaths } from './map-paths.ts';

/** The id of a blob with this text. */
export function blobId(text: string): ObjectId {
  return createHash('sha1')
    .update(`blob ${Buffer.byteLength(text)}\0${text}`)
    .digest('hex');
}

/** A tree of files: `path: content`; `content` may begin with `x:` (executable), `l:` (link to the rest) or `g:` (submodule). */
export function treeFrom(files: Record<string, string>): Tree {
  const leaves = Object.entries(files).map(([path, content]): [string, Leaf] => [path, leafOf(content)]);
  return changeTree(EMPTY_TREE, new Map(leaves));
}

/** What {@link treeFrom} was made of, as far as ids tell. */
export function listing(tree: Tree): Record<string, string> {
  return Object.fromEntries(
    [...walkLeaves(tree)].map(({ path, leaf }) => [path, `${leaf.mode} ${leaf.id.slice(0, 7)}`]),
  );
}

/** The same for files. */
export function listed(files: Record<string, string>): Record<string, string> {
  return listing(treeFrom(files));
}

/** The id of the root. */
export function treeId(tree: Tree): ObjectId {
  return treeObjects('sha1', tree).id;
}

/** Maps a tree of files; links lead where their content says. */
export async function mapFiles(
  files: Record<string, string>,
  operations: readonly PathOperation[],
  beside: Record<string, string> = {},
): Promise<Mapping> {
  const targets = new Map(
    Object.values(files).flatMap((content) =>
      content.startsWith('l:') ? [[blobId(content.slice(2)), content.slice(2)] as const] : [],
    ),
  );
  return await mapPaths(treeFrom(files), operations, {
    format: 'sha1',
    files: new Map(Object.entries(beside).map(([name, text]) => [name, Buffer.from(text)])),
    readLinks: async (ids) => new Map(ids.flatMap((id) => (targets.has(id) ? [[id, targets.get(id) ?? '']] : []))),
  });
}

function leafOf(content: string): Leaf {
  const modes: Record<string, LeafMode> = { 'x:': '100755', 'l:': '120000', 'g:': '160000' };
  const mode = modes[content.slice(0, 2)];
  return { kind: 'leaf', mode: mode ?? '100644', id: blobId(mode === undefined ? content : content.slice(2)) };
}
