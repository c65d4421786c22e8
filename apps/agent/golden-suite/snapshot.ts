import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** One entry of a tree. */
export interface SnapshotEntry {
  type: 'file' | 'dir' | 'symlink' | 'other';
  /** Permission bits as four octal digits. */
  mode: string;
  /** Of a file. */
  contents?: Buffer;
  /** Of a link. */
  target?: string;
}

/** A tree at one moment: paths below it, beginning with `/`, the tree itself being `/`. */
export type Snapshot = ReadonlyMap<string, SnapshotEntry>;

/** Something that a run left: new, or changed where something was laid out. */
export interface ObservedFile extends SnapshotEntry {
  path: string;
  /** `modified`: other contents; `mode`: only other permission bits. Absent for what is new. */
  change?: 'modified' | 'mode';
}

/** How a tree differs from what it was. */
export interface TreeChange {
  files: ObservedFile[];
  deleted: string[];
  /** The mode of the tree's own directory, when it changed. */
  rootMode?: string;
}

/** Takes a tree down, links not followed; `leaveOut` are paths below it that are not entered nor listed. */
export function takeSnapshot(root: string, leaveOut: readonly string[] = []): Snapshot {
  const entries = new Map<string, SnapshotEntry>();
  const walk = (path: Buffer, shown: string): void => {
    if (leaveOut.includes(shown)) return;
    const entry = readEntry(path);
    entries.set(shown, entry);
    if (entry.type !== 'dir') return;
    for (const name of readdirSync(path, { encoding: 'buffer' }).sort(Buffer.compare)) {
      walk(Buffer.concat([path, Buffer.from('/'), name]), `${shown === '/' ? '' : shown}/${nameText(name)}`);
    }
  };
  walk(Buffer.from(root), '/');
  return entries;
}

/** What is new, changed or gone. */
export function compareSnapshots(before: Snapshot, after: Snapshot): TreeChange {
  const files: ObservedFile[] = [];
  for (const [path, entry] of after) {
    const old = before.get(path);
    if (path === '/') continue;
    if (old === undefined) files.push({ path, ...entry });
    else if (!sameContents(old, entry)) files.push({ path, ...entry, change: 'modified' });
    else if (old.mode !== entry.mode) files.push({ path, ...entry, change: 'mode' });
  }
  const deleted = [...before.keys()].filter((path) => !after.has(path));
  const rootMode = after.get('/')?.mode;
  return { files, deleted, ...(rootMode !== undefined && rootMode !== before.get('/')?.mode && { rootMode }) };
}

function sameContents(one: SnapshotEntry, other: SnapshotEntry): boolean {
  if (one.type !== other.type || one.target !== other.target) return false;
  return one.contents === undefined || other.contents === undefined || one.contents.equals(other.contents);
}

function readEntry(path: Buffer): SnapshotEntry {
  const stat = lstatSync(path);
  const mode = (stat.mode & 0o7777).toString(8).padStart(4, '0');
  if (stat.isFile()) return { type: 'file', mode, contents: readFileSync(path) };
  if (stat.isSymbolicLink()) return { type: 'symlink', mode, target: readlinkSync(path) };
  return { type: stat.isDirectory() ? 'dir' : 'other', mode };
}

// A name that is no UTF-8 keeps its bytes visible, and cannot be taken for another one.
function nameText(name: Buffer): string {
  const text = name.toString('utf8');
  return Buffer.from(text).equals(name) ? text : `\\bytes:${name.toString('hex')}`;
}
