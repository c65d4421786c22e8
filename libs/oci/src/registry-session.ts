import type { Emit } from '@baton/kernel';
import type { Addresses, Guard } from './address-guard.ts';
import type { CredentialSource } from './credentials.ts';
import { createHttpClient, type HttpRequest, type StreamBody, type Timeouts } from './http.ts';
import { ProxyFailure, TransportFailure } from './http-failure.ts';
import type { HttpResponse } from './http-response.ts';
import { answerError, readProblems, type Subject, transportError } from './registry-errors.ts';
import { Again, isRetryableStatus, parseRetryAfter, type RetryPolicy, withRetry } from './retry.ts';
import { createAuthorizer, type Scope } from './token.ts';

/** Counts of one client: `retries` are repetitions, `sent` and `received` bytes of bodies. */
export interface Stats {
  requests: number;
  retries: number;
  sent: number;
  received: number;
}

/** One request to the registry, or to where it redirects. */
export interface Call<T> {
  method: string;
  url: URL;
  headers?: Record<string, string>;
  body?: Uint8Array | StreamBody;
  /** What a token has to allow. */
  scopes: readonly Scope[];
  /** A clause for messages: 'reading manifest acme/app:1.2.3'. */
  doing: string;
  /** Name of the effect, where the path must not be shown. */
  target?: string;
  /** The handler hands the answer on unread: it is then not discarded, unless the handler throws. */
  keep?: boolean;
  /** Judges and reads the answer; a connection that breaks in it repeats the call. */
  handle(response: HttpResponse): Promise<T>;
}

/** A registry with everything that its requests share: connections, credentials, repetitions. */
export interface Session {
  readonly host: string;
  /** `https://host/`. */
  readonly base: URL;
  readonly stats: Stats;
  /** Repeats until there is an answer that repeating would not cure. */
  call<T>(call: Call<T>): Promise<T>;
  /** One try, repeated only after a 401; throws {@link Again} where another try is worth it. */
  once<T>(call: Call<T>): Promise<T>;
  /** Repeats work that consists of several calls. */
  repeat<T>(doing: string, attempt: (progress: { reset(): void }) => Promise<T>): Promise<T>;
  /** The error for an answer that was not the wanted one. */
  refuse(response: HttpResponse, doing: string): Promise<never>;
  /** Turns a broken connection into {@link Again} or the final error; other errors stay. */
  failure(error: unknown, doing: string): unknown;
  subject(doing: string): Subject;
  close(): void;
}

/** What a session needs to know. */
export interface SessionOptions {
  host: string;
  insecure: boolean;
  credentials: CredentialSource;
  timeouts: Timeouts;
  retry: Omit<RetryPolicy, 'onRetry' | 'emit' | 'signal'>;
  emit: Emit;
  signal?: AbortSignal | undefined;
  userAgent: string;
  ca?: string | undefined;
  /** Where proxies are named. */
  env?: NodeJS.ProcessEnv | undefined;
  addresses?: Addresses | undefined;
}

// Docker Hub's registry does not live under the name that its images carry.
const API_HOSTS: Record<string, string> = { 'docker.io': 'registry-1.docker.io' };

/**
 * Opens a session; nothing is sent yet. It does not ask `/v2/` first: the first 401 tells how to sign in, and from then
 * on requests carry what it wants.
 *
 * Credentials go to the registry's own origin and to the token server it names; never to a host that an answer
 * redirects to. Where an answer leads elsewhere (a redirect, the place of an upload, a token server), private addresses
 * are refused with `REDIRECT_REFUSED`, unless the registry is at one.
 */
