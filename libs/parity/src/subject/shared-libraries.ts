import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { effect, ensureDir, runProcess, toolEnv } from '@baton/kernel';
import type { SubjectMount } from './subject-spec.ts';

/** Files below declared directories that are looked at for native code. */
const MOST_FILES = 20_000;

/**
 * What programs are linked against: the libraries and the loader, copied below `directory`, as one mount for each
 * directory that they come from. A static program, and what is no program at all, needs nothing.
 */
export async function sharedLibraries(paths: readonly string[], directory: string): Promise<SubjectMount[]> {
  const places = new Set<string>();
  for (const program of paths.flatMap(nativeFiles)) {
    for (const library of await librariesOf(program)) {
      const copy = join(directory, library);
      places.add(dirname(library));
      if (existsSync(copy)) continue;
      await ensureDir(dirname(copy));
      await effect('write', copy, () => copyFile(library, copy));
    }
  }
  return [...places].map((place) => ({ source: join(directory, place), target: place }));
}

/** What ldd(1) lists; nothing for a static program, and for one that is made for another C library. */
async function librariesOf(program: string): Promise<string[]> {
  const { stdout } = await runProcess({ command: 'ldd', args: [program], env: toolEnv(), timeout: 20_000 });
  return [...stdout.toString('utf8').matchAll(/^\t(?:\S+ => )?(\/\S+) \(0x/gm)].map(([, path = '']) => path);
}

/** The ELF files (four bytes at the beginning tell) among a file, or below a directory. */
function nativeFiles(path: string): string[] {
  if (!statSync(path).isDirectory()) return isElf(path) ? [path] : [];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .slice(0, MOST_FILES)
    .filter((entry) => entry.isFile() && /[.](?:node|so)(?:[.\d]*)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(isElf);
}

function isElf(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    const start = Buffer.alloc(4);
    readSync(file, start, 0, 4, 0);
    return start.toString('latin1') === '\x7fELF';
  } finally {
    closeSync(file);
  }
}
