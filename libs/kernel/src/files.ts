import { randomBytes } from 'node:crypto';
import { type FileHandle, link, mkdir, open, readFile, rename, rm, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { effect } from './effects.ts';
import { BatonError, errnoOf } from './errors.ts';

/** A name beside `path` that no other process uses: `.<name>.<pid>.<random>.tmp`. */
export function temporaryName(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`);
}

/** Makes a directory and those above it. */
export async function ensureDir(path: string): Promise<void> {
  // Asked first, so that an existing directory is no effect: kill tests count only what changes.
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() === true) return;
  await effect('mkdir', path, () => mkdir(path, { recursive: true }));
}

/** Writes all bytes through a handle. A disk that fills up answers with a short write first, so it loops. */
export async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let offset = 0; offset < bytes.byteLength; ) {
    const { bytesWritten } = await handle.write(bytes, offset, bytes.byteLength - offset, null);
    offset += bytesWritten;
  }
}

/** Makes the entries of a directory survive a crash. */
export async function syncDir(path: string): Promise<void> {
  await effect('fsync', path, async () => {
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  });
}

/**
 * Replaces a file in one step: temporary name beside it, fsync, rename, fsync of the directory. After a kill at any
 * point the old or the new content is there, whole. The directory is made when it is missing.
 *
 * @param options.mode permission bits of the file, 0o644 by default; the umask plays no part
 */
export async function writeFileAtomic(
  path: string,
  bytes: Uint8Array | string,
  options: { mode?: number } = {},
): Promise<void> {
  await ensureDir(dirname(path));
  const temporary = temporaryName(path);
  const data = typeof bytes === 'string' ? Buffer.from(bytes, 'utf8') : bytes;
  try {
    await effect('write', temporary, async () => {
      const handle = await open(temporary, 'wx', 0o600);
      try {
        await writeAll(handle, data);
        await handle.chmod(options.mode ?? 0o644);
        await handle.sync();
      } finally {
        await handle.close();
      }
    });
    await effect('rename', path, () => rename(temporary, path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncDir(dirname(path));
}

/** Writes the file unless it already has exactly these bytes; tells whether it wrote. */
export async function writeFileIfChanged(path: string, bytes: Uint8Array): Promise<boolean> {
  const old = await readFile(path).catch(() => undefined);
  if (old?.equals(bytes) === true) return false;
  await writeFileAtomic(path, bytes);
  return true;
}

/** Removes a file; an absent one is no effect. */
export async function removeFile(path: string): Promise<void> {
  await effect('unlink', path, async () => {
    await unlink(path).catch((error: unknown) => {
      if (errnoOf(error) !== 'ENOENT') throw error;
    });
  });
}

/** Removes a directory and everything in it; an absent one is no effect. */
export async function removeTree(path: string): Promise<void> {
  await effect('unlink', path, () => rm(path, { recursive: true, force: true }));
}

/** Makes `to` another name of `from`, which must be whole and synced; a name that exists already is left alone. */
export async function linkFile(from: string, to: string): Promise<void> {
  await effect('link', to, async () => {
    await link(from, to).catch((error: unknown) => {
      if (errnoOf(error) !== 'EEXIST') throw error;
    });
  });
}

/** Reads a whole file that must not be larger than `limit` bytes. */
export async function readFileLimited(path: string, limit: number): Promise<Buffer> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    if (size > limit) {
      throw new BatonError('FILE_UNREADABLE', `${path} has ${size} bytes, more than the ${limit} allowed here`);
    }
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}