export function openSession(options: SessionOptions): Session {
  const { host, emit, signal } = options;
  const base = new URL(`${options.insecure ? 'http' : 'https'}://${API_HOSTS[host] ?? host}/`);
  const stats: Stats = { requests: 0, retries: 0, sent: 0, received: 0 };
  const http = createHttpClient({
    timeouts: options.timeouts,
    traffic: stats,
    signal,
    ca: options.ca,
    env: options.env,
  });
  const countRetry = (): void => {
    stats.retries += 1;
  };
  const policy: RetryPolicy = { ...options.retry, emit, signal, onRetry: countRetry };
  let answered = false;
  /** Where the registry was when it last answered; not known through a proxy. */
  let address = base.hostname;

  const send = async (request: HttpRequest, doing: string): Promise<HttpResponse> => {
    const headers = { 'User-Agent': options.userAgent, 'Accept-Encoding': 'identity', ...request.headers };
    const own = request.url.origin === base.origin;
    const guard = own ? undefined : await guarded(request.url, doing);
    guard?.checkHost();
    const response = await http.send({ ...request, headers, guard });
    if (response.status === 407 && response.via !== undefined) {
      await response.discard();
      throw new ProxyFailure('PROXY_STATUS', 'wants credentials', response.via, { status: 407 });
    }
    if (own) address = response.remoteAddress ?? base.hostname;
    answered = true;
    return response;
  };
  const guarded = async (url: URL, doing: string): Promise<Guard> => {
    const { guardAddress } = await import('./address-guard.ts');
    return guardAddress(url, { host, address, doing }, options.addresses);
  };

  const failure = (error: unknown, doing: string): unknown => {
    if (!(error instanceof TransportFailure)) return error;
    const { error: final, again, reason } = transportError({ host, doing }, error, answered);
    return again ? new Again(final, reason, { stale: error.stale }) : final;
  };

  const judge = async <T>(
    response: HttpResponse,
    { doing, handle, keep }: Pick<Call<T>, 'doing' | 'handle' | 'keep'>,
  ): Promise<T> => {
    let kept = false;
    try {
      if (isRetryableStatus(response.status)) {
        const after = parseRetryAfter(response.headers['retry-after'], Date.now());
        const error = answerError(subject(doing), response.status, await readProblems(response), after);
        throw new Again(error, `status ${response.status}`, { after });
      }
      const result = await handle(response);
      kept = keep === true;
      return result;
    } finally {
      if (!kept) await response.discard();
    }
  };

  const authorizer = createAuthorizer(
    host,
    !options.insecure,
    options.credentials,
    async (request, doing, handle, refusals) => {
      try {
        const response = await send(request, doing);
        return await judge(response, {
          doing,
          handle: async () => {
            if (response.status === 200) return await handle(response);
            if (refusals?.includes(response.status) === true) return undefined;
            // OAuth2 answers 400 where others answer 401 (RFC 6749, section 5.2).
            const status = response.status === 400 ? 401 : response.status;
            throw answerError(subject(doing), status, await readProblems(response));
          },
        });
      } catch (error) {
        throw failure(error, doing);
      }
    },
  );

  const subject = (doing: string): Subject => ({ host, doing, credentials: authorizer.credentials });

  const once = async <T>(call: Call<T>): Promise<T> => {
    const { url, doing } = call;
    const own = url.origin === base.origin;
    const request = (authorization: string | undefined): HttpRequest => ({
      method: call.method,
      url,
      headers: { ...call.headers, ...(authorization === undefined ? {} : { Authorization: authorization }) },
      body: call.body,
      target: call.target ?? `${call.method} ${own ? url.pathname : url.host}`,
    });
    try {
      const known = own ? await authorizer.header(call.scopes) : undefined;
      const first = await send(request(known), doing);
      if (first.status !== 401 || !own) return await judge(first, call);
      const problems = await readProblems(first);
      await first.discard();
      const learned = await authorizer.answer(first.headers['www-authenticate'], call.scopes, known);
      // The same words again would be refused again.
      if (learned === known) throw answerError(subject(doing), 401, problems);
      return await judge(await send(request(learned), doing), call);
    } catch (error) {
      throw failure(error, doing);
    }
  };

  return {
    host,
    base,
    stats,
    once,
    failure,
    subject,
    call: (call) => withRetry(policy, call.doing, () => once(call)),
    repeat: (doing, attempt) => withRetry(policy, doing, attempt),
    async refuse(response, doing) {
      throw answerError(subject(doing), response.status, await readProblems(response));
    },
    close: () => http.close(),
  };
}
