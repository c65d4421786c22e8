import { BatonError, type ErrorCode, redact } from '@baton/kernel';
import { ProxyFailure, type TransportFailure } from './http-failure.ts';
import type { HttpResponse } from './http-response.ts';

/** One entry of a registry's error body (distribution specification, "Error codes"), cleaned for printing. */
export interface RegistryProblem {
  code: string;
  message: string;
}

/** What an answer was about: the facts that its error names. */
export interface Subject {
  /** The registry as the user writes it. */
  host: string;
  /** What was being done, as a clause: 'reading manifest acme/app:1.2.3'. */
  doing: string;
  /**
   * Whether the registry asked for credentials, whether some were given, and where they came from or were looked for.
   */
  credentials: { asked: boolean; given: boolean; description: string };
}

const ERROR_BODY_LIMIT = 64 * 1024;
const SHOWN = 200;

/**
 * Reads what a registry says about an error. Never throws: a body that is empty, not JSON, huge, broken off or of
 * another shape gives what can be used of it, often nothing.
 */
export async function readProblems(response: HttpResponse): Promise<RegistryProblem[]> {
  const read = await response.bytes(ERROR_BODY_LIMIT).catch(() => undefined);
  if (read === undefined) return [];
  const text = read.bytes.toString('utf8');
  const listed = listOf(text);
  if (listed.length > 0) return listed;
  const plain = /^text\/plain\b/i.test(response.headers['content-type'] ?? '');
  return plain && text.trim() !== '' ? [{ code: '', message: clean(text) }] : [];
}

function listOf(text: string): RegistryProblem[] {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return [];
  }
  const errors = field(body, 'errors');
  const entries = Array.isArray(errors) ? errors.slice(0, 10) : [body];
  return entries
    .map((entry: unknown) => ({
      code: clean(textOf(field(entry, 'code')) ?? textOf(field(entry, 'error')) ?? ''),
      message: clean(
        textOf(field(entry, 'message')) ??
          textOf(field(entry, 'error_description')) ??
          textOf(field(entry, 'details')) ??
          '',
      ),
    }))
    .filter(({ code, message }) => code !== '' || message !== '');
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** One printable line of at most 200 characters without control characters and secrets. */
export function clean(text: string): string {
  // Redacted before it is cut: half of a secret would not be recognised.
  const line = redact(text)
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff\s]+/g, ' ')
    .trim();
  return line.length <= SHOWN ? line : `${line.slice(0, SHOWN - 1)}…`;
}

/**
 * The error for an answer that is not the wanted one: `AUTH_MISSING`, `AUTH_DENIED`, `IMAGE_NOT_FOUND`, `RATE_LIMITED`,
 * `DIGEST_MISMATCH` (the registry recomputed it) or `REGISTRY_REJECTED`.
 *
 * @param retryAfter milliseconds that the registry asked to wait
 */
export function answerError(
  subject: Subject,
  status: number,
  problems: readonly RegistryProblem[],
  retryAfter?: number,
): BatonError {
  const { host, doing, credentials } = subject;
  const said = problems[0];
  const words = said === undefined ? '' : `: ${[said.code, said.message].filter((part) => part !== '').join(': ')}`;
  const details = {
    host,
    status,
    ...(said === undefined ? {} : { registryCode: said.code, registryMessage: said.message }),
  };
  const make = (code: ErrorCode, message: string, hint: string, extra: { retryable?: boolean } = {}): BatonError =>
    new BatonError(code, message, { hint, details, ...extra });

  if (status === 401 || status === 403) {
    if (!credentials.given && (status === 401 || credentials.asked)) {
      return missingCredentials(subject, `status ${status}${words}`, details);
    }
    const refused = credentials.given
      ? `refused the credentials from ${credentials.description}`
      : 'refused this without asking for credentials';
    return make(
      'AUTH_DENIED',
      `${host} ${refused} while ${doing} (status ${status}${words})`,
      `Check that this account may do it, or sign in again: docker login ${host}`,
    );
  }
  if (status === 404 && !problems.some(({ code }) => code === 'MANIFEST_BLOB_UNKNOWN')) {
    return make(
      'IMAGE_NOT_FOUND',
      `${host} has no such repository or image, found while ${doing} (status 404${words})`,
      'Check the name, and whether this account can see it: some registries answer 404 for what is private.',
    );
  }
  const seconds = retryAfter === undefined ? undefined : Math.ceil(retryAfter / 1000);
  const until = seconds === undefined ? '' : `; it asks to wait ${seconds} s`;
  if (status === 429) {
    return new BatonError('RATE_LIMITED', `${host} limits the rate of requests, seen while ${doing}${until}${words}`, {
      hint:
        seconds === undefined ? 'Try again later, or sign in: limits are higher then.' : `Try again in ${seconds} s.`,
      details: { ...details, ...(seconds === undefined ? {} : { retryAfter: seconds }) },
      retryable: true,
    });
  }
  if (problems.some(({ code }) => code === 'DIGEST_INVALID' || code === 'SIZE_INVALID')) {
    return make(
      'DIGEST_MISMATCH',
      `${host} received other bytes than were announced while ${doing} (status ${status}${words})`,
      'The bytes changed on the way or in the local store: run it again; if it repeats, clear the cache.',
      { retryable: true },
    );
  }
  return make(
    'REGISTRY_REJECTED',
    `${host} answered with status ${status} while ${doing}${until}${words}`,
    hintFor(status, said?.message),
    { retryable: status >= 500 },
  );
}

