import { type FileHandle, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { effect, ensureDir, temporaryName, writeAll } from '@baton/kernel';

const CHUNK = 1024 * 1024;

/** A part of a spool. */
export interface Spooled {
  offset: number;
  size: number;
}

/** Holds bytes that come in one order and are wanted in another, on disk and not in memory. */
export interface Spool {
  /** Keeps a body; one at a time. */
  add(body: AsyncIterable<Uint8Array>): Promise<Spooled>;
  /** The bytes of a body that was kept. */
  read(part: Spooled): AsyncGenerator<Buffer>;
  close(): Promise<void>;
}

/**
 * Opens an empty spool beside `path`. Its file has no name from the start, so that it is gone with this process,
 * however that ends.
 */
export async function openSpool(path: string): Promise<Spool> {
  await ensureDir(dirname(path));
  const handle = await openNameless(temporaryName(path));
  let end = 0;
  return {
    async add(body) {
      const offset = end;
      for await (const chunk of body) {
        await writeAll(handle, chunk);
        end += chunk.byteLength;
      }
      return { offset, size: end - offset };
    },
    read: (part) => readPart(handle, part),
    close: () => handle.close(),
  };
}

// One effect, though it is two calls: a kill between them leaves an empty file that the next sweep of the cache takes.
async function openNameless(path: string): Promise<FileHandle> {
  return await effect('write', path, async () => {
    const handle = await open(path, 'wx+', 0o600);
    await unlink(path);
    return handle;
  });
}

async function* readPart(handle: FileHandle, part: Spooled): AsyncGenerator<Buffer> {
  for (let done = 0; done < part.size; ) {
    const wanted = Math.min(CHUNK, part.size - done);
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(wanted), 0, wanted, part.offset + done);
    if (bytesRead === 0) throw new Error('the spool is shorter than what was kept in it');
    done += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
