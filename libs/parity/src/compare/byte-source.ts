import { closeSync, openSync, readSync } from 'node:fs';
import { BatonError } from '@baton/kernel';
import type { Content } from '../model/observation.ts';

/** Bytes that are read by position: of a buffer, or of a file that is never read as a whole. */
export interface ByteSource {
  size: number;
  /** Puts bytes from `position` on into `target` at `offset`, at most `length`; returns how many: fewer only at the end. */
  read(target: Uint8Array, offset: number, length: number, position: number): number;
  close(): void;
}

/** What of {@link Content} has bytes to read. */
export type ReadableContent = Exclude<Content, { kind: 'elided' }>;

/** Opens contents for reading. A file that is shorter than its recorded size throws SUBJECT_FAILED: the evidence was changed. */
export function openSource(content: ReadableContent): ByteSource {
  return content.kind === 'bytes' ? bufferSource(content.bytes) : fileSource(content.path, content.size);
}

/** A buffer as a source. */
export function bufferSource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read(target, offset, length, position) {
      const part = bytes.subarray(position, position + length);
      target.set(part, offset);
      return part.length;
    },
    close: () => undefined,
  };
}

function fileSource(path: string, size: number): ByteSource {
  const fd = openSync(path, 'r');
  return {
    size,
    read(target, offset, length, position) {
      const wanted = Math.min(length, size - position);
      let done = 0;
      while (done < wanted) {
        const count = readSync(fd, target, offset + done, wanted - done, position + done);
        if (count === 0) {
          throw new BatonError('SUBJECT_FAILED', `captured bytes are gone: ${path} has ${position + done} of ${size}`, {
            hint: 'The evidence directory was changed while it was compared; run again and leave it alone.',
          });
        }
        done += count;
      }
      return done;
    },
    close: () => closeSync(fd),
  };
}

/** A part of a source as a buffer of its own. */
export function readPart(source: ByteSource, from: number, to: number): Buffer {
  const part = Buffer.allocUnsafe(Math.max(0, Math.min(to, source.size) - from));
  source.read(part, 0, part.length, from);
  return part;
}
