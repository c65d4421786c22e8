import { BatonError, errnoOf } from '@baton/kernel';

/** The connection failed, broke or stalled: no whole answer came. */
export class TransportFailure extends Error {
  /** An errno or OpenSSL code: 'ECONNRESET', 'CERT_HAS_EXPIRED'; time-outs are 'CONNECT_TIMEOUT' and 'IDLE_TIMEOUT'. */
  readonly code: string;
  /** The connection had served another request before and broke before this one was answered. */
  readonly stale: boolean;

  constructor(code: string, message: string, options: { stale?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.stale = options.stale ?? false;
  }
}

/** The proxy on the way, not the registry, failed: it could not be reached, or refused. */
export class ProxyFailure extends TransportFailure {
  /** For people: '127.0.0.1:3128 (HTTPS_PROXY)'. */
  readonly proxy: string;
  /** What the proxy answered, when it did. */
  readonly status: number | undefined;

  constructor(
    code: string,
    message: string,
    proxy: string,
    options: { cause?: unknown; status?: number; stale?: boolean } = {},
  ) {
    super(code, message, options);
    this.proxy = proxy;
    this.status = options.status;
  }
}

/** A {@link TransportFailure} for what a socket threw; errors that no system call made stay as they are. */
export function asFailure(error: unknown, stale: boolean): unknown {
  if (error instanceof BatonError || error instanceof TransportFailure) return error;
  const code = errnoOf(error);
  if (code === undefined) return error;
  const message = error instanceof Error && error.message !== '' ? error.message : code;
  return new TransportFailure(code, message, { stale, cause: error });
}

/** What an aborted signal makes of a request. */
export function interrupted(): BatonError {
  return new BatonError('INTERRUPTED', 'interrupted before the registry request was done', {
    hint: 'Run the same command again: finished parts are kept.',
  });
}

/** A timer that runs only while the other side is waited for. */
export interface Watch {
  /** Starts it anew. */
  arm(): void;
  disarm(): void;
}

/** Makes a timer that is not running yet. */
export function watch(milliseconds: number, onIdle: () => void): Watch {
  let timer: NodeJS.Timeout | undefined;
  return {
    arm() {
      clearTimeout(timer);
      timer = setTimeout(onIdle, milliseconds);
    },
    disarm() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
