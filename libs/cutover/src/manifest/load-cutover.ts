import { lstat, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { entryAt, type ObjectStore } from '@baton/git';
import { BatonError, errnoOf, Hasher, plural, readFileLimited, toBatonError } from '@baton/kernel';
import { parseYamlForm } from '@baton/manifest';
import type { CutoverManifest } from '../model/manifest.ts';
import { cutoverSchema, manifestOf } from './schema.ts';
import { takenIn } from './taken-in.ts';
import { fillVariables } from './variables.ts';

/** The name of the manifest in a repository. */
export const CUTOVER_NAME = 'cutover.yaml';

/** Bytes that the manifest, and each file that it takes in, may have. */
const LIMIT = 16 * 1024 * 1024;

/** A manifest, the files that it takes in, and their common digest. */
export interface LoadedCutover {
  /** The file's name, for messages. */
  where: string;
  manifest: CutoverManifest;
  /** `sha256:...` of the manifest's bytes and of path and bytes of each file that it takes in. */
  digest: string;
  /** The manifest's own bytes. */
  bytes: Buffer;
  /** Files named by `from:`, by that name. */
  files: ReadonlyMap<string, Buffer>;
  /** The directory of the manifest on disk; undefined when it was read from a tree. */
  dir: string | undefined;
}

/** A manifest in a commit: `path` is of the repository. */
export interface CutoverInTree {
  store: ObjectStore;
  /** Any revision. */
  commit: string;
  /** `cutover.yaml` in the root when left out. */
  path?: string;
}

/**
 * Reads and checks a manifest, with the files beside it that it takes in.
 *
 * @param source the file, or the directory that holds `cutover.yaml`; or a commit that has it
 * @throws BatonError `CUTOVER_NOT_FOUND`; `CUTOVER_INVALID` with line and column of every problem; `FILE_UNREADABLE`
 */
export async function loadCutover(source: string | CutoverInTree): Promise<LoadedCutover> {
  return typeof source === 'string' ? await fromDisk(source) : await fromTree(source);
}

/** Checks the bytes of a manifest and fills in its variables and defaults. @throws BatonError `CUTOVER_INVALID` */
export function parseCutover(bytes: Uint8Array, where: string): CutoverManifest {
  const form = parseYamlForm(bytes, where, {
    schema: cutoverSchema,
    code: () => 'CUTOVER_INVALID',
    smallest: 'A cutover has at least version, name and commit; "baton cutover init" writes a first one.',
    prepare: fillVariables,
  });
  return manifestOf(form);
}

async function fromDisk(given: string): Promise<LoadedCutover> {
  const path = await manifestPath(given);
  const dir = dirname(resolve(path));
  const bytes = await readOrUndefined(path);
  if (bytes === undefined) throw notFound(path, await aboveOf(dir));
  const manifest = parseCutover(bytes, path);
  return await complete(path, manifest, bytes, dir, async (name) => {
    await refuseLinks(dir, name, path);
    return await readOrUndefined(join(dir, name));
  });
}

async function fromTree({ store, commit, path = CUTOVER_NAME }: CutoverInTree): Promise<LoadedCutover> {
  const tree = await store.readTree(await store.resolveCommit(commit));
  const where = `${commit}:${path}`;
  const read = async (name: string): Promise<Buffer | undefined> => {
    const entry = entryAt(tree, name);
    if (entry === undefined || entry.kind === 'tree') return undefined;
    if (entry.mode === '100644' || entry.mode === '100755') return await store.readBlob(entry.id);
    throw new BatonError('CUTOVER_INVALID', `expected a file at ${commit}:${name}, found a link or submodule`, {
      hint: 'A link could lead anywhere: put the file itself there.',
    });
  };
  const bytes = await read(path);
  if (bytes === undefined) throw notFound(where);
  const beside = path.includes('/') ? path.slice(0, path.lastIndexOf('/') + 1) : '';
  return await complete(where, parseCutover(bytes, where), bytes, undefined, (name) => read(`${beside}${name}`));
}

async function complete(
  where: string,
  manifest: CutoverManifest,
  bytes: Buffer,
  dir: string | undefined,
  read: (name: string) => Promise<Buffer | undefined>,
): Promise<LoadedCutover> {
  const files = new Map<string, Buffer>();
  const absent: string[] = [];
  for (const name of takenIn(manifest)) {
    const found = await read(name);
    if (found === undefined) absent.push(name);
    else files.set(name, found);
  }
  if (absent.length > 0) {
    throw new BatonError(
      'CUTOVER_INVALID',
      `${where}: ${plural(absent.length, 'file')} that it takes in ${absent.length === 1 ? 'is' : 'are'} not there: ${absent.join(', ')}`,
      { hint: 'Files named by "from" lie beside the manifest.', details: { absent } },
    );
  }
  return { where, manifest, digest: digestOf(bytes, files), bytes, files, dir };
}

// Each part with its length in front, so that no bytes can pass for other files.
function digestOf(bytes: Buffer, files: ReadonlyMap<string, Buffer>): string {
  const hasher = new Hasher();
  const add = (part: Uint8Array): void => {
    hasher.update(Buffer.from(`${part.byteLength}\n`));
    hasher.update(part);
  };
  add(bytes);
  for (const [name, content] of files) {
    add(Buffer.from(name));
    add(content);
  }
  return hasher.digest();
}

async function manifestPath(given: string): Promise<string> {
  const found = await stat(given).catch(() => undefined);
  return found?.isDirectory() === true ? join(given, CUTOVER_NAME) : given;
}

async function readOrUndefined(path: string): Promise<Buffer | undefined> {
  try {
    return await readFileLimited(path, LIMIT);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined;
    throw toBatonError(error);
  }
}

// A link on the way could lead out of the manifest's directory, to another content on each machine.
async function refuseLinks(dir: string, name: string, where: string): Promise<void> {
  let here = dir;
  for (const part of name.split('/')) {
    here = join(here, part);
    const found = await lstat(here).catch(() => undefined);
    if (found?.isSymbolicLink() !== true) continue;
    throw new BatonError('CUTOVER_INVALID', `${where}: ${name} leads through the link ${here}`, {
      hint: `Put the file itself beside ${basename(where)}.`,
    });
  }
}

function notFound(path: string, above?: string): BatonError {
  return new BatonError('CUTOVER_NOT_FOUND', `no cutover at ${path}`, {
    hint:
      above === undefined
        ? 'Name the manifest or its directory; "baton cutover init" writes a first one.'
        : `There is one further up: name ${above}.`,
  });
}

// Somebody in a sub-directory means the manifest of the repository; it is named, and not taken without a word.
async function aboveOf(dir: string): Promise<string | undefined> {
  let here = dirname(dir);
  for (let steps = '..'; ; steps = join(steps, '..')) {
    if ((await stat(join(here, CUTOVER_NAME)).catch(() => undefined))?.isFile() === true)
      return join(steps, CUTOVER_NAME);
    if (here === dirname(here)) return undefined;
    here = dirname(here);
  }
}
