import type { Dirent, Stats } from 'node:fs';
import { lstat, readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { BatonError, compareText, errnoOf, sha256 } from '@baton/kernel';
import { type ContextIgnore, readIgnore } from './context-ignore.ts';

/** One thing that is sent with a context. */
export type ContextEntry =
  | { path: string; type: 'directory' }
  | { path: string; type: 'symlink'; target: string }
  | { path: string; type: 'file'; size: number; executable: boolean; source: string }
  | { path: string; type: 'file'; size: number; executable: boolean; bytes: Buffer };

/** What is sent to an engine for a build. */
export interface ContextPlan {
  /** Of the context, free of links. */
  root: string;
  /** Parents first, then by the bytes of the path. */
  entries: ContextEntry[];
  /** Of the Dockerfile, in the context. */
  dockerfile: string;
  /** Bytes of all files. */
  size: number;
}

/** Which context: absolute paths. */
export interface ContextSource {
  context: string;
  /** Inside the context or not. */
  dockerfile: string;
}

/**
 * Lists what a build gets to see: the context without what `.dockerignore` (or, first, `<Dockerfile>.dockerignore`) leaves
 * out. The Dockerfile and `.dockerignore` themselves always go along; a Dockerfile from outside under a name of its own.
 * Links stay links, wherever they lead.
 *
 * Throws `CONTEXT_INVALID` for a context or Dockerfile that is not there, and for every socket, device, pipe, name that is
 * not UTF-8 and unreadable file or directory that is not left out, by name.
 */
export async function planContext(source: ContextSource): Promise<ContextPlan> {
  const root = await rootOf(source.context);
  const { dockerfile, text } = await readDockerfile(source.dockerfile);
  const inside = relative(root, dockerfile).split(sep).join('/');
  const isInside = inside !== '' && !inside.startsWith('../') && inside !== '..' && !inside.startsWith('/');
  const privateName = `.dockerfile.${sha256(text).slice(7, 27)}`;
  const ignored = await ignoreOf(root, dockerfile);
  const always = new Set(['.dockerignore', ...(isInside ? [inside] : [])]);
  const entries: ContextEntry[] = [];
  await walk(root, '', ignored, always, entries);
  if (!isInside)
    entries.push({ path: privateName, type: 'file', size: text.byteLength, executable: false, bytes: text });
  entries.sort((a, b) => compareText(a.path, b.path));
  const size = entries.reduce((sum, entry) => sum + (entry.type === 'file' ? entry.size : 0), 0);
  return { root, entries, dockerfile: isInside ? inside : privateName, size };
}

/**
 * The plan for the classic builder, which takes away again what `.dockerignore` names: there a Dockerfile from outside is
 * named as well (and `.dockerignore` itself, when there was none), as the docker command does.
 */
export async function planForClassic(plan: ContextPlan): Promise<ContextPlan> {
  if (!isPrivate(plan.dockerfile)) return plan;
  const path = '.dockerignore';
  const others = plan.entries.filter((entry) => entry.path !== path);
  const own = others.length < plan.entries.length ? await readFile(join(plan.root, path), 'utf8') : path;
  const bytes = Buffer.from(`${own}\n${plan.dockerfile}\n`);
  const entries = [...others, { path, type: 'file' as const, size: bytes.byteLength, executable: false, bytes }];
  return { ...plan, entries: entries.sort((a, b) => compareText(a.path, b.path)) };
}

function isPrivate(dockerfile: string): boolean {
  return /^\.dockerfile\.[0-9a-f]{20}$/.test(dockerfile);
}

async function rootOf(context: string): Promise<string> {
  try {
    const root = await realpath(context);
    if ((await lstat(root)).isDirectory()) return root;
  } catch (error) {
    throw new BatonError('CONTEXT_INVALID', `the context ${context} cannot be read (${errnoOf(error) ?? error})`, {
      hint: 'Name a directory that exists.',
      cause: error,
    });
  }
  throw new BatonError('CONTEXT_INVALID', `the context ${context} is not a directory`);
}

async function readDockerfile(path: string): Promise<{ dockerfile: string; text: Buffer }> {
  try {
    // The directory's real path and not the file's: a Dockerfile may be a link, and goes by the link's name.
    const dockerfile = join(await realpath(dirname(path)), basename(path));
    return { dockerfile, text: await readFile(dockerfile) };
  } catch (error) {
    throw new BatonError('CONTEXT_INVALID', `the Dockerfile ${path} cannot be read (${errnoOf(error) ?? error})`, {
      hint: 'Name a Dockerfile that exists.',
      cause: error,
    });
  }
}

async function ignoreOf(root: string, dockerfile: string): Promise<ContextIgnore | undefined> {
  for (const path of [`${dockerfile}.dockerignore`, join(root, '.dockerignore')]) {
    try {
      return readIgnore(await readFile(path, 'utf8'));
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') continue;
      if (error instanceof SyntaxError)
        throw new BatonError('CONTEXT_INVALID', `${path} has a pattern that cannot be read: ${error.message}`);
      throw unusable(path, `it cannot be read (${errnoOf(error) ?? error})`, error);
    }
  }
  return undefined;
}

/** Adds what is below a directory; returns whether there was anything. */
async function walk(
  root: string,
  directory: string,
  ignored: ContextIgnore | undefined,
  always: ReadonlySet<string>,
  entries: ContextEntry[],
): Promise<boolean> {
  const before = entries.length;
  for (const { name, path, entry } of await list(root, directory)) {
    const leftOut = ignored?.ignores(path) === true && !always.has(path);
    if (entry.isDirectory()) {
      const holdsWanted = [...always].some((wanted) => wanted.startsWith(`${path}/`));
      if (leftOut && !holdsWanted && ignored?.mayHoldException(path) !== true) continue;
      // A directory that is left out comes along with what an exception keeps of it.
      const place = entries.push({ path, type: 'directory' });
      const any = await walk(root, path, ignored, always, entries);
      if (leftOut && !any) entries.splice(place - 1, 1);
      continue;
    }
    if (leftOut) continue;
    entries.push(await entryOf(join(root, directory, name), path, entry));
  }
  return entries.length > before;
}

async function list(root: string, directory: string): Promise<{ name: string; path: string; entry: Dirent }[]> {
  const place = join(root, directory);
  try {
    const found = await readdir(place, { withFileTypes: true });
    return found.map((entry) => {
      const path = directory === '' ? entry.name : `${directory}/${entry.name}`;
      if (entry.name.includes('\ufffd')) throw unusable(path, 'its name is not valid UTF-8');
      return { name: entry.name, path, entry };
    });
  } catch (error) {
    if (error instanceof BatonError) throw error;
    throw unusable(directory === '' ? '.' : directory, `it cannot be read (${errnoOf(error) ?? error})`, error);
  }
}

async function entryOf(source: string, path: string, entry: Dirent): Promise<ContextEntry> {
  try {
    if (entry.isSymbolicLink()) return { path, type: 'symlink', target: await readlink(source) };
    const stats = await lstat(source);
    if (entry.isFile() && stats.isFile())
      return { path, type: 'file', size: stats.size, executable: isExecutable(stats), source };
  } catch (error) {
    throw unusable(path, `it cannot be read (${errnoOf(error) ?? error})`, error);
  }
  throw unusable(path, `it is a ${kindOf(entry)}, and only files, directories and links can be sent`);
}

function isExecutable(stats: Stats): boolean {
  return (stats.mode & 0o111) !== 0;
}

function kindOf(entry: Dirent): string {
  if (entry.isSocket()) return 'socket';
  if (entry.isFIFO()) return 'named pipe';
  return entry.isBlockDevice() || entry.isCharacterDevice() ? 'device' : 'special file';
}

/** The error about one thing in a context that cannot be sent. */
export function unusable(path: string, why: string, cause?: unknown): BatonError {
  return new BatonError('CONTEXT_INVALID', `the context holds ${JSON.stringify(path)}: ${why}`, {
    hint: 'Remove it, or name it in .dockerignore.',
    cause,
  });
}
