import type { Readable } from 'node:stream';

/**
 * A descriptor that is read to its end once: `onBytes` is called synchronously for each read(2), with at most 256 KiB.
 *
 * The bytes are a view of a buffer that is used again: they hold until `onBytes` returns. Resolves at end of file, rejects
 * with Node's error when a read fails, or with what `onBytes` throws. Nothing is read ahead while `onBytes` runs.
 */
export type ByteSource = (onBytes: (bytes: Uint8Array) => void) => Promise<void>;

/** A pipe by its descriptor (non-blocking, closed at the end of file); undefined is a source without bytes. */
export function pipeSource(descriptor: Promise<number | undefined>): ByteSource {
  return async (onBytes) => {
    const fd = await descriptor;
    if (fd === undefined) return;
    // Loaded when a command runs, not when the agent starts: the banner comes first.
    const { Socket } = process.getBuiltinModule('node:net');
    await new Promise<void>((resolve, reject) => {
      let failure: { error: unknown } | undefined;
      // One buffer for all reads: this is the path that a gigabyte of output takes.
      const socket = new Socket({
        fd,
        readable: true,
        writable: false,
        onread: {
          buffer: Buffer.allocUnsafeSlow(READ_SIZE),
          callback: (size, buffer) => {
            if (failure !== undefined) return false;
            try {
              onBytes(buffer.subarray(0, size));
              return true;
            } catch (error) {
              failure = { error };
              socket.destroy();
              return false;
            }
          },
        },
      });
      socket.on('error', (error) => (failure ??= { error }));
      socket.on('close', () => (failure === undefined ? resolve() : reject(failure.error)));
    });
  };
}

/** A stream that Node has already opened, such as the standard output of a child. */
export function streamSource(stream: Readable | null): ByteSource {
  return (onBytes) =>
    new Promise<void>((resolve, reject) => {
      if (stream === null || stream.closed) return resolve();
      let failure: { error: unknown } | undefined;
      stream.on('data', (bytes: Buffer) => {
        if (failure !== undefined) return;
        try {
          onBytes(bytes);
        } catch (error) {
          failure = { error };
          stream.destroy();
        }
      });
      stream.on('error', (error) => (failure ??= { error }));
      stream.on('close', () => (failure === undefined ? resolve() : reject(failure.error)));
    });
}

/** What one read asks for, as the reference does. A pipe holds 64 KiB, so that is what comes in practice. */
const READ_SIZE = 262_144;
