import type { Readable } from 'node:stream';
import { BatonError } from '@baton/kernel';

/** What a program printed, up to a limit. */
export interface Output {
  stdout: Buffer;
  stderr: Buffer;
}

/**
 * Reads the two streams of a container without a terminal, which share one connection: eight bytes (1 or 2, three
 * zeros, length as 32-bit big endian), then as many bytes as they say (Engine API, "Attach to a container").
 *
 * Keeps `limit` bytes of each and reads past the rest. Throws `ENGINE_FAILED` at a header that is none.
 */
export async function demultiplex(stream: Readable, limit: number): Promise<Output> {
  const kept = { 1: keeper(limit), 2: keeper(limit) };
  let header: Buffer = Buffer.alloc(0);
  let target = kept[1];
  let left = 0;
  for await (let chunk of stream as AsyncIterable<Buffer>) {
    while (chunk.byteLength > 0) {
      if (left === 0) {
        const missing = 8 - header.byteLength;
        header = Buffer.concat([header, chunk.subarray(0, missing)]);
        chunk = chunk.subarray(missing);
        if (header.byteLength < 8) break;
        const type = header[0];
        if ((type !== 0 && type !== 1 && type !== 2) || header.readUIntBE(1, 3) !== 0)
          throw new BatonError(
            'ENGINE_FAILED',
            "the container engine sent a program's output in a form that is not its API's",
          );
        target = type === 2 ? kept[2] : kept[1];
        left = header.readUInt32BE(4);
        header = Buffer.alloc(0);
        continue;
      }
      const part = chunk.subarray(0, left);
      target.add(part);
      left -= part.byteLength;
      chunk = chunk.subarray(part.byteLength);
    }
  }
  return { stdout: kept[1].bytes(), stderr: kept[2].bytes() };
}

function keeper(limit: number): { add(part: Buffer): void; bytes(): Buffer } {
  const parts: Buffer[] = [];
  let room = limit;
  return {
    add(part) {
      if (room === 0 || part.byteLength === 0) return;
      const some = part.subarray(0, room);
      parts.push(some);
      room -= some.byteLength;
    },
    bytes: () => Buffer.concat(parts),
  };
}
