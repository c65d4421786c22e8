import { createHash } from 'node:crypto';
import { type BigIntStats, lstatSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What tells that a path is as it was: for a file size, times, inode and mode, for a directory the names in it, for a
 * link where it leads. Absent paths have one too, so that their appearance is seen.
 */
export type Fingerprint = string;

/** Fingerprints by path; of a directory whose path ends in `/`, `dist`, `node_modules` and `.git` do not count. */
export type Fingerprints = Record<string, Fingerprint>;

// Made by builds and installs, and never an input by being there.
const NOT_BELOW = new Set(['node_modules', '.git']);
const NOT_INPUT = new Set(['dist', ...NOT_BELOW]);

/** The newest change among fingerprinted paths, in nanoseconds since 1970. */
export interface Newest {
  ns: bigint;
}

/** Takes the fingerprint of one path; `newest` learns when a file changed last. */
export function fingerprint(path: string, newest?: Newest): Fingerprint {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (stats === undefined) return 'absent';
  if (stats.isDirectory()) return directoryFingerprint(path, stats);
  const changed = stats.ctimeNs > stats.mtimeNs ? stats.ctimeNs : stats.mtimeNs;
  if (newest !== undefined && changed > newest.ns) newest.ns = changed;
  const link = stats.isSymbolicLink() ? `>${readlinkSync(path)}` : '';
  return `${stats.size} ${stats.mtimeNs} ${stats.ctimeNs} ${stats.ino} ${stats.mode}${link}`;
}

function directoryFingerprint(path: string, stats: BigIntStats): Fingerprint {
  const all = readdirSync(path);
  const names = path.endsWith('/') ? all.filter((name) => !NOT_INPUT.has(name)) : all;
  const hash = createHash('sha256').update(names.sort().join('\0')).digest('base64url').slice(0, 22);
  return `${stats.mode} ${names.length} ${hash}`;
}

/** Fingerprints of many paths, taken at once. */
export function fingerprints(paths: Iterable<string>, newest?: Newest): Fingerprints {
  const taken: Fingerprints = {};
  for (const path of paths) taken[path] ??= fingerprint(path, newest);
  return taken;
}

/** The first path that is no longer as it was, or undefined. */
export function firstChange(taken: Fingerprints): string | undefined {
  for (const path in taken) {
    try {
      if (fingerprint(path) !== taken[path]) return path;
    } catch {
      // Gone or closed between two calls: whatever it is now, it is not what it was.
      return path;
    }
  }
  return undefined;
}

/**
 * All paths below `root` (a file or a directory) that a build may read: files, links with what they lead to, and the
 * directories themselves, without `node_modules` and `.git`, and without a `dist` right below `root`.
 */
export function walk(root: string, found: Set<string> = new Set()): Set<string> {
  return collect(root, found, NOT_INPUT);
}

function collect(root: string, found: Set<string>, leaveOut: ReadonlySet<string>): Set<string> {
  const stats = lstatSync(root, { throwIfNoEntry: false });
  if (stats?.isSymbolicLink() === true) {
    found.add(root);
    const target = realpathOrUndefined(root);
    return target === undefined || found.has(target) ? found : collect(target, found, NOT_BELOW);
  }
  if (stats?.isDirectory() !== true) return found.add(root);
  const marked = root.endsWith('/') ? root : `${root}/`;
  if (found.has(marked)) return found;
  found.add(marked);
  for (const entry of readdirSync(root, { withFileTypes: true })) {
    if (leaveOut.has(entry.name)) continue;
    const path = join(root, entry.name);
    if (entry.isFile()) found.add(path);
    else collect(path, found, NOT_BELOW);
  }
  return found;
}

function realpathOrUndefined(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    // A dangling link: its own fingerprint is all there is to watch.
    return undefined;
  }
}
