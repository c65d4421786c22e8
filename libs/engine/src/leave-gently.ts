import type { IncomingMessage } from 'node:http';

// From the end of a connection to the end of the build: killing a container takes an engine some tenths of a second.
const GRACE = 10_000;

/** How a build is left that its caller ends. */
export interface Leaving {
  /** The engine's answer has begun. */
  from(answer: IncomingMessage): void;
  /** The build is over. */
  done(): void;
}

/**
 * Ends a build by closing one half of the connection: the engine takes that for a client that is gone and ends the build,
 * and what it still says tells which containers and images it made meanwhile. Breaking the connection would leave those
 * to be guessed. An engine that goes on for ten seconds is left; an upload is broken off.
 */
export function leaveGently(signal: AbortSignal | undefined, upload: AbortController): Leaving {
  let answer: IncomingMessage | undefined;
  let timer: NodeJS.Timeout | undefined;
  const leave = (): void => {
    if (answer === undefined) {
      upload.abort();
      return;
    }
    const { socket } = answer;
    socket.end();
    timer ??= setTimeout(() => socket.destroy(), GRACE);
  };
  signal?.addEventListener('abort', leave, { once: true });
  return {
    from(began) {
      answer = began;
      if (signal?.aborted === true) leave();
    },
    done() {
      signal?.removeEventListener('abort', leave);
      clearTimeout(timer);
    },
  };
}
