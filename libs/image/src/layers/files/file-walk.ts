import type { Dirent, Stats } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { isAbsolute, posix, relative, sep } from 'node:path';
import { BatonError, compareText, errnoOf } from '@baton/kernel';
import { type Selection, select } from './glob.ts';

/** One file, directory or link below a layer's source. */
export interface SourceEntry {
  /** Relative to the source, `/`-separated; '' is the source itself. */
  path: string;
  absolute: string;
  type: 'file' | 'directory' | 'symlink';
  /** Bytes of a file, else 0. */
  size: number;
  /** Whether its owner may run it. */
  executable: boolean;
  /** Where a link points, as it says. */
  link?: string;
}

/** Which entries to take, and what a link must not name. */
export interface WalkOptions {
  include?: readonly string[] | undefined;
  exclude?: readonly string[] | undefined;
  /** How messages name the source. */
  name: string;
  /** Absolute directories of this machine that mean nothing inside an image. */
  hostRoots: readonly string[];
  signal?: AbortSignal | undefined;
}

/** What a walk found. */
export interface Walk {
  /** In the order of their path bytes, so directories come before what is in them. */
  entries: SourceEntry[];
  /** Every directory that was looked into: a change in one may change the result. */
  directories: string[];
}

/**
 * Lists what a layer takes from a directory. Links are kept as links and never followed.
 *
 * With `include`, files that match, and the directories that lead to them; `exclude` wins, and an excluded directory is
 * not looked into. Errors: `CONTEXT_INVALID` (socket, device, pipe, name that is not UTF-8, link out of the source),
 * `LAYER_SOURCE_MISSING` (an `include` that matches nothing, or nothing at all), `FILE_UNREADABLE`, `FILE_CHANGED`.
 */
export async function walkSource(root: string, options: WalkOptions): Promise<Walk> {
  const selection = select(options.include, options.exclude);
  const directories: string[] = [];
  const entries: SourceEntry[] = [];

  // Returns whether anything below was taken.
  const visit = async (directory: SourceEntry): Promise<boolean> => {
    options.signal?.throwIfAborted();
    directories.push(directory.absolute);
    let taken = false;
    for (const name of await names(directory.absolute, label(options, directory.path))) {
      const path = directory.path === '' ? name : `${directory.path}/${name}`;
      if (selection.excludes(path)) continue;
      const entry = await describe(`${directory.absolute}${sep}${name}`, path, options);
      const wanted = selection.includes(path);
      if (entry.type === 'directory') {
        if (!(await visit(entry)) && !wanted) continue;
      } else {
        if (!wanted) continue;
        checkLink(entry, options);
      }
      entries.push(entry);
      taken = true;
    }
    return taken;
  };

  const top: SourceEntry = { path: '', absolute: root, type: 'directory', size: 0, executable: true };
  await visit(top);
  demandMatches(selection, entries, options);
  entries.sort((a, b) => compareText(a.path, b.path));
  return { entries: [top, ...entries], directories };
}

/** Looks at one entry without following it. Errors: as {@link walkSource}. */
export async function describe(
  absolute: string,
  path: string,
  options: Pick<WalkOptions, 'name'>,
): Promise<SourceEntry> {
  const name = label(options, path);
  const stats = await lstat(absolute).catch((error: unknown) => {
    throw accessError(error, name);
  });
  const executable = (stats.mode & 0o100) !== 0;
  if (stats.isFile()) return { path, absolute, type: 'file', size: stats.size, executable };
  if (stats.isDirectory()) return { path, absolute, type: 'directory', size: 0, executable };
  if (stats.isSymbolicLink()) {
    const link = await readlink(absolute).catch((error: unknown) => {
      throw accessError(error, name);
    });
    return { path, absolute, type: 'symlink', size: 0, executable, link };
  }
  throw new BatonError('CONTEXT_INVALID', `${name} is ${kindOf(stats)}: a layer holds files, directories and links`, {
    hint: 'Exclude it with `exclude`, or remove it.',
  });
}

