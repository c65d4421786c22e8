import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { type Digest, type Emit, Hasher } from '@baton/kernel';
import { accessError, changed } from './file-walk.ts';

const CHUNK = 1024 * 1024;
/** From this size on, reading a file is work that people wait for: progress is told. */
const LONG_READ = 64 * 1024 * 1024;

/** A file that is to be read, as it was when it was listed. */
export interface FileSource {
  absolute: string;
  size: number;
  /** How messages name it. */
  name: string;
}

/** What reading a file once gives. */
export interface FileContent {
  digest: Digest;
  /** The bytes, when they were asked for. */
  bytes?: Buffer;
}

/**
 * Reads a file once and hashes it in constant memory; with `keep` the bytes are returned as well.
 *
 * Emits `hash.start`, `hash.progress` and `hash.end` for files from 64 MiB. Errors: `FILE_UNREADABLE`, and
 * `FILE_CHANGED` when the size differs from the listed one or size or times differ afterwards.
 */
export async function hashFile(
  file: FileSource,
  options: { keep: boolean; emit: Emit; signal?: AbortSignal | undefined },
): Promise<FileContent> {
  const hasher = new Hasher();
  const long = file.size >= LONG_READ;
  const event = { id: `hash:${file.absolute}`, label: file.name, total: file.size, unit: 'bytes' as const };
  if (long) options.emit({ type: 'hash.start', ...event });
  let told = 0;
  // One buffer for all chunks: hashing is done with it before the next read.
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK, Math.max(1, file.size)));
  const kept: Buffer[] = [];
  await readWhole(file, options.signal, async (handle) => {
    for (;;) {
      options.signal?.throwIfAborted();
      const { bytesRead } = await handle.read(buffer, 0, buffer.byteLength, null);
      if (bytesRead === 0) return;
      const chunk = buffer.subarray(0, bytesRead);
      hasher.update(chunk);
      if (options.keep) kept.push(Buffer.from(chunk));
      if (hasher.size > file.size) throw changed(file.name, `it grew beyond ${file.size} bytes`);
      if (long && hasher.size - told >= LONG_READ) {
        told = hasher.size;
        options.emit({ type: 'hash.progress', ...event, done: told });
      }
    }
  });
  if (hasher.size !== file.size) throw changed(file.name, `it has ${hasher.size} bytes, not ${file.size}`);
  if (long) options.emit({ type: 'hash.end', ...event, done: file.size });
  return { digest: hasher.digest(), ...(options.keep ? { bytes: Buffer.concat(kept) } : {}) };
}

/** The bytes of a file that was hashed before. Errors: `FILE_UNREADABLE`, `FILE_CHANGED` when they are others now. */
export async function* streamFile(
  file: FileSource,
  digest: Digest,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  const hasher = new Hasher();
  const handle = await openFile(file);
  try {
    for (;;) {
      signal?.throwIfAborted();
      const buffer = Buffer.allocUnsafe(CHUNK);
      const { bytesRead } = await handle.read(buffer, 0, CHUNK, null);
      if (bytesRead === 0) break;
      const chunk = buffer.subarray(0, bytesRead);
      hasher.update(chunk);
      yield chunk;
    }
  } finally {
    await handle.close();
  }
  if (hasher.size !== file.size || hasher.digest() !== digest) throw changed(file.name, 'its content is another');
}

async function readWhole(
  file: FileSource,
  signal: AbortSignal | undefined,
  read: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  signal?.throwIfAborted();
  const handle = await openFile(file);
  try {
    const before = await handle.stat({ bigint: true });
    if (!before.isFile()) throw changed(file.name, 'it is no file any more');
    if (before.size !== BigInt(file.size)) {
      throw changed(file.name, `it has ${before.size} bytes, and had ${file.size} when it was listed`);
    }
    await read(handle);
    const after = await handle.stat({ bigint: true });
    if (after.size !== before.size || after.mtimeNs !== before.mtimeNs) throw changed(file.name, 'it was written to');
  } finally {
    await handle.close();
  }
}

async function openFile(file: FileSource): Promise<FileHandle> {
  // No following, no waiting: what was a file may have become a link or a pipe since it was listed.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  return await open(file.absolute, flags).catch((error: unknown) => {
    throw accessError(error, file.name);
  });
}
