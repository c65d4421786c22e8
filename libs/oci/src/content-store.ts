import { type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  BatonError,
  compareText,
  type Digest,
  digestHex,
  effect,
  ensureDir,
  errnoOf,
  formatBytes,
  Hasher,
  linkFile,
  removeFile,
  sha256,
  sweepTemporaries,
  syncDir,
  temporaryName,
  writeAll,
} from '@baton/kernel';
import { type Bring, claimPart, completePart, leavePart, sweepParts } from './partial-blob.ts';
import { absent, damaged, diskFull, isFull, missing, quarantine } from './store-errors.ts';

/** Blobs on disk under the digest of their bytes. Whatever is read is verified; whatever is there is whole. */
export interface ContentStore {
  readonly root: string;
  /** Where a blob is, or would be. */
  path(digest: Digest): string;
  /** Whether a blob is there; when its size is told, only with that size. */
  has(digest: Digest, size?: number): Promise<boolean>;
  /** All bytes of a blob of at most `limit` bytes. `BLOB_MISSING`, `STORE_CORRUPT`, `IMAGE_INVALID` (larger). */
  read(digest: Digest, limit: number): Promise<Buffer>;
  /** The bytes of a blob, verified when the last one has been read. `BLOB_MISSING`, `STORE_CORRUPT`. */
  stream(digest: Digest, size: number): AsyncGenerator<Buffer>;
  /**
   * Takes bytes in under their digest. A blob that is expected and already there is kept and `source` is not read.
   * `DIGEST_MISMATCH`, `DISK_FULL`; after any error nothing is left behind.
   */
  ingest(source: AsyncIterable<Uint8Array>, expected?: Expected): Promise<{ digest: Digest; size: number }>;
  /**
   * Takes a blob in that comes from afar. What came before a try broke off is kept, also after a kill, and the next try
   * goes on behind it: `bring` is given what is there. A blob that is there already is kept. `DIGEST_MISMATCH` (after a
   * second try from the beginning, when there was a part), `DISK_FULL`, and what `bring` throws.
   */
  download(blob: { digest: Digest; size: number }, bring: Bring): Promise<void>;
  /** Takes bytes in that are at hand. */
  add(bytes: Uint8Array): Promise<{ digest: Digest; size: number }>;
  /** Puts a blob, verified, into another store too: as another name of the same file where the disk allows it, else as a copy. */
  copyTo(digest: Digest, other: ContentStore): Promise<void>;
  /** The digests of all blobs, sorted. */
  list(): Promise<Digest[]>;
  remove(digest: Digest): Promise<void>;
  /** Removes what killed processes left half-written; parts of downloads are kept for a week. */
  sweep(): Promise<void>;
}

/** What is known of bytes before they come. */
export interface Expected {
  digest?: Digest;
  size?: number;
}

const CHUNK = 256 * 1024;

/**
 * Opens the store at a directory, which is made when the first blob comes. Blobs are at `<root>/blobs/sha256/<hex>`.
 *
 * @param options.foreign it is somebody else's: a damaged blob is reported and stays where it is
 */
