import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { BatonError, type Digest, errnoOf, Hasher } from '@baton/kernel';
import { type ContextEntry, type ContextPlan, type ContextSource, planContext, unusable } from './context-files.ts';
import { contextHeader, padding } from './context-header.ts';

const CHUNK = 256 * 1024;

/**
 * Packs a context into a tar archive whose bytes depend on names, contents, executable bits and `epoch` (seconds) alone:
 * owner 0:0, modes 755 and 644. Small things are joined, so that a context of many files is few writes.
 *
 * Throws `CONTEXT_INVALID` for a file that cannot be read, `FILE_CHANGED` for one that changes meanwhile.
 */
export async function* packContext(plan: ContextPlan, epoch = 0): AsyncGenerator<Buffer> {
  let batch: Buffer[] = [];
  let size = 0;
  const add = (bytes: Buffer): void => {
    batch.push(bytes);
    size += bytes.byteLength;
  };
  const take = (): Buffer => {
    const bytes = batch.length === 1 && batch[0] !== undefined ? batch[0] : Buffer.concat(batch, size);
    batch = [];
    size = 0;
    return bytes;
  };
  for (const entry of plan.entries) {
    add(contextHeader(entry, epoch));
    if (entry.type !== 'file') continue;
    if ('bytes' in entry) add(entry.bytes);
    else {
      for await (const chunk of readEntry(entry)) {
        add(chunk);
        if (size >= CHUNK) yield take();
      }
    }
    add(Buffer.alloc(padding(entry.size)));
    if (size >= CHUNK) yield take();
  }
  // Two empty blocks end an archive (POSIX.1-2017, pax, "ustar Interchange Format").
  add(Buffer.alloc(1024));
  yield take();
}

/**
 * The digest of what a build would be sent, and of which file in it is the Dockerfile: equal as long as nothing of that
 * changed. Errors of {@link planContext} and {@link packContext}.
 */
export async function contextDigest(source: ContextSource & { epoch?: number | undefined }): Promise<Digest> {
  const plan = await planContext(source);
  const hasher = new Hasher().update(Buffer.from(`${plan.dockerfile}\0`));
  for await (const chunk of packContext(plan, source.epoch)) hasher.update(chunk);
  return hasher.digest();
}

async function* readEntry(entry: Extract<ContextEntry, { source: string }>): AsyncGenerator<Buffer> {
  let file: FileHandle;
  try {
    // What became a link since it was listed is not followed, and what became a pipe is not waited for.
    file = await open(entry.source, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    throw unusable(entry.path, `it cannot be read (${errnoOf(error) ?? error})`, error);
  }
  try {
    const stats = await file.stat();
    if (!stats.isFile() || stats.size !== entry.size) throw changed(entry.path);
    let left = entry.size;
    while (left > 0) {
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(Math.min(left, CHUNK)));
      if (bytesRead === 0) throw changed(entry.path);
      left -= bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
    const after = await file.stat();
    if (after.size !== entry.size || after.mtimeMs !== stats.mtimeMs) throw changed(entry.path);
  } finally {
    await file.close();
  }
}

function changed(path: string): BatonError {
  return new BatonError('FILE_CHANGED', `the context's ${JSON.stringify(path)} changed while it was being sent`, {
    hint: 'Run it again when nothing writes there any more.',
    retryable: true,
  });
}
