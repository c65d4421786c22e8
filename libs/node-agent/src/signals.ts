import { crashReport, PythonError } from './crash.ts';

/** The signals to the agent itself (contract, section 14). */
export interface Signals {
  /** Whether SIGTERM came. Signals that are on their way are let in first. */
  terminated(): Promise<boolean>;
  /** What SIGINT kills: the launcher that is running, if there is one. */
  setRunning(launcher: { kill(): void } | undefined): void;
}

/** Where SIGINT leaves its words. */
export interface InterruptedStreams {
  stdout: { flush(): void };
  stderr: { write(text: string): void };
}

/**
 * Installs the handlers; to be called once, before anything that takes time.
 *
 * SIGTERM sets a mark and does nothing else (T28); it does so even where the signal was ignored before. SIGINT kills the launcher,
 * reports `KeyboardInterrupt`, flushes stdout and ends the process by SIGINT. Everything else keeps its default action.
 *
 * Node sets signals that its parent ignored back to their default before any program can look, so an agent under nohup does not
 * keep ignoring SIGHUP or SIGINT as the reference does.
 */
export function installSignals(streams: InterruptedStreams): Signals {
  let marked = false;
  let running: { kill(): void } | undefined;
  process.on('SIGTERM', () => {
    marked = true;
  });
  process.once('SIGINT', () => {
    running?.kill();
    streams.stderr.write(crashReport(new PythonError('KeyboardInterrupt', '')));
    dieInterrupted(streams.stdout);
  });
  return {
    terminated: async () => {
      await eventsAreIn();
      return marked;
    },
    setRunning: (launcher) => {
      running = launcher;
    },
  };
}

/** By SIGINT itself, so that the parent sees it. The first process of a container survives that, and exits as shells name it. */
function dieInterrupted(stdout: { flush(): void }): never {
  try {
    stdout.flush();
  } catch {
    // Nobody reads it any more; the end is the same.
  }
  process.kill(process.pid, 'SIGINT');
  process.exit(128 + 2);
}

/** The first turn may begin behind the event loop's look at signals; a second one has that look in between. */
async function eventsAreIn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
}
