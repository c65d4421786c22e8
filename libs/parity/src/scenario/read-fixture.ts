import { lstat, readdir, readlink } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { BatonError, compareText, errnoOf, readFileLimited, toBatonError } from '@baton/kernel';
import type { FixtureEntry, Generated } from '../model/scenario.ts';
import type { EntryForm } from './fixture-schema.ts';

/** Bytes that a fixture file may have; more than this is better generated. */
const FIXTURE_LIMIT = 64 * 1024 * 1024;

/**
 * What an entry lays out; files and trees that it names are read from the scenarios' folder. Throws `FIXTURE_MISSING` for one that is not
 * there.
 *
 * @param root the scenarios' folder
 * @param where the scenario's file, for messages
 */
export async function readEntry(entry: EntryForm, root: string, where: string): Promise<FixtureEntry[]> {
  const { file, tree, ...rest } = entry;
  if (tree !== undefined) return await readTree(root, tree, entry.path, where);
  return [plainEntry(file === undefined ? entry : { ...rest, contents: await readFixture(root, file, where) })];
}

/** What an entry lays out that names no file and no tree. */
export function plainEntry({ file: _, tree: __, generate, type, contents, ...rest }: EntryForm): FixtureEntry {
  const made = generate === undefined ? contents : generatedOf(generate);
  return { ...rest, type: type ?? 'file', ...(made === undefined ? {} : { contents: made }) };
}

async function readFixture(root: string, file: string, where: string): Promise<Buffer> {
  const path = join(root, file);
  try {
    return await readFileLimited(path, FIXTURE_LIMIT);
  } catch (error) {
    throw missing(error, path, `${where}: no fixture file at ${path}`);
  }
}

async function readTree(root: string, tree: string, at: string, where: string): Promise<FixtureEntry[]> {
  const below = async (directory: string, place: string): Promise<FixtureEntry[]> => {
    const names = (await readdir(directory)).sort(compareText);
    const all = await Promise.all(names.map((name) => one(join(directory, name), posix.join(place, name))));
    return all.flat();
  };
  const one = async (source: string, path: string): Promise<FixtureEntry[]> => {
    const stat = await lstat(source);
    if (stat.isSymbolicLink()) return [{ path, type: 'symlink', target: await readlink(source) }];
    if (stat.isDirectory()) return [{ path, type: 'dir' }, ...(await below(source, path))];
    // As git keeps modes, so that a checkout under another umask gives the same.
    const mode = (stat.mode & 0o100) === 0 ? '0644' : '0755';
    return [{ path, type: 'file', mode, contents: await readFileLimited(source, FIXTURE_LIMIT) }];
  };
  const top = join(root, tree);
  try {
    return await below(top, at);
  } catch (error) {
    throw missing(error, top, `${where}: no fixture directory at ${top}`);
  }
}

function missing(error: unknown, path: string, message: string): BatonError {
  const errno = errnoOf(error);
  if (errno === undefined || !['ENOENT', 'ENOTDIR', 'EISDIR'].includes(errno)) return toBatonError(error);
  const hint = `Put it there, or correct the name: fixtures are below the folder of the scenarios, ${path} is the whole path.`;
  return new BatonError('FIXTURE_MISSING', message, { hint, cause: error });
}

function generatedOf({ repeat, lines, count, tail }: NonNullable<EntryForm['generate']>): Generated {
  if (lines !== undefined) return { kind: 'numbered-lines', format: lines, count };
  return { kind: 'repeat', unit: repeat ?? '', count, ...(tail === undefined ? {} : { tail }) };
}
