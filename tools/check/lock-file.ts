import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Step } from './step.ts';

/** The part of an entry of package-lock.json that is judged. */
export interface LockEntry {
  version?: string;
  resolved?: string;
  integrity?: string;
  link?: boolean;
  optionalDependencies?: Record<string, string>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

/** The lock file is complete for every platform and names no registry; every version is exact; Node is pinned once. */
export const lockFile: Step = {
  name: 'lock',
  async run(root) {
    const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, LockEntry>;
    };
    const pinned = (await readFile(join(root, '.node-version'), 'utf8')).trim();
    const problems = judgeLock(lock.packages);
    const inLock = lock.packages['node_modules/node']?.version;
    if (inLock !== pinned)
      problems.push(`.node-version says ${pinned}, the lock file has node ${inLock ?? 'not at all'}`);
    return { summary: `${Object.keys(lock.packages).length} packages`, problems };
  },
};

/** What is wrong with the entries of a lock file. */
export function judgeLock(packages: Readonly<Record<string, LockEntry>>): string[] {
  return Object.entries(packages).flatMap(([path, entry]) => [
    ...judgeSource(path, entry),
    ...lackingPlatforms(path, entry, packages),
    ...(path.includes('node_modules/') ? [] : looseVersions(path, entry)),
  ]);
}

function judgeSource(path: string, entry: LockEntry): string[] {
  if (!path.includes('node_modules/') || entry.link === true) return [];
  const problems: string[] = [];
  if (entry.resolved !== undefined)
    problems.push(`${path} names where it came from: .npmrc must omit resolved addresses`);
  if (entry.integrity === undefined) problems.push(`${path} has no integrity`);
  return problems;
}

// A native tool lists a package for each platform. A registry that lags has only some of them, npm then writes an
// incomplete lock, and `npm ci` breaks on other machines.
function lackingPlatforms(path: string, entry: LockEntry, packages: Readonly<Record<string, LockEntry>>): string[] {
  return Object.keys(entry.optionalDependencies ?? {})
    .filter((name) => !places(path, name).some((place) => packages[place] !== undefined))
    .map((name) => `${path} lists ${name}, which has no entry: npm ci fails elsewhere`);
}

/** Where Node would look for a package, from the innermost directory outwards. */
function places(from: string, name: string): string[] {
  const found = [from === '' ? `node_modules/${name}` : `${from}/node_modules/${name}`];
  for (let at = from.lastIndexOf('node_modules/'); at >= 0; at = from.lastIndexOf('node_modules/', at - 1)) {
    found.push(`${from.slice(0, at)}node_modules/${name}`);
    if (at === 0) return found;
  }
  return [...found, `node_modules/${name}`];
}

function looseVersions(path: string, entry: LockEntry): string[] {
  return Object.entries({ ...entry.dependencies, ...entry.devDependencies })
    .filter(([name, version]) => !name.startsWith('@baton/') && !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    .map(([name, version]) => `${path === '' ? 'package.json' : path} asks for ${name} ${version}: versions are exact`);
}
