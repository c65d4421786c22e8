import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { effect, ensureDir, Hasher } from '@baton/kernel';
import { readTar, type TarReadEntry } from '@baton/oci';
import type { TreeNode } from './tree-snapshot.ts';

/** How the archive of a tree is read. */
export interface TarRules {
  /** For errors. */
  where: string;
  /** What the tree was before, and where the contents go of files that are not as they were. */
  since?: { before: TreeNode; directory: string };
  /** Paths (`/a/b`) whose directories somebody laid out; all others came with an image. */
  laid: ReadonlySet<string>;
}

type Branch = TreeNode & { children?: Map<string, TreeNode> };

/** A tree as its archive tells it: the same as `takeTree` gives, hard links as the files that they are. */
export async function tarTree(archive: AsyncIterable<Uint8Array>, rules: TarRules): Promise<TreeNode> {
  const root: Branch = { type: 'dir', mode: '0755', size: 0, path: Buffer.from(''), children: new Map() };
  let count = 0;
  const unneeded = new Set<Buffer>();
  if (rules.since !== undefined) await ensureDir(rules.since.directory);
  for await (const entry of readTar(archive, rules.where)) {
    const { header } = entry;
    count += 1;
    const spool = rules.since && join(rules.since.directory, String(count));
    const node = await nodeOf(entry, spool, root);
    const old = rules.since && find(rules.since.before, header.path);
    const isSame = node.digest !== undefined && node.digest === old?.digest && node.mode === old.mode;
    // A hard link shares the contents of its target, which are then needed.
    if (isSame && header.type === 'file') unneeded.add(node.path);
    else unneeded.delete(node.path);
    if (node.type === 'dir' && !rules.laid.has(`/${header.path}`)) node.inherited = true;
    place(root, header.path, node);
  }
  for (const path of unneeded) await effect('unlink', String(path), () => rm(path, { force: true }));
  sort(root);
  return root;
}

async function nodeOf({ header, body }: TarReadEntry, spool: string | undefined, root: Branch): Promise<Branch> {
  const mode = (header.mode & 0o7777).toString(8).padStart(4, '0');
  const node = { mode, size: 0, path: Buffer.from(spool ?? '') };
  if (header.type === 'directory') return { ...node, type: 'dir', children: new Map() };
  if (header.type === 'symlink') return { ...node, mode: '0777', type: 'symlink', target: header.linkTarget ?? '' };
  if (header.type === 'hardlink') return find(root, header.linkTarget ?? '') ?? { ...node, type: 'other' };
  if (header.type !== 'file') return { ...node, type: 'other' };
  const hasher = new Hasher();
  const hashed = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      hasher.update(chunk);
      yield chunk;
    }
  };
  if (spool === undefined) for await (const _ of hashed());
  else await effect('write', spool, () => pipeline(hashed(), createWriteStream(spool, { mode: 0o600 })));
  return { ...node, type: 'file', size: header.size, digest: hasher.digest() };
}

function place(root: Branch, path: string, node: Branch): void {
  const parts = path.split('/');
  const name = parts.pop() ?? '';
  let at = root;
  for (const part of parts) {
    const next: Branch = (at.children?.get(part) as Branch | undefined) ?? {
      type: 'dir',
      mode: '0755',
      size: 0,
      path: Buffer.from(''),
      children: new Map(),
    };
    at.children?.set(part, next);
    at = next;
  }
  at.children?.set(name, node);
}

function find(root: TreeNode, path: string): Branch | undefined {
  return path.split('/').reduce<TreeNode | undefined>((at, part) => at?.children?.get(part), root) as
    | Branch
    | undefined;
}

function sort(node: Branch): void {
  if (node.children === undefined) return;
  const sorted = [...node.children].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  node.children = new Map(sorted);
  for (const child of node.children.values()) sort(child as Branch);
}
