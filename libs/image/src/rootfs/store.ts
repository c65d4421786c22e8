import { constants } from 'node:fs';
import { copyFile, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  BatonError,
  type Digest,
  effect,
  ensureDir,
  errnoOf,
  Hasher,
  linkFile,
  prettyJson,
  removeFile,
  sweepTemporaries,
  syncDir,
  temporaryName,
  writeFileAtomic,
} from '@baton/kernel';
import type { StoredRootfs } from './types.ts';

/** Root file systems by key: `<dir>/<key>.<format>`, and `<key>.json` with what is known of it, which comes last. */
export interface RootfsStore {
  path(key: string, format: string): string;
  /** What is there under a key, its bytes checked; undefined where it has to be made. */
  find(key: string, format: string): Promise<StoredRootfs | undefined>;
  /** Makes what `write` writes to a temporary path the file of a key. */
  put(
    key: string,
    format: string,
    write: (temporary: string) => Promise<Omit<StoredRootfs, 'key' | 'size' | 'digest'>>,
  ): Promise<StoredRootfs>;
}

/** The store below a machine's cache directory. */
export function rootfsStore(cacheDir: string): RootfsStore {
  const dir = join(cacheDir, 'v1', 'rootfs');
  const path = (key: string, format: string): string => join(dir, `${key}.${format}`);
  const record = (key: string): string => join(dir, `${key}.json`);
  return {
    path,
    async find(key, format) {
      const stored = await readRecord(record(key));
      if (stored === undefined || stored.key !== key || stored.format !== format) return undefined;
      const found = await stat(path(key, format)).catch(() => undefined);
      if (found?.isFile() !== true || found.size !== stored.size) return undefined;
      return (await digestOf(path(key, format))).digest === stored.digest ? stored : undefined;
    },
    async put(key, format, write) {
      await ensureDir(dir);
      await sweepTemporaries(dir);
      const temporary = temporaryName(path(key, format));
      try {
        const facts = await write(temporary);
        await settle(temporary);
        const stored: StoredRootfs = { key, ...facts, ...(await digestOf(temporary)) };
        // Until the new file has its own, the record of a damaged one must not speak for it.
        await removeFile(record(key));
        await effect('rename', path(key, format), () => rename(temporary, path(key, format)));
        await syncDir(dir);
        await writeFileAtomic(record(key), prettyJson({ ...stored }));
        return stored;
      } catch (error) {
        await rm(temporary, { force: true }).catch(() => undefined);
        throw full(error, dir);
      }
    },
  };
}

/**
 * Gives a stored file another name, or copies it where the disk allows no second name. A file with the same bytes that
 * is there already is left alone; another one is `USAGE`.
 */
export async function placeRootfs(stored: StoredRootfs, from: string, to: string): Promise<void> {
  const there = await stat(to).catch((error: unknown) => {
    if (errnoOf(error) !== 'ENOENT') throw error;
    return undefined;
  });
  if (there !== undefined) {
    const same = there.isFile() && there.size === stored.size && (await digestOf(to)).digest === stored.digest;
    if (same) return;
    throw new BatonError('USAGE', `cannot write to ${to}: it exists, with another content`, {
      hint: 'Name another place, or remove this one first.',
    });
  }
  await ensureDir(dirname(to));
  await sweepTemporaries(dirname(to));
  const temporary = temporaryName(to);
  try {
    await linkFile(from, temporary).catch(async (error: unknown) => {
      if (!NO_LINK.has(errnoOf(error) ?? '')) throw error;
      await effect('write', temporary, () => copyFile(from, temporary, constants.COPYFILE_EXCL));
      await settle(temporary);
    });
    await effect('rename', to, () => rename(temporary, to));
    await syncDir(dirname(to));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw full(error, dirname(to));
  }
}

// The file system has no hard links, or not across, or not for files of others (Linux, protected_hardlinks).
const NO_LINK = new Set(['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

// Not writable for anybody: another name of it elsewhere must not be the way to change what is stored.
async function settle(path: string): Promise<void> {
  await effect('fsync', path, async () => {
    const handle = await open(path, 'r');
    try {
      await handle.chmod(0o444);
      await handle.sync();
    } finally {
      await handle.close();
    }
  });
}

async function digestOf(path: string): Promise<{ digest: Digest; size: number }> {
  const hasher = new Hasher();
  const handle = await open(path, 'r');
  try {
    // One buffer for all of it: a stream would leave a new one behind for each piece.
    const buffer = Buffer.allocUnsafe(256 * 1024);
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.byteLength, null);
      if (bytesRead === 0) break;
      hasher.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
  return { digest: hasher.digest(), size: hasher.size };
}

async function readRecord(path: string): Promise<StoredRootfs | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as StoredRootfs;
  } catch {
    // Absent or damaged: then the file is made again.
    return undefined;
  }
}

function full(error: unknown, dir: string): unknown {
  if (errnoOf(error) !== 'ENOSPC' && errnoOf(error) !== 'EDQUOT') return error;
  return new BatonError('DISK_FULL', `no space left in ${dir}; what was half-written is removed`, {
    hint: 'Free some space (or set BATON_CACHE_DIR to a larger disk) and run it again.',
    cause: error,
    retryable: true,
  });
}
