import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { withLock } from '@baton/kernel';
import type { LoadedManifest } from '@baton/manifest';
import type { ImageIo } from './types.ts';

type LockOptions = NonNullable<Parameters<typeof withLock>[2]>;

/**
 * The lock that whoever reads or writes a project's `dist/image` holds, for `withLock`. Programs that a killed holder
 * left running (its bundle command) are ended first: they would write into what the next one makes.
 */
export async function projectLock(
  project: LoadedManifest,
  io: Pick<ImageIo, 'emit' | 'signal' | 'cacheDir'>,
): Promise<{ name: string; options: LockOptions }> {
  const layout = join(await realpath(project.dir), 'dist', 'image');
  return { name: `image ${layout}`, options: { ...waiting(layout, io), records: flightRecords(io.cacheDir) } };
}

/** Where it is written down that a flight, or the holder of a lock, started programs. */
export function flightRecords(cacheDir: string): string {
  return join(cacheDir, 'v1', 'flights');
}

/** Says once that somebody else is at work on `what`. */
export function waiting(what: string, io: Pick<ImageIo, 'emit' | 'signal'>): LockOptions {
  return {
    signal: io.signal,
    onWait: () => io.emit({ type: 'note', label: `another run works on ${what}; waiting for it` }),
  };
}
