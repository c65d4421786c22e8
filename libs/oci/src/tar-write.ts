import { BatonError } from '@baton/kernel';
import { checkHeader, type TarEntry } from './tar-entry.ts';
import { BLOCK, encodeHeader, padding } from './tar-header.ts';

const BATCH = 256 * 1024;
const PASS_ON = 64 * 1024;

/**
 * Writes a tar archive (ustar with pax extended headers) whose bytes depend on the entries alone: their order is kept,
 * no clock is read, owners' names are empty unless given, two zero blocks end it.
 *
 * Memory stays constant however large the files are; large chunks of content are passed on as they are, so a source
 * must not reuse its buffers. Throws `CONTEXT_INVALID` for an entry that cannot be written or a path that comes twice,
 * `FILE_CHANGED` when a file's content has not the size its header promised.
 */
export async function* writeTar(entries: Iterable<TarEntry> | AsyncIterable<TarEntry>): AsyncGenerator<Buffer> {
  const seen = new Set<string>();
  const batch = new Batch();
  for await (const entry of entries) {
    checkHeader(entry);
    if (seen.has(entry.path)) {
      throw new BatonError(
        'CONTEXT_INVALID',
        `cannot write the entry ${JSON.stringify(entry.path)}: the same path comes twice`,
      );
    }
    seen.add(entry.path);
    yield* batch.add(encodeHeader(entry));
    if (entry.type !== 'file') continue;
    let left = entry.size;
    for await (const chunk of contentOf(entry)) {
      left -= chunk.byteLength;
      if (left < 0) break;
      yield* batch.add(chunk);
    }
    if (left !== 0) throw changed(entry, left);
    yield* batch.add(Buffer.alloc(padding(entry.size)));
  }
  yield* batch.add(Buffer.alloc(2 * BLOCK));
  yield* batch.rest();
}

/** Joins small pieces, so that an archive of many small files does not become many small chunks. */
class Batch {
  #buffer = Buffer.alloc(0);
  #used = 0;

  *add(bytes: Uint8Array): Generator<Buffer> {
    if (bytes.byteLength >= PASS_ON) {
      yield* this.rest();
      yield Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      return;
    }
    if (this.#used + bytes.byteLength > this.#buffer.byteLength) {
      yield* this.rest();
      this.#buffer = Buffer.allocUnsafeSlow(BATCH);
    }
    this.#buffer.set(bytes, this.#used);
    this.#used += bytes.byteLength;
  }

  /** What is waiting. The room behind it is used for the next pieces: no byte is handed out twice. */
  *rest(): Generator<Buffer> {
    if (this.#used === 0) return;
    yield this.#buffer.subarray(0, this.#used);
    this.#buffer = this.#buffer.subarray(this.#used);
    this.#used = 0;
  }
}

function contentOf(entry: TarEntry): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
  if (typeof entry.content === 'function') return entry.content();
  return entry.content === undefined ? [] : [entry.content];
}

function changed(entry: TarEntry, left: number): BatonError {
  const found = left < 0 ? 'more' : `${entry.size - left}`;
  return new BatonError(
    'FILE_CHANGED',
    `the file "${entry.path}" changed while it was read: expected ${entry.size} bytes, found ${found}`,
    { hint: 'Let whatever writes this file finish, then run it again.', retryable: true },
  );
}
