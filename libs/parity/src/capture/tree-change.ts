import { constants } from 'node:fs';
import { copyFile, link, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { effect, ensureDir, errnoOf } from '@baton/kernel';
import type { Content, TreeChange, TreeRow } from '../model/observation.ts';
import { digestOf, MOST_IN_MEMORY, type TreeNode } from './tree-snapshot.ts';

/** Keeps the contents of files that are too large for memory. */
export interface Keeper {
  keep(path: Buffer, size: number): Promise<Content>;
}

/** What there is to say about a tree besides its two moments. */
export interface ChangeRules {
  /** As in `takeTree`. */
  leaveOut: ReadonlySet<string>;
  /** Directories that count as laid out although an image brought them. */
  usual: ReadonlySet<string>;
  keeper: Keeper;
}

/**
 * What is new, changed or gone between two moments of a tree.
 *
 * A directory that an image brought is told as new when something below it is: a subject without that image would have
 * had to make it, and what is compared is where both end.
 */
export async function treeChange(
  before: TreeNode,
  after: TreeNode,
  { leaveOut, usual, keeper }: ChangeRules,
): Promise<TreeChange> {
  const rows: TreeRow[] = [];
  const deleted: string[] = [];

  const rowOf = async (path: string, node: TreeNode): Promise<TreeRow> => ({
    path,
    type: node.type,
    mode: node.mode,
    ...(node.type === 'file' && { contents: await keeper.keep(node.path, node.size) }),
    ...(node.target !== undefined && { target: node.target }),
  });
  const gone = (path: string, node: TreeNode): void => {
    deleted.push(path);
    below(path, node, gone);
  };
  const below = (path: string, node: TreeNode, use: (path: string, node: TreeNode) => void): void => {
    for (const [name, child] of node.children ?? []) {
      const at = `${path}/${name}`;
      if (!leaveOut.has(at)) use(at, child);
    }
  };
  const look = async (path: string, old: TreeNode | undefined, now: TreeNode): Promise<void> => {
    if (old === now) return;
    const place = rows.length;
    const inherited = path !== '' && old?.inherited === true && now.type === 'dir' && !usual.has(path);
    if (path !== '' && !inherited) {
      if (old === undefined) rows.push(await rowOf(path, now));
      else if (!(await sameContents(old, now))) rows.push({ ...(await rowOf(path, now)), change: 'modified' });
      else if (old.mode !== now.mode) rows.push({ ...(await rowOf(path, now)), change: 'mode' });
    }
    for (const [name, child] of now.children ?? []) {
      const at = `${path}/${name}`;
      if (!leaveOut.has(at)) await look(at, old?.children?.get(name), child);
    }
    if (inherited && (rows.length > place || old.mode !== now.mode)) rows.splice(place, 0, await rowOf(path, now));
    if (old !== undefined) below(path, old, (at, child) => goneUnless(now, at, child));
  };
  const goneUnless = (now: TreeNode, at: string, child: TreeNode): void => {
    if (now.children?.has(at.slice(at.lastIndexOf('/') + 1)) !== true) gone(at, child);
  };

  await look('', before, after);
  return { rows, deleted, ...(before.mode !== after.mode && { rootMode: after.mode }) };
}

/** Keeps large contents as files in `directory`, by a link where the disk allows it. */
export function fileKeeper(directory: string): Keeper {
  let count = 0;
  return {
    async keep(path, size) {
      if (size <= MOST_IN_MEMORY) return { kind: 'bytes', bytes: await readFile(path) };
      await ensureDir(directory);
      count += 1;
      const kept = join(directory, String(count));
      await effect('link', kept, () =>
        link(path, kept).catch(async (error: unknown) => {
          if (errnoOf(error) !== 'EXDEV' && errnoOf(error) !== 'EPERM' && errnoOf(error) !== 'EMLINK') throw error;
          await copyFile(path, kept, constants.COPYFILE_FICLONE);
        }),
      );
      return { kind: 'file', path: kept, size };
    },
  };
}

async function sameContents(one: TreeNode, other: TreeNode): Promise<boolean> {
  if (one.type !== other.type || one.target !== other.target || one.size !== other.size) return false;
  return one.type !== 'file' || (await digestOf(one)) === (await digestOf(other));
}
