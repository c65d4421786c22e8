import type { Writable } from 'node:stream';
import { errnoOf } from '@baton/kernel';

/** A stream that a command prints to. */
export interface Output {
  write(text: string): void;
  /** Resolves when everything written so far has left this process. */
  flushed(): Promise<void>;
}

/**
 * Prints to a stream whose reader may go away (`baton ... | head -1`): then what follows is thrown away and the work goes
 * on, because a publish must not stop half-way for want of a reader.
 */
export function openOutput(stream: Writable): Output {
  let gone = false;
  stream.on('error', (error: Error) => {
    if (errnoOf(error) !== 'EPIPE') throw error;
    gone = true;
  });
  return {
    write(text) {
      if (!gone) stream.write(text);
    },
    flushed: () =>
      new Promise((resolve) => {
        if (gone) resolve();
        else stream.write('', () => resolve());
      }),
  };
}
