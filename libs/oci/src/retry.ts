import type { BatonError, Emit } from '@baton/kernel';
import { interrupted } from './http-failure.ts';

/** How often and how long to wait; tests replace `sleep` and `random`. */
export interface RetryPolicy {
  /** Repetitions after the first try. */
  retries: number;
  /** Waits that many milliseconds; rejects when the signal aborts. */
  sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void>;
  /** 0 (inclusive) to 1 (exclusive). */
  random(): number;
  signal?: AbortSignal | undefined;
  emit: Emit;
  /** Called for each repetition. */
  onRetry?(): void;
}

/** The longest `Retry-After` that is waited for, in milliseconds; a longer one ends the work with the error. */
export const LONGEST_WAIT = 30_000;

const FIRST_DELAY = 500;
const LONGEST_DELAY = 10_000;

/** What a try throws to be repeated: the error to give up with, and what is known about when. */
export class Again extends Error {
  readonly error: BatonError;
  /** For people: 'status 503', 'connection reset'. */
  readonly reason: string;
  /** Milliseconds that the server asked for. */
  readonly after: number | undefined;
  /** A connection that had gone stale while idle says nothing about the server: the first repetition needs no wait. */
  readonly stale: boolean;

  constructor(error: BatonError, reason: string, options: { after?: number | undefined; stale?: boolean } = {}) {
    super(error.message);
    this.error = error;
    this.reason = reason;
    this.after = options.after;
    this.stale = options.stale ?? false;
  }
}

/** Statuses that repeating may cure: the request was not refused, the server was busy, restarting or behind a proxy. */
export function isRetryableStatus(status: number): boolean {
  return [408, 429, 499, 500, 502, 503, 504, 522].includes(status);
}

/**
 * Runs `attempt` until it does not throw {@link Again}, at most `1 + retries` times, with exponential delays (0.5 s
 * doubling to 10 s, of which a random half) or what `Retry-After` asked for. Emits a `retry` event before each wait.
 *
 * Throws what the attempt threw, or the error inside the last {@link Again}.
 *
 * @param label what is tried, for people; holds no secrets
 */
export async function withRetry<T>(
  policy: RetryPolicy,
  label: string,
  attempt: (progress: { reset(): void }) => Promise<T>,
): Promise<T> {
  let failures = 0;
  const reset = (): void => {
    failures = 0;
  };
  for (;;) {
    if (policy.signal?.aborted === true) throw interrupted();
    try {
      return await attempt({ reset });
    } catch (error) {
      if (!(error instanceof Again)) throw error;
      failures += 1;
      if (failures > policy.retries || (error.after ?? 0) > LONGEST_WAIT) throw error.error;
      const delay = error.stale && failures === 1 ? 0 : (error.after ?? backoff(failures, policy.random()));
      policy.onRetry?.();
      policy.emit({
        type: 'retry',
        label,
        detail: `${error.reason}; try ${failures + 1} of ${policy.retries + 1} in ${(delay / 1000).toFixed(1)} s`,
        data: { reason: error.reason, attempt: failures + 1, attempts: policy.retries + 1, delay },
      });
      if (delay > 0) await policy.sleep(delay, policy.signal);
    }
  }
}

/** The wait before repetition number `failures` (from 1), in whole milliseconds: half of it fixed, half by chance. */
export function backoff(failures: number, random: number): number {
  const full = Math.min(FIRST_DELAY * 2 ** (failures - 1), LONGEST_DELAY);
  return Math.round(full / 2 + (full / 2) * random);
}

/**
 * Reads a `Retry-After` value (RFC 9110, section 10.2.3): seconds or an HTTP date, as milliseconds from now; undefined
 * when absent or unreadable.
 *
 * @param now milliseconds since the epoch
 */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\s*\d{1,9}\s*$/.test(value)) return Number(value) * 1000;
  const date = /[a-z]{3}/i.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** Waits; an abort ends the wait with `INTERRUPTED`. */
export function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(interrupted());
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, milliseconds);
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
  });
}