/** What it means that a source could not be looked at: unreadable, or gone since it was listed. */
export function accessError(error: unknown, name: string): BatonError {
  const errno = errnoOf(error);
  if (errno === 'EACCES' || errno === 'EPERM') {
    return new BatonError('FILE_UNREADABLE', `${name} cannot be read: permission denied`, {
      hint: 'Check the permissions of the file and of the directories above it, or exclude it with `exclude`.',
      cause: error,
    });
  }
  if (errno === 'ENOENT' || errno === 'ENOTDIR' || errno === 'ELOOP') {
    return changed(name, 'it is not there any more', error);
  }
  return new BatonError('FILE_UNREADABLE', `${name} cannot be read: ${errno ?? String(error)}`, { cause: error });
}

/** A file that was not the same from start to end. */
export function changed(name: string, how: string, cause?: unknown): BatonError {
  return new BatonError('FILE_CHANGED', `${name} changed while it was being read: ${how}`, {
    hint: 'Wait until nothing writes there any more, then run it again.',
    retryable: true,
    cause,
  });
}

async function names(directory: string, name: string): Promise<string[]> {
  const found: Dirent<Buffer>[] = await readdir(directory, { withFileTypes: true, encoding: 'buffer' }).catch(
    (error: unknown) => {
      throw accessError(error, name);
    },
  );
  return found.map((entry) => utf8(entry.name, name)).sort(compareText);
}

function utf8(bytes: Buffer, directory: string): string {
  const text = bytes.toString('utf8');
  if (Buffer.from(text, 'utf8').equals(bytes)) return text;
  const shown = bytes
    .toString('latin1')
    .replace(/[^\x20-\x7e]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
  throw new BatonError('CONTEXT_INVALID', `${directory} holds a name that is not UTF-8: "${shown}"`, {
    hint: 'Rename it: names in an image are UTF-8 everywhere, or mean something else on the next machine.',
  });
}

function demandMatches(selection: Selection, entries: readonly SourceEntry[], options: WalkOptions): void {
  const idle = selection.idle();
  if (idle !== undefined) {
    throw new BatonError('LAYER_SOURCE_MISSING', `include "${idle}" matches nothing in ${options.name}`, {
      hint: 'Correct the glob (it starts at `from`; ** stands for any directories) or remove it.',
    });
  }
  if (entries.length > 0) return;
  const left = options.exclude === undefined ? '' : ' that `exclude` leaves';
  throw new BatonError('LAYER_SOURCE_MISSING', `${options.name} holds nothing${left}`, {
    hint: 'A layer without content is a mistake: build what belongs there, or remove the layer.',
  });
}

function checkLink(entry: SourceEntry, options: WalkOptions): void {
  const { link } = entry;
  if (link === undefined) return;
  const name = label(options, entry.path);
  if (isAbsolute(link)) {
    if (!options.hostRoots.some((root) => isInside(root, link))) return;
    throw new BatonError('CONTEXT_INVALID', `${name} links to ${link}, a place on this machine`, {
      hint: 'Make the link relative: the image has no such directory.',
    });
  }
  const target = posix.normalize(posix.join(posix.dirname(entry.path), link));
  if (target !== '..' && !target.startsWith('../')) return;
  throw new BatonError('CONTEXT_INVALID', `${name} links to ${link}, outside of ${options.name}`, {
    hint: 'Let the layer start at a directory that holds both ends of the link, or exclude the link.',
  });
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

function kindOf(stats: Stats): string {
  if (stats.isSocket()) return 'a socket';
  if (stats.isFIFO()) return 'a named pipe';
  if (stats.isCharacterDevice() || stats.isBlockDevice()) return 'a device';
  return 'neither file nor directory';
}

function label(options: Pick<WalkOptions, 'name'>, path: string): string {
  if (path === '') return options.name;
  return options.name.endsWith('/') ? options.name + path : `${options.name}/${path}`;
}
