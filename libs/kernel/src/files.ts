import { constants, type FileHandle, link, mkdir, open, readFile, rename, rm, stat, unlink } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { effect } from './effects.ts';
import { BatonError, errnoOf, toBatonError } from './errors.ts';
import { temporaryName } from './temporary.ts';

/** Makes a directory and those above it; an existing one is no effect. */
export async function ensureDir(path: string): Promise<void> {
  // Asked first, so that an existing directory is no effect: kill tests count only what changes.
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() === true) return;
  await effect('mkdir', path, () => makeDir(resolve(path)));
}

// By hand, because Node's recursive mkdir never returns where the parent is there and refuses with ENOENT (/proc).
async function makeDir(path: string): Promise<void> {
  const parent = dirname(path);
  let refusal = await refusalOf(path);
  if (errnoOf(refusal) === 'ENOENT') {
    // Somebody else may make the parent at the same time, so it is asked once more whatever was found.
    await makeDir(parent);
    refusal = await refusalOf(path);
  }
  if (errnoOf(refusal) === 'EEXIST' && (await stat(path)).isDirectory()) return;
  if (refusal !== undefined) throw refusal;
  // What is put into it survives a crash only if the directory itself does. A parent that may be written but not read
  // cannot be opened to be synced.
  await syncEntries(parent).catch((error: unknown) => {
    if (errnoOf(error) !== 'EACCES') throw error;
  });
}

function refusalOf(path: string): Promise<unknown> {
  return mkdir(path).then(
    () => undefined,
    (error: unknown) => error,
  );
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
  await effect('fsync', path, () => syncEntries(path));
}

async function syncEntries(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync().catch((error: unknown) => {
      // Some network and FUSE file systems cannot sync a directory, and offer nothing in its place.
      if (!['EINVAL', 'ENOTSUP', 'EOPNOTSUPP'].includes(errnoOf(error) ?? '')) throw error;
    });
  } finally {
    await handle.close();
  }
}

/**
 * Replaces a file in one step: temporary name beside it, fsync, rename, fsync of the directory. After a kill at any
 * point the old or the new content is there, whole. The directory is made when it is missing. Errors name the path:
 * `DISK_FULL`, else `FILE_FAILED`.
 *
 * @param options.mode permission bits of the file, 0o644 by default; the umask plays no part
 */
export async function writeFileAtomic(
  path: string,
  bytes: Uint8Array | string,
  options: { mode?: number } = {},
): Promise<void> {
  const temporary = temporaryName(path);
  const data = typeof bytes === 'string' ? Buffer.from(bytes, 'utf8') : bytes;
  try {
    await ensureDir(dirname(path));
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
    await syncDir(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw notWritten(path, error);
  }
}

// A write through a handle fails without a path in its message, and a refused write is no unreadable file.
function notWritten(path: string, error: unknown): unknown {
  const errno = errnoOf(error);
  if (errno === undefined) return error;
  const { code, hint, message } = toBatonError(error);
  return new BatonError(code === 'DISK_FULL' ? code : 'FILE_FAILED', `${path} could not be written: ${message}`, {
    ...(hint === undefined ? {} : { hint }),
    details: { path, errno },
    cause: error,
  });
}

/** Writes the file unless it already has exactly these bytes; tells whether it wrote. */
export async function writeFileIfChanged(path: string, bytes: Uint8Array): Promise<boolean> {
  const old = await readFile(path).catch(() => undefined);
  if (old?.equals(bytes) === true) return false;
  await writeFileAtomic(path, bytes);
  return true;
}

/** Removes a file; an absent one is no error. */
export async function removeFile(path: string): Promise<void> {
  await effect('unlink', path, async () => {
    await unlink(path).catch((error: unknown) => {
      if (errnoOf(error) !== 'ENOENT') throw error;
    });
  });
}

/** Removes a directory and everything in it; an absent one is no error. */
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

/**
 * Reads a whole regular file that must not be larger than `limit` bytes. Errors: `FILE_UNREADABLE` (larger, or not a
 * file); those of the operating system (`ENOENT`) pass as they are.
 */
export async function readFileLimited(path: string, limit: number): Promise<Buffer> {
  // Not blocking: opening a named pipe would wait for somebody to write.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw new BatonError('FILE_UNREADABLE', `${path} is not a regular file`);
    if (found.size > limit) throw tooLarge(path, found.size, limit);
    const chunks: Buffer[] = [];
    let size = 0;
    for (;;) {
      // What it said and one byte more; then whatever it has grown by (files of /proc say 0 and have content).
      const chunk = Buffer.allocUnsafe(size === 0 && found.size > 0 ? found.size + 1 : 4096);
      const { bytesRead } = await handle.read(chunk, 0, chunk.byteLength, null);
      if (bytesRead === 0) return Buffer.concat(chunks, size);
      size += bytesRead;
      if (size > limit) throw tooLarge(path, size, limit);
      chunks.push(chunk.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
}

function tooLarge(path: string, size: number, limit: number): BatonError {
  return new BatonError('FILE_UNREADABLE', `${path} has ${size} bytes or more, and at most ${limit} are allowed here`);
}
