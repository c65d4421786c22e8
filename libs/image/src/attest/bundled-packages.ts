import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { compareText, errnoOf, readFileLimited } from '@baton/kernel';
import type { LoadedManifest } from '@baton/manifest';
import { statedLicense } from './license.ts';

/** An npm package, as far as it is known. */
export interface NpmPackage {
  name: string;
  version?: string | undefined;
  /** As the package states it; not yet judged. */
  license?: string | undefined;
  /** `sha512-<base64>`, from the lock file. */
  integrity?: string | undefined;
}

/** What is known of the npm packages in a bundle. */
export interface BundledPackages {
  packages: NpmPackage[];
  /** Why they are not known: there is no list, and the packages are none of it. */
  unknown?: string | undefined;
}

const JSON_LIMIT = 64 * 1024 * 1024;

/**
 * The npm packages of which something is in the bundle: those that esbuild's metafile gives bytes to, with what their
 * `package.json` says, or else the workspace's `package-lock.json`. Undefined for a project without a bundle.
 *
 * Packages of the workspace itself are no npm packages: they are the source that the image is made from.
 */
export async function bundledPackages(project: LoadedManifest): Promise<BundledPackages | undefined> {
  const { bundle } = project.manifest;
  if (bundle === undefined) return undefined;
  if (bundle.metafile === undefined) return { packages: [], unknown: 'agent.yaml names no bundle.metafile' };
  const metafile = (await readJson(resolve(project.dir, bundle.metafile))) as Metafile | undefined;
  if (typeof metafile?.outputs !== 'object') {
    return { packages: [], unknown: `${bundle.metafile} is not there, or is no metafile of esbuild` };
  }
  const places = packagePlaces(metafile, project.dir);
  const locks = new Map<string, Promise<Lock | undefined>>();
  const found = await Promise.all([...places].map(([dir, name]) => describe(dir, name, locks)));
  const once = new Map(found.map((item) => [`${item.name} ${item.version ?? ''}`, item]));
  return { packages: [...once].sort(([a], [b]) => compareText(a, b)).map(([, item]) => item) };
}

interface Metafile {
  outputs?: Record<string, { inputs?: Record<string, { bytesInOutput?: number }> }>;
}

/** Directories of packages, with the name that each is installed under. */
function packagePlaces(metafile: Metafile, dir: string): Map<string, string> {
  const places = new Map<string, string>();
  for (const { inputs } of Object.values(metafile.outputs ?? {})) {
    for (const [input, { bytesInOutput }] of Object.entries(inputs ?? {})) {
      // What tree shaking dropped is not in the image.
      if (bytesInOutput === 0) continue;
      const match = /^(.*(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/@][^/]*))\//.exec(input);
      if (match !== null) places.set(resolve(dir, match[1] ?? ''), match[2] ?? '');
    }
  }
  return places;
}

interface Lock {
  dir: string;
  packages: Record<string, { name?: string; version?: string; license?: string; integrity?: string } | undefined>;
}

async function describe(
  dir: string,
  installedAs: string,
  locks: Map<string, Promise<Lock | undefined>>,
): Promise<NpmPackage> {
  const lock = await lockOf(dir, locks);
  const locked = lock?.packages[relative(lock.dir, dir).split(sep).join('/')];
  const manifest = (await readJson(join(dir, 'package.json'))) as
    | { name?: unknown; version?: unknown; license?: unknown; licenses?: unknown }
    | undefined;
  // What lies there is what was bundled; the lock speaks for it where nothing is installed.
  const name = textOf(manifest?.name) ?? locked?.name ?? installedAs;
  const version = textOf(manifest?.version) ?? locked?.version;
  const license = manifest === undefined ? locked?.license : statedLicense(manifest);
  const integrity = locked?.version === version ? locked?.integrity : undefined;
  return { name, version, license, integrity };
}

function lockOf(dir: string, locks: Map<string, Promise<Lock | undefined>>): Promise<Lock | undefined> {
  let above = dir.slice(0, dir.indexOf(`${sep}node_modules${sep}`));
  for (; !existsSync(join(above, 'package-lock.json')); above = dirname(above)) {
    if (existsSync(join(above, '.git')) || dirname(above) === above) return Promise.resolve(undefined);
  }
  const known = locks.get(above) ?? readLock(above);
  locks.set(above, known);
  return known;
}

async function readLock(dir: string): Promise<Lock | undefined> {
  const value = (await readJson(join(dir, 'package-lock.json'))) as { packages?: Lock['packages'] } | undefined;
  return value?.packages === undefined ? undefined : { dir, packages: value.packages };
}

/** Parsed JSON; undefined when there is no such file, or no JSON in it. */
async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse((await readFileLimited(path, JSON_LIMIT)).toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError || ['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '')) return undefined;
    throw error;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
