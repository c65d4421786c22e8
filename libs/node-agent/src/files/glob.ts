import { lstatSync } from 'node:fs';
import { encodeOs } from '../python-text/index.ts';
import { isOsError } from './os-error.ts';
import { isDirectory, joinPath, list, splitPath } from './paths.ts';
import { hasPattern, shellPattern } from './shell-pattern.ts';

/**
 * The paths that a shell pattern stands for, with the rules of Python's glob: every component may be a pattern, hidden names are
 * met only by patterns that begin with a dot, directories that cannot be listed have no names (contract, section 10, T26).
 *
 * The last component may be a dangling link, or a directory.
 */
export function glob(pattern: string): string[] {
  return globPaths(pattern, false);
}

function globPaths(pattern: string, directoriesOnly: boolean): string[] {
  const [directory, name] = splitPath(pattern);
  if (!hasPattern(pattern)) return isThere(directory, name, pattern) ? [pattern] : [];
  const directories = hasPattern(directory) ? globPaths(directory, true) : [directory];
  if (!hasPattern(name)) {
    return directories
      .map((found) => joinPath(found, name))
      .filter((path, i) => isThere(directories[i] ?? '', name, path));
  }
  return directories.flatMap((found) => matching(found, name, directoriesOnly).map((entry) => joinPath(found, entry)));
}

/** A pattern that ends in a slash is for directories. */
function isThere(directory: string, name: string, path: string): boolean {
  return name === '' ? isDirectory(directory) : isName(path);
}

function matching(directory: string, pattern: string, directoriesOnly: boolean): string[] {
  const test = shellPattern(pattern);
  return namesIn(directory).filter((name) => {
    const hidden = name.startsWith('.') && !pattern.startsWith('.');
    return !hidden && test(name) && (!directoriesOnly || isDirectory(joinPath(directory, name)));
  });
}

function namesIn(directory: string): string[] {
  try {
    return list(directory === '' ? '.' : directory);
  } catch (error) {
    if (isOsError(error)) return [];
    throw error;
  }
}

/** Whether a name is taken, be it by a dangling link. */
function isName(path: string): boolean {
  try {
    return lstatSync(encodeOs(path), { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}
