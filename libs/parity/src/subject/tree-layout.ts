import {
  chmodSync,
  copyFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { effect, errnoOf } from '@baton/kernel';
import type { FixtureEntry } from '../model/scenario.ts';
import { contentsOfEntry } from './generated-contents.ts';
import { followedInside, insideRoot } from './inside-root.ts';

/** What the base `busybox` can run; all of them are links to one static busybox. */
export const APPLETS =
  'sh env cat printf sleep kill dd echo sort pwd ls stat test true false mkdir rm head tail tr seq date touch id chmod readlink grep wc od yes cut basename dirname ln mv cp'.split(
    ' ',
  );

/** Lays entries out below `root`, in their order; parents that are missing get mode 0755. Links never lead out of it. */
export async function layEntries(root: string, entries: readonly FixtureEntry[]): Promise<void> {
  for (const entry of entries) await effect('write', join(root, entry.path), () => layEntry(root, entry));
}

function layEntry(root: string, entry: FixtureEntry): void {
  const path = entry.type === 'dir' ? followedInside(root, entry.path) : insideRoot(root, entry.path);
  if (entry.type === 'delete') {
    rmSync(path, { recursive: true, force: true });
    return;
  }
  makeDirectories(dirname(path));
  // A link that lies there is replaced: what is written must not go where it leads.
  if (entry.type !== 'dir' && lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true) rmSync(path);
  if (entry.type === 'symlink') symlinkSync(entry.target ?? '', path);
  else if (entry.type === 'dir') makeDirectories(path);
  else writeFileSync(path, contentsOfEntry(entry));
  if (entry.type === 'symlink') return;
  chmodSync(path, Number.parseInt(entry.mode ?? (entry.type === 'dir' ? '755' : '644'), 8));
  if (entry.mtime !== undefined) utimesSync(path, entry.mtime, entry.mtime);
}

/** Makes a directory and those above it with mode 0755, whatever the umask. */
export function makeDirectories(path: string): void {
  const first = mkdirSync(path, { recursive: true });
  if (first === undefined) return;
  for (let at = path; at.length >= first.length; at = dirname(at)) chmodSync(at, 0o755);
}

/** Puts busybox and its links into `root`/bin, and an empty /tmp beside it. */
export async function layBusyboxRoot(root: string, busybox: string, removed: readonly string[] = []): Promise<void> {
  await effect('write', join(root, 'bin'), () => {
    makeDirectories(join(root, 'bin'));
    linkOrCopy(busybox, join(root, 'bin/busybox'));
    for (const applet of APPLETS) {
      if (!removed.includes(applet)) symlinkSync('busybox', join(root, 'bin', applet));
    }
    makeDirectories(join(root, 'tmp'));
    chmodSync(join(root, 'tmp'), 0o1777);
  });
}

function linkOrCopy(source: string, target: string): void {
  try {
    linkSync(source, target);
  } catch (error) {
    if (errnoOf(error) !== 'EXDEV' && errnoOf(error) !== 'EMLINK' && errnoOf(error) !== 'EPERM') throw error;
    copyFileSync(source, target);
  }
}

/** Makes directories of a tree, with their modes, where nothing is yet. */
export async function layDirectories(root: string, modes: Readonly<Record<string, number>>): Promise<void> {
  for (const [name, mode] of Object.entries(modes)) {
    const path = insideRoot(root, name);
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) continue;
    await effect('mkdir', path, () => {
      makeDirectories(path);
      chmodSync(path, mode);
    });
  }
}
