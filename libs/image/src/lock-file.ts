import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compareText, errnoOf, prettyJson, writeFileIfChanged } from '@baton/kernel';
import type { LockFile } from './lock-schema.ts';

export type { LockedDebian, LockFile } from './lock-schema.ts';

/** The name of the lock file, beside `agent.yaml`. */
export const LOCK_FILE_NAME = 'image.lock.json';

/** A lock that pins nothing. */
export function emptyLock(): LockFile {
  return { lockVersion: 1, bases: {}, npm: {}, debian: {} };
}

/** Reads the lock file of a project directory; an absent one is an empty lock. Errors: `LOCK_INVALID`. */
export async function readLock(dir: string): Promise<LockFile> {
  const path = join(dir, LOCK_FILE_NAME);
  const bytes = await readFile(path).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (bytes === undefined) return emptyLock();
  // Loaded only for a lock that is there: schemas cost time to build.
  const { parseLock } = await import('./lock-schema.ts');
  return parseLock(bytes, path);
}

/** Writes the lock file (keys sorted) unless it has these bytes already; tells whether it wrote. */
export async function writeLock(dir: string, lock: LockFile): Promise<boolean> {
  return await writeFileIfChanged(join(dir, LOCK_FILE_NAME), lockBytes(lock));
}

/** The bytes of a lock: keys in a fixed order, so that a change shows as a few lines. */
export function lockBytes(lock: LockFile): Buffer {
  return prettyJson({
    lockVersion: 1,
    bases: mapSorted(lock.bases, ({ digest, mediaType, platforms }) => ({
      digest,
      mediaType,
      platforms: [...platforms].sort(compareText),
    })),
    npm: mapSorted(lock.npm, ({ integrity }) => ({ integrity })),
    debian: mapSorted(lock.debian, (packages) =>
      mapSorted(packages, ({ version, sha256, size }) => ({ version, sha256, size })),
    ),
  });
}

function mapSorted<T, U>(record: Record<string, T>, map: (value: T) => U): Record<string, U> {
  const pairs = Object.entries(record).sort(([a], [b]) => compareText(a, b));
  return Object.fromEntries(pairs.map(([key, value]) => [key, map(value)]));
}
