import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { BatonError, errnoOf, nearest, readFileLimited, toBatonError } from '@baton/kernel';
import { invalidFile } from './invalid-file.ts';
import { problemsOf } from './problems.ts';
import { type AgentManifest, agentSchema } from './schema.ts';
import { MANIFEST_LIMIT, readYaml } from './yaml-source.ts';

/** The name of the manifest in an agent's folder. */
export const MANIFEST_NAME = 'agent.yaml';

const SMALLEST = 'The smallest manifest has two lines: "version: 1" and "name: my-agent".';

/** A manifest with its place and its bytes. */
export interface LoadedManifest {
  /** The file, absolute. */
  path: string;
  /** Its folder, absolute: what its relative paths are relative to. */
  dir: string;
  bytes: Buffer;
  manifest: AgentManifest;
}

/**
 * Reads and checks a manifest.
 *
 * @param pathOrDir the file, or the folder that holds `agent.yaml`
 * @throws BatonError `MANIFEST_NOT_FOUND`, `MANIFEST_INVALID`, `VERSION_INVALID`, `FILE_UNREADABLE`
 */
export async function loadManifest(pathOrDir: string): Promise<LoadedManifest> {
  const shown = await manifestFile(pathOrDir);
  const path = resolve(shown);
  const bytes = await readFileLimited(path, MANIFEST_LIMIT).catch((error: unknown) => {
    throw toBatonError(error);
  });
  return { path, dir: dirname(path), bytes, manifest: parseAgentManifest(bytes, shown) };
}

/**
 * Checks the bytes of a manifest and fills in its defaults.
 *
 * @param where the file's name, for messages
 * @throws BatonError `MANIFEST_INVALID` (or `VERSION_INVALID` when the first problem is the image's version): the
 *   message names the first problem with line and column, the hint the others; `details.problems` has all
 */
export function parseAgentManifest(bytes: Uint8Array, where: string): AgentManifest {
  const source = readYaml(bytes);
  if (Array.isArray(source)) {
    throw invalidFile(
      source.map((problem) => ({ ...problem, code: 'MANIFEST_INVALID' })),
      where,
    );
  }
  if (source.value === null || source.value === undefined) {
    const message = 'the file is empty, expected at least the keys version and name';
    throw invalidFile([{ line: 1, column: 1, message, hint: SMALLEST, code: 'MANIFEST_INVALID' }], where);
  }
  const result = agentSchema.safeParse(source.value);
  if (result.success) return result.data;
  throw invalidFile(problemsOf(result.error.issues, agentSchema, source), where);
}

async function manifestFile(pathOrDir: string): Promise<string> {
  const given = await statOf(pathOrDir);
  const path = given.isDirectory() ? join(pathOrDir, MANIFEST_NAME) : pathOrDir;
  const found = path === pathOrDir ? given : await statOf(path);
  if (!found.isFile()) {
    const what = found.isDirectory() ? 'a directory' : 'a pipe, socket or device';
    throw new BatonError('MANIFEST_NOT_FOUND', `expected a file at ${path}, found ${what}`, {
      hint: `Move it away, and write ${MANIFEST_NAME} as a file.`,
    });
  }
  if (found.size <= MANIFEST_LIMIT) return path;
  throw new BatonError('MANIFEST_INVALID', `${path}: expected at most ${MANIFEST_LIMIT} bytes, found ${found.size}`, {
    hint: 'A manifest is a page or two of text: is this the file you mean?',
  });
}

/** `MANIFEST_NOT_FOUND` when there is nothing. */
async function statOf(path: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') throw await notFound(path);
    throw toBatonError(error);
  }
}

async function notFound(path: string): Promise<BatonError> {
  const names: string[] = await readdir(dirname(path)).catch(() => []);
  if (names.includes(basename(path))) {
    return new BatonError('MANIFEST_NOT_FOUND', `${path} is a link to a file that does not exist`, {
      hint: 'Correct the link, or make the file it points to.',
    });
  }
  const close = nearest(basename(path), names.sort());
  return new BatonError('MANIFEST_NOT_FOUND', `no manifest at ${path}`, {
    hint:
      close === undefined
        ? `Name the folder that holds ${MANIFEST_NAME}, or write one there.`
        : `There is ${join(dirname(path), close)}: rename it, or name it on the command line.`,
  });
}
