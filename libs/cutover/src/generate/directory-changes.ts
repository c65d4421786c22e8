import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type Leaf, type LeafMode, leafAt, pathBytes, pathText, type Tree } from '@baton/git';
import { compareText } from '@baton/kernel';

/** What tells that a file was touched; the change time cannot be set by a program. */
export type DirectorySnapshot = ReadonlyMap<string, string>;

/** A path of a directory that no longer is what the tree says. */
export interface DirectoryChange {
  path: string;
  /** Undefined: the tree has no such file. */
  before: Leaf | undefined;
  /** Undefined: it was removed. */
  after: { mode: LeafMode; bytes: Buffer } | undefined;
}

/** Looks at every file and link below a directory; nothing is read. */
export async function snapshotDirectory(dir: string): Promise<DirectorySnapshot> {
  const files = new Map<string, string>();
  const walk = async (below: string): Promise<void> => {
    const here = Buffer.concat([Buffer.from(`${dir}/`), pathBytes(below)]);
    for (const entry of await readdir(here, { withFileTypes: true, encoding: 'buffer' })) {
      const name = pathText(entry.name);
      const path = below === '' ? name : `${below}/${name}`;
      if (entry.isDirectory()) {
        await walk(path);
        continue;
      }
      const { mode, size, ino, ctimeNs } = await lstat(fileAt(dir, path), { bigint: true });
      files.set(path, `${mode} ${size} ${ino} ${ctimeNs}`);
    }
  };
  await walk('');
  return files;
}

/** The files that differ from the tree that was checked out; those that the snapshot knows unchanged are not read. */
export async function changesSince(dir: string, snapshot: DirectorySnapshot, tree: Tree): Promise<DirectoryChange[]> {
  const now = await snapshotDirectory(dir);
  const changes: DirectoryChange[] = [];
  for (const [path, facts] of now) {
    if (snapshot.get(path) === facts) continue;
    changes.push({ path, before: leafAt(tree, path), after: await readEntry(dir, path) });
  }
  for (const path of snapshot.keys()) {
    if (!now.has(path)) changes.push({ path, before: leafAt(tree, path), after: undefined });
  }
  return changes.sort((a, b) => compareText(a.path, b.path));
}

async function readEntry(dir: string, path: string): Promise<DirectoryChange['after']> {
  const file = fileAt(dir, path);
  const found = await lstat(file);
  if (found.isSymbolicLink()) return { mode: '120000', bytes: await readlink(file, { encoding: 'buffer' }) };
  // Sockets and pipes are nothing that a tree can have: an empty file stands for them, and is no declared output.
  if (!found.isFile()) return { mode: '100644', bytes: Buffer.alloc(0) };
  return { mode: (found.mode & 0o100) === 0 ? '100644' : '100755', bytes: await readFile(file) };
}

function fileAt(dir: string, path: string): Buffer {
  return Buffer.concat([Buffer.from(join(dir, '/')), pathBytes(path)]);
}
