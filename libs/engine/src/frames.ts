import type { Readable } from 'node:stream';
import { BatonError } from '@baton/kernel';

/** One line of what an engine tells while it works: the JSON messages of build, pull, push and load. */
export interface Frame {
  stream?: string;
  status?: string;
  id?: string;
  progressDetail?: { current?: number; total?: number };
  aux?: unknown;
  error?: string;
  errorDetail?: { code?: number; message?: string };
}

/** The engine told of an error in the middle of its answer, which had begun with status 200. */
export class FrameError extends Error {
  /** The exit code of the program that failed, where there was one. */
  readonly exit: number | undefined;

  constructor(message: string, exit: number | undefined) {
    super(message);
    this.name = 'FrameError';
    this.exit = exit;
  }
}

// More than any frame of an engine, less than what hurts.
const LONGEST = 16 * 1024 * 1024;

/**
 * Reads an engine's frames to the end, one call of `see` for each; the stream is destroyed in any case.
 *
 * Throws {@link FrameError} at a frame that carries an error, which dockerode's own `followProgress` passes over in
 * silence; `ENGINE_FAILED` at what is not a frame; the stream's own error when it is cut.
 */
export async function readFrames(stream: Readable, see: (frame: Frame) => void): Promise<void> {
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      let from = 0;
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
        const piece = chunk.subarray(from, end);
        from = end + 1;
        readFrame(rest.byteLength === 0 ? piece : Buffer.concat([rest, piece]), see);
        rest = Buffer.alloc(0);
      }
      if (from < chunk.byteLength) rest = Buffer.concat([rest, chunk.subarray(from)]);
      if (rest.byteLength > LONGEST) throw unreadable(`a line of more than ${LONGEST} bytes`);
    }
    readFrame(rest, see);
  } finally {
    stream.destroy();
  }
}

function readFrame(line: Buffer, see: (frame: Frame) => void): void {
  const text = line.toString('utf8').trim();
  if (text === '') return;
  let frame: Frame;
  try {
    frame = JSON.parse(text) as Frame;
  } catch {
    throw unreadable(JSON.stringify(text.slice(0, 200)));
  }
  if (frame === null || typeof frame !== 'object') throw unreadable(JSON.stringify(text.slice(0, 200)));
  const message = frame.errorDetail?.message ?? frame.error;
  if (message !== undefined) throw new FrameError(message, frame.errorDetail?.code);
  see(frame);
}

function unreadable(what: string): BatonError {
  return new BatonError('ENGINE_FAILED', `the container engine sent what is not a progress message: ${what}`);
}
