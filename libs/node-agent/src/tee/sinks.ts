import { writeSync } from 'node:fs';
import { osErrorOf } from '../files/os-error.ts';

/** Takes bytes, all of them before it returns; throws a PythonError when it cannot. */
export type Sink = (bytes: Uint8Array) => void;

/** The sink of an open file. */
export function fileSink(fd: number): Sink {
  return (bytes) => writeAll(fd, bytes);
}

/**
 * Writes all of `bytes`, however many calls that takes, and waits where the descriptor would not: a reader that is slow
 * stops the agent, which stops reading, which stops the command (contract, section 11).
 *
 * Throws PythonError OSError as Python words it without a path: `[Errno 28] No space left on device`, or BrokenPipeError.
 */
export function writeAll(fd: number, bytes: Uint8Array, write: typeof writeSync = writeSync): void {
  let pause = 1;
  for (let written = 0; written < bytes.length; ) {
    try {
      written += write(fd, bytes, written, bytes.length - written);
      pause = 1;
    } catch (error) {
      const code = codeOf(error);
      if (code === 'EINTR') continue;
      if (code !== 'EAGAIN') throw asPythonError(error);
      sleep(pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
  }
}

/** A failed call on a descriptor as Python tells it, without a path; what is no system error stays itself. */
export function asPythonError(error: unknown): unknown {
  if (!(error instanceof Error) || !('errno' in error) || typeof error.errno !== 'number') return error;
  return osErrorOf(Math.abs(error.errno));
}

const LONGEST_PAUSE = 20;

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

// There is no poll(2) in Node, and a non-blocking descriptor is somebody else's doing: asked again, ever more rarely.
function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
