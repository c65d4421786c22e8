import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { BatonError, errnoOf } from '@baton/kernel';

/** A path as a caller wrote it, and as git knows it: relative to the root, `.` for the root itself. */
export interface TrackedPath {
  given: string;
  inside: string;
}

/**
 * Translates paths (absolute, or relative to the root) into git's. Directories on the way are resolved, because git
 * knows the real ones; the last component is not, because git tracks links as such. A path need not exist.
 *
 * @param root the real path of the work tree
 * @throws BatonError `GIT_FAILED` for a path outside of the repository
 */
export async function trackedPaths(root: string, paths: readonly string[]): Promise<TrackedPath[]> {
  const unique = [...new Set(paths)];
  return await Promise.all(unique.map(async (given) => ({ given, inside: await insideOf(root, given) })));
}

async function insideOf(root: string, given: string): Promise<string> {
  const path = resolve(root, given);
  // Asked first without links, so that the ordinary case touches no file.
  const plain = below(root, path);
  const real = path === dirname(path) ? path : join(await realDir(dirname(path)), basename(path));
  const inside = below(root, real) ?? (plain === '.' || (await realDir(path)) === root ? '.' : undefined);
  if (inside !== undefined) return inside;
  throw new BatonError('GIT_FAILED', `${given} is outside of the repository ${root}`, {
    hint: 'Only paths inside the repository have a history: move it in, or leave it out of the inputs.',
  });
}

function below(root: string, path: string): string | undefined {
  const way = relative(root, path);
  if (way === '') return '.';
  return way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way) ? undefined : way;
}

/** The real path of a directory of which the last components may not exist. */
async function realDir(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    const errno = errnoOf(error);
    if ((errno !== 'ENOENT' && errno !== 'ENOTDIR') || dirname(path) === path) throw error;
    return join(await realDir(dirname(path)), basename(path));
  }
}
