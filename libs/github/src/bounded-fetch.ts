import { BatonError, type Emit, effect } from '@baton/kernel';

/** The bounds of one request and its repetitions. */
export interface Bounds {
  /** The only origin that it may go to: a token goes along. */
  origin: string;
  /** Milliseconds of one try, its answer's body included. */
  timeout: number;
  signal: AbortSignal | undefined;
  emit: Emit;
  /** What is done, for people. */
  label: string;
}

/** A `fetch` that stays with its origin, follows no redirect, ends in time, and says when it is a repetition. */
export function boundedFetch({ origin, timeout, signal, emit, label }: Bounds): typeof fetch {
  let last: string | undefined;
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.origin !== origin) {
      throw new BatonError('INTERNAL', `a request for ${origin} would go to ${url.origin}`);
    }
    if (last !== undefined) emit({ type: 'retry', label, detail: `${last}; trying again` });
    const { method = 'GET' } = init;
    const limits = [AbortSignal.timeout(timeout), ...(signal === undefined ? [] : [signal])];
    const send = (): Promise<Response> => fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.any(limits) });
    try {
      const response = method === 'GET' ? await send() : await effect('request', `${method} ${url.pathname}`, send);
      last = `status ${response.status}`;
      return response;
    } catch (error) {
      // By this name Octokit knows not to try again.
      if (signal?.aborted === true) throw new DOMException('interrupted', 'AbortError');
      last = error instanceof Error && error.name === 'TimeoutError' ? 'no answer in time' : 'no answer';
      throw error;
    }
  };
}

/** Gives what the work gives, or `INTERRUPTED` as soon as the signal aborts: Octokit's own waits know no signal. */
export async function raced<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await work;
  const over = Promise.withResolvers<never>();
  const onAbort = (): void => over.reject(interrupted());
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  // Whichever comes second has nobody to hear it.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, over.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    over.promise.catch(() => undefined);
  }
}

/** Waits; an abort ends it with `INTERRUPTED`. */
export async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const waited = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await raced(waited, signal).finally(() => clearTimeout(timer));
}

/** Whether what is sent to a host never leaves this machine. */
export function isThisMachine(hostname: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

function interrupted(): BatonError {
  return new BatonError('INTERRUPTED', 'interrupted before the forge had answered', {
    hint: 'Run the same command again: finished parts are kept.',
  });
}
