/** A worker process that ends when it is told to, or when the one it works for is gone. */
export interface WorkerLife {
  /** Aborted when the worker should end. */
  signal: AbortSignal;
  /** To be called when the work has settled: ends the process if it was told to end, else stops listening. */
  close(): void;
}

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, disconnect: 130 } as const;

/**
 * Ties work in an Nx worker to the life of Nx.
 *
 * Nx that is killed cannot end its batch worker: the worker would build and publish on, orphaned. The channel between
 * them closes then, which is `disconnect`. On SIGINT and SIGTERM Nx waits for its workers, so they have to go.
 * Aborting ends the tools that the work has started, because each runs in a process group of its own.
 *
 * @param graceMs how long interrupted work may take to settle before the process ends anyway
 */
export function workerLife(graceMs = 5000): WorkerLife {
  const controller = new AbortController();
  let stopping: number | undefined;
  const stop = (reason: keyof typeof EXIT_CODES): void => {
    // The second time somebody asks, at once.
    if (stopping !== undefined) process.exit(stopping);
    const code = EXIT_CODES[reason];
    stopping = code;
    setTimeout(() => process.exit(code), graceMs).unref();
    controller.abort();
  };
  const reasons = Object.keys(EXIT_CODES) as (keyof typeof EXIT_CODES)[];
  const listeners = reasons.map((reason) => [reason, () => stop(reason)] as const);
  for (const [reason, listener] of listeners) process.on(reason, listener);
  return {
    signal: controller.signal,
    close() {
      if (stopping !== undefined) process.exit(stopping);
      for (const [reason, listener] of listeners) process.off(reason, listener);
    },
  };
}
