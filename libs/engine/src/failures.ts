import { BatonError, errnoOf, redact } from '@baton/kernel';

/** Why an engine cannot be talked to, in one clause, and the next step. */
export interface Unavailable {
  reason: string;
  hint: string;
}

const START = 'Start the engine, or set DOCKER_HOST to where one listens. "baton doctor" shows what Baton finds.';

/** What a failed connection means; undefined when the error is about something else than reaching the engine. */
export function whyUnreachable(error: unknown): Unavailable | undefined {
  const errno = errnoOf(error) ?? '';
  const syscall = error instanceof Error && 'syscall' in error ? error.syscall : undefined;
  if (syscall === 'getaddrinfo') return { reason: 'the host name is not known', hint: START };
  if (errno.startsWith('HPE_') || errno === 'ERR_INVALID_PROTOCOL')
    return { reason: 'what answers there is not a container engine', hint: START };
  if (errno.startsWith('ERR_TLS') || errno.startsWith('ERR_SSL') || TLS.test(errno)) {
    const reason = `the TLS connection failed (${error instanceof Error ? error.message : errno})`;
    return { reason, hint: 'Check DOCKER_TLS_VERIFY and the ca.pem, cert.pem and key.pem in DOCKER_CERT_PATH.' };
  }
  if (syscall !== 'connect') return undefined;
  switch (errno) {
    case 'ENOENT':
      return { reason: 'there is no socket', hint: START };
    case 'EACCES':
    case 'EPERM':
      return {
        reason: 'permission to use the socket is denied',
        hint: 'Run it as a user who may use the engine (often: a member of the group "docker").',
      };
    case 'ECONNREFUSED':
      return { reason: 'nothing listens there', hint: START };
    case 'ENOTSOCK':
      return { reason: 'the file is not a socket', hint: START };
    default:
      return { reason: `connecting failed (${errno})`, hint: START };
  }
}

const TLS = /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|CERT_|ERR_TLS|EPROTO$)/;

/** The error that every call throws which finds no engine. */
export function unavailable(address: string, { reason, hint }: Unavailable, cause?: unknown): BatonError {
  return new BatonError('ENGINE_UNAVAILABLE', `no container engine at ${address}: ${reason}`, { hint, cause });
}

/** The error of a call that its caller ended. */
export function interrupted(what: string): BatonError {
  return new BatonError('INTERRUPTED', `interrupted before it was done: ${what}`, {
    hint: 'Run the same command again.',
  });
}

/** An answer of the engine with a status that is none of success; `message` is the engine's own. */
export interface Refusal {
  status: number;
  message: string;
}

/** What the engine answered when it refused; undefined for any other error. dockerode makes one text of it. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (!(error instanceof Error) || !('statusCode' in error) || typeof error.statusCode !== 'number') return undefined;
  const [, message = error.message] = /^\(HTTP code \d+\) .*? - (.*)$/s.exec(error.message) ?? [];
  return { status: error.statusCode, message: message.trim() };
}

/**
 * Turns whatever a call to an engine threw into a BatonError.
 *
 * @param what what was being done: 'building the image'
 */
export function engineFailure(error: unknown, address: string, what: string, signal?: AbortSignal): BatonError {
  if (error instanceof BatonError) return error;
  // An abort comes as an AbortError, or as the broken connection that it causes.
  if (signal?.aborted === true) return interrupted(what);
  const refusal = refusalOf(error);
  if (refusal !== undefined) {
    const message = `the container engine refused (HTTP ${refusal.status}) while ${what}: ${refusal.message}`;
    return new BatonError('ENGINE_FAILED', message, {
      cause: error,
      details: { status: refusal.status, message: redact(refusal.message) },
      retryable: refusal.status >= 500,
    });
  }
  const unreachable = whyUnreachable(error);
  if (unreachable !== undefined) return unavailable(address, unreachable, error);
  const broke = /ECONNRESET|EPIPE|ERR_STREAM_PREMATURE_CLOSE|UND_ERR/.test(errnoOf(error) ?? '');
  const why = error instanceof Error ? error.message : String(error);
  return new BatonError(
    'ENGINE_FAILED',
    broke
      ? `the connection to the container engine at ${address} broke while ${what} (${why})`
      : `${what} failed: ${why}`,
    {
      cause: error,
      ...(broke
        ? { hint: 'Check whether the engine still runs ("baton doctor"), then run it again.', retryable: true }
        : {}),
    },
  );
}
