import { BatonError } from './errors.ts';

/** Milliseconds that work has to settle after it was told to end; then it is left to itself. */
const GRACE = 5_000;
/** The most that a timer of Node can wait. */
const LONGEST = 2 ** 31 - 1;

/** What bounds the work of a flight. */
export interface WorkLimits {
  /** Aborted when the work has to end. */
  signal: AbortSignal;
  /** Why it has to end; undefined while it may go on. */
  reason(): BatonError | undefined;
  /** Rejects with the reason when the work goes on although it had to end long ago. */
  overdue: Promise<never>;
  /** The work has moved on. */
  progress(): void;
  /** Ends the work. */
  cancel(reason: BatonError): void;
  /** To be called when the work is over. */
  stop(): void;
}

/**
 * Bounds work by time, by standstill and by the end of the process. The timers do not keep the process alive: work
 * that waits for nothing ends with it.
 *
 * @param title what the work is about, for messages
 */
export function limitWork(
  title: string,
  limits: { deadline: number; idle?: number | undefined; shutdown?: AbortSignal | undefined },
): WorkLimits {
  const controller = new AbortController();
  let reason: BatonError | undefined;
  let grace: NodeJS.Timeout | undefined;
  let giveUp: (error: BatonError) => void = () => undefined;
  const overdue = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  overdue.catch(() => undefined);

  const cancel = (why: BatonError): void => {
    if (reason !== undefined) return;
    reason = why;
    controller.abort(why);
    grace = setTimeout(() => giveUp(why), GRACE).unref();
  };
  const after = (ms: number, message: string): NodeJS.Timeout =>
    setTimeout(() => cancel(new BatonError('TIMEOUT', message, TRY_AGAIN)), Math.min(ms, LONGEST)).unref();
  const { deadline, idle, shutdown } = limits;
  const last = after(deadline, `${title} was not done within ${duration(deadline)} and was ended`);
  const still =
    idle === undefined ? undefined : after(idle, `${title} made no progress for ${duration(idle)} and was ended`);
  const onShutdown = (): void => cancel(new BatonError('INTERRUPTED', `${title} was interrupted`, TRY_AGAIN));
  if (shutdown?.aborted === true) onShutdown();
  shutdown?.addEventListener('abort', onShutdown, { once: true });
  return {
    signal: controller.signal,
    reason: () => reason,
    overdue,
    progress: () => void still?.refresh(),
    cancel,
    stop() {
      clearTimeout(last);
      clearTimeout(still);
      clearTimeout(grace);
      shutdown?.removeEventListener('abort', onShutdown);
    },
  };
}

const TRY_AGAIN = { hint: 'Run the same command again: finished parts are kept.', retryable: true };

function duration(ms: number): string {
  if (ms % 60_000 === 0) return `${ms / 60_000} min`;
  return ms % 1_000 === 0 ? `${ms / 1_000} s` : `${ms} ms`;
}
