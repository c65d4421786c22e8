import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { withLock } from '@baton/kernel';
import type { LoadedManifest } from '@baton/manifest';
import type { ImageIo } from './types.ts';

type LockOptions = NonNullable<Parameters<typeof withLock>[2]>;

/** The lock that whoever reads or writes a project's `dist/image` holds, for `withLock`. */
export async function projectLock(
  project: LoadedManifest,
  io: Pick<ImageIo, 'emit' | 'signal'>,
): Promise<{ name: string; options: LockOptions }> {
  const layout = join(await realpath(project.dir), 'dist', 'image');
  return { name: `image ${layout}`, options: waiting(layout, io) };
}

/** Says once that somebody else is at work on `what`. */
export function waiting(what: string, io: Pick<ImageIo, 'emit' | 'signal'>): LockOptions {
  return {
    signal: io.signal,
    onWait: () => io.emit({ type: 'note', label: `another run works on ${what}; waiting for it` }),
  };
}