export function openStore(root: string, options: { foreign?: boolean } = {}): ContentStore {
  const putAway = async (path: string, digest: Digest, inode: number): Promise<BatonError> =>
    options.foreign === true ? damaged(digest, root) : await quarantine(root, path, digest, inode);
  const folder = join(root, 'blobs', 'sha256');
  const path = (digest: Digest): string => join(folder, digestHex(digest));

  async function sizeOf(digest: Digest): Promise<number | undefined> {
    const found = await stat(path(digest)).catch(absent);
    return found?.isFile() === true ? found.size : undefined;
  }

  async function has(digest: Digest, size?: number): Promise<boolean> {
    const found = await sizeOf(digest);
    return found !== undefined && (size === undefined || found === size);
  }

  async function* stream(digest: Digest, size: number): AsyncGenerator<Buffer> {
    const handle = await openBlob(digest);
    try {
      const hasher = new Hasher();
      for await (const chunk of handle.createReadStream({ autoClose: false, highWaterMark: CHUNK })) {
        hasher.update(chunk as Buffer);
        if (hasher.size > size) break;
        yield chunk as Buffer;
      }
      if (hasher.size === size && hasher.digest() === digest) return;
      throw await putAway(path(digest), digest, (await handle.stat()).ino);
    } finally {
      await handle.close();
    }
  }

  async function read(digest: Digest, limit: number): Promise<Buffer> {
    const handle = await openBlob(digest);
    try {
      const { size, ino } = await handle.stat();
      if (size > limit) {
        const message = `expected the blob ${digest} to have at most ${formatBytes(limit)}, found ${formatBytes(size)}`;
        throw new BatonError('IMAGE_INVALID', message);
      }
      const bytes = await handle.readFile();
      if (sha256(bytes) !== digest) throw await putAway(path(digest), digest, ino);
      return bytes;
    } finally {
      await handle.close();
    }
  }

  async function openBlob(digest: Digest): Promise<FileHandle> {
    return await open(path(digest), 'r').catch((error: unknown) => {
      throw errnoOf(error) === 'ENOENT' ? missing(digest, root) : error;
    });
  }

  /** Writes under a temporary name, then gives the file its digest's name as soon as the bytes are safe on disk. */
  async function place(
    write: (temporary: string) => Promise<{ digest: Digest; size: number }>,
  ): Promise<{ digest: Digest; size: number }> {
    await ensureDir(folder);
    const temporary = temporaryName(join(folder, 'ingest'));
    try {
      const blob = await write(temporary);
      if (await has(blob.digest, blob.size)) await removeFile(temporary);
      else {
        await effect('rename', path(blob.digest), () => rename(temporary, path(blob.digest)));
        await syncDir(folder);
      }
      return blob;
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw isFull(error) ? diskFull(error, root) : error;
    }
  }

  async function ingest(
    source: AsyncIterable<Uint8Array>,
    expected: Expected = {},
  ): Promise<{ digest: Digest; size: number }> {
    if (expected.digest !== undefined) {
      const size = await sizeOf(expected.digest);
      if (size !== undefined && (expected.size ?? size) === size) return { digest: expected.digest, size };
    }
    return await place((temporary) => writeStream(temporary, source, expected));
  }

  async function download(blob: { digest: Digest; size: number }, bring: Bring): Promise<void> {
    if (await has(blob.digest, blob.size)) return;
    const parts = join(root, 'parts');
    await ensureDir(folder);
    const part = await claimPart(parts, blob.digest);
    try {
      await completePart(part, blob, bring);
      await effect('rename', path(blob.digest), () => rename(part.path, path(blob.digest)));
      await syncDir(folder);
    } catch (error) {
      const wrong = error instanceof BatonError && error.code === 'DIGEST_MISMATCH';
      if (!wrong && !isFull(error)) await leavePart(parts, blob.digest, part).catch(() => undefined);
      else await rm(part.path, { force: true });
      // The part may have been at fault: a disk that lost its last bytes in a crash, a registry that had others.
      if (wrong && part.size > 0) return await download(blob, bring);
      throw isFull(error) ? diskFull(error, root) : error;
    }
  }

  async function add(bytes: Uint8Array): Promise<{ digest: Digest; size: number }> {
    const blob = { digest: sha256(bytes), size: bytes.byteLength };
    if (await has(blob.digest, blob.size)) return blob;
    return await place(async (temporary) => {
      await writeFile(temporary, (write) => write(bytes));
      return blob;
    });
  }

  async function copyTo(digest: Digest, other: ContentStore): Promise<void> {
    const size = await sizeOf(digest);
    if (size === undefined) throw missing(digest, root);
    if (await other.has(digest, size)) return;
    const target = other.path(digest);
    // A second name for damaged bytes would spread them: whoever finds them bad makes them anew, and links them again.
    for await (const _ of stream(digest, size));
    await ensureDir(dirname(target));
    // A name with another size is damaged, and would be left alone by the link.
    if (await other.has(digest)) await removeFile(target);
    try {
      await linkFile(path(digest), target);
    } catch (error) {
      if (!NO_LINK.has(errnoOf(error) ?? '')) throw isFull(error) ? diskFull(error, other.root) : error;
      await other.ingest(stream(digest, size), { digest, size });
      return;
    }
    await syncDir(dirname(target));
  }

  async function list(): Promise<Digest[]> {
    const names = (await readdir(folder).catch(absent)) ?? [];
    return names
      .filter((name) => /^[0-9a-f]{64}$/.test(name))
      .sort(compareText)
      .map((name): Digest => `sha256:${name}`);
  }

  const sweep = async (): Promise<void> => {
    await Promise.all([sweepTemporaries(folder), sweepParts(join(root, 'parts'))]);
  };
  const remove = (digest: Digest): Promise<void> => removeFile(path(digest));
  return { root, path, has, read, stream, ingest, download, add, copyTo, list, remove, sweep };
}

// EMLINK: the file has all the names its file system allows; the others: the file system has no hard links, or not across.
const NO_LINK = new Set(['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

async function writeStream(
  temporary: string,
  source: AsyncIterable<Uint8Array>,
  expected: Expected,
): Promise<{ digest: Digest; size: number }> {
  const hasher = new Hasher();
  await writeFile(temporary, async (write) => {
    for await (const chunk of source) {
      hasher.update(chunk);
      if (hasher.size > (expected.size ?? Number.POSITIVE_INFINITY)) break;
      await write(chunk);
    }
  });
  const blob = { digest: hasher.digest(), size: hasher.size };
  const wrongSize = expected.size !== undefined && expected.size !== blob.size;
  if (!wrongSize && (expected.digest === undefined || expected.digest === blob.digest)) return blob;
  const wanted = [expected.digest, expected.size === undefined ? undefined : `${expected.size} bytes`];
  const found = wrongSize ? `${blob.size > (expected.size ?? 0) ? 'more' : blob.size} bytes` : blob.digest;
  const message = `expected a blob of ${wanted.filter((part) => part !== undefined).join(', ')}, found ${found}`;
  throw new BatonError('DIGEST_MISMATCH', message, {
    hint: 'Run it again; if it happens again, where the bytes come from is damaged.',
    retryable: true,
  });
}

async function writeFile(
  path: string,
  content: (write: (bytes: Uint8Array) => Promise<void>) => Promise<void>,
): Promise<void> {
  await effect('write', path, async () => {
    const handle = await open(path, 'wx', 0o600);
    try {
      await content((bytes) => writeAll(handle, bytes));
      await handle.chmod(0o644);
      await handle.sync();
    } finally {
      await handle.close();
    }
  });
}
