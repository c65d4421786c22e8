/** What watches for the signals that end a command. */
export interface Interrupts {
  signal: AbortSignal;
  stop(): void;
}

/**
 * Turns the first SIGINT or SIGTERM into an abort, so that the work can stop where a second run can go on; a second
 * signal ends the process at once with exit code 130.
 */
export function watchInterrupts(tell: (text: string) => void): Interrupts {
  const controller = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(130);
    tell(`${name}: stopping; a second one stops at once\n`);
    controller.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    stop() {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