function hintFor(status: number, message: string | undefined): string {
  if (message !== undefined && /HTTP request to an? HTTPS server/i.test(message)) {
    return 'This registry speaks https: leave out `insecure`.';
  }
  if (status >= 500) return 'The registry has a fault of its own: try again later, or look at its log.';
  if (status === 413) return 'A proxy before the registry limits the size of uploads: raise its limit.';
  if (status >= 300 && status < 400) return 'Redirects are followed for blobs only: name the registry by its own host.';
  return 'Repeating will not help: the registry does not accept this request.';
}

/** `AUTH_MISSING`: the registry wants credentials, and there were none. */
export function missingCredentials(
  { host, doing, credentials }: Subject,
  found: string,
  details: Record<string, unknown>,
): BatonError {
  return new BatonError(
    'AUTH_MISSING',
    `${host} wants credentials while ${doing} (${clean(found)}), and none were found`,
    {
      hint: `Looked in ${credentials.description}. Sign in with: docker login ${host}`,
      details,
    },
  );
}

const TRANSPORT: Record<string, { text: string; again: boolean; hint?: string }> = {
  ECONNREFUSED: { text: 'connection refused', again: false, hint: 'Check that it runs, and its port.' },
  ECONNRESET: { text: 'connection reset', again: true },
  ECONNABORTED: { text: 'connection aborted', again: true },
  EPIPE: { text: 'connection closed while sending', again: true },
  ETIMEDOUT: { text: 'connection timed out', again: true },
  CONNECT_TIMEOUT: { text: 'connection timed out', again: true },
  IDLE_TIMEOUT: { text: 'no data came for too long', again: true },
  EAI_AGAIN: { text: 'its name cannot be looked up at present', again: true },
  ENOTFOUND: { text: 'no such host name', again: false, hint: 'Check the spelling of the host.' },
  EHOSTUNREACH: { text: 'no route to the host', again: false },
  ENETUNREACH: { text: 'no route to the network', again: false },
  EPROTO: { text: 'TLS failed', again: false, hint: 'The registry may speak plain http: set `insecure: true`.' },
};

/**
 * `REGISTRY_UNREACHABLE` for a failed connection, and whether to repeat: resets, broken pipes and time-outs, and
 * refused connections only from a host that has answered before (it is restarting; otherwise the port is wrong).
 */
export function transportError(
  { host, doing }: Pick<Subject, 'host' | 'doing'>,
  failure: TransportFailure,
  answered: boolean,
): { error: BatonError; again: boolean; reason: string } {
  if (failure instanceof ProxyFailure) return proxyError({ host, doing }, failure);
  const options = { cause: failure, details: { host, cause: failure.code }, retryable: true };
  if (failure.code.startsWith('HPE_')) {
    const error = new BatonError('REGISTRY_PROTOCOL', `${host} does not answer in HTTP, seen while ${doing}`, {
      ...options,
      hint: 'Check the host and port; a server that speaks https only needs `insecure` left out.',
      retryable: false,
    });
    return { error, again: false, reason: 'not HTTP' };
  }
  const known = TRANSPORT[failure.code];
  const tls = known === undefined && isTlsCode(failure.code);
  const reason = known?.text ?? (tls ? `TLS: ${tlsProblem(failure)}` : clean(failure.message));
  const hint = tls
    ? 'If the registry has a certificate of your own authority, name its CA file in NODE_EXTRA_CA_CERTS or SSL_CERT_FILE.'
    : (known?.hint ?? 'Check the network, and run it again.');
  const error = new BatonError('REGISTRY_UNREACHABLE', `no answer from ${host} while ${doing}: ${reason}`, {
    ...options,
    hint,
    retryable: !tls,
  });
  return { error, again: known?.again === true || (failure.code === 'ECONNREFUSED' && answered), reason };
}

/** `REGISTRY_UNREACHABLE` for a proxy that cannot be reached or does not let through: the registry is not to blame. */
function proxyError(
  { host, doing }: Pick<Subject, 'host' | 'doing'>,
  failure: ProxyFailure,
): { error: BatonError; again: boolean; reason: string } {
  const { proxy, status } = failure;
  const again = status === undefined ? TRANSPORT[failure.code]?.again === true : status >= 500;
  const variable = /\((\w+)\)$/.exec(proxy)?.[1] ?? 'HTTPS_PROXY';
  const what =
    status === 407
      ? 'wants credentials (status 407)'
      : status === undefined
        ? `gives no answer: ${TRANSPORT[failure.code]?.text ?? clean(failure.message)}`
        : `${clean(failure.message)} (status ${status})`;
  const hint =
    status === 407
      ? `Write user and password, separated by a colon and followed by @, before the host in ${variable}.`
      : `Check ${variable}, or name the host in NO_PROXY to go past the proxy.`;
  const error = new BatonError(
    'REGISTRY_UNREACHABLE',
    `the proxy ${proxy} on the way to ${host} ${what}, while ${doing}`,
    {
      cause: failure,
      hint,
      details: { host, proxy, cause: failure.code, ...(status === undefined ? {} : { status }) },
      retryable: again,
    },
  );
  return { error, again, reason: `the proxy ${what}` };
}

function isTlsCode(code: string): boolean {
  return /CERT|TLS|SSL|ISSUER|SIGNATURE/.test(code);
}

function tlsProblem(failure: TransportFailure): string {
  const known: Record<string, string> = {
    DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed and not trusted here',
    SELF_SIGNED_CERT_IN_CHAIN: 'its certificate comes from an authority that is not trusted here',
    UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate comes from an authority that is not trusted here',
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate comes from an authority that is not trusted here',
    CERT_HAS_EXPIRED: 'its certificate has expired',
    CERT_NOT_YET_VALID: 'its certificate is not valid yet: check the clock',
    ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  };
  return known[failure.code] ?? clean(failure.message);
}
