import { type ClientRequest, Agent as HttpAgent } from 'node:http';
import { BatonError, effect } from '@baton/kernel';
import type { Guard } from './address-guard.ts';
import { asFailure, interrupted, ProxyFailure, TransportFailure, type Watch, watch } from './http-failure.ts';
import { type HttpResponse, responseOf } from './http-response.ts';
import { closeTransports, proxyEnvironment, type Transports, transportFor } from './http-transport.ts';
import type { Transport } from './transport.ts';

/** A request body that can be opened again for each try. */
export interface StreamBody {
  /** Bytes; sent as Content-Length. */
  size: number;
  open(): AsyncIterable<Uint8Array>;
  /**
   * Asks the server before sending (`Expect: 100-continue`), so that a refusal is not lost in a connection that breaks.
   */
  cautious?: boolean;
  /** Receives the bytes handed over so far in this try. */
  onProgress?: ((sent: number) => void) | undefined;
}

/** One request. */
export interface HttpRequest {
  method: string;
  url: URL;
  headers: Record<string, string>;
  body?: Uint8Array | StreamBody | undefined;
  /** How the effect is called: method and path, no query, no upload session. */
  target: string;
  /** Judges the address that it goes to; a proxy on the way judges in its place. */
  guard?: Guard | undefined;
}

/** What a client may wait for, in milliseconds. */
export interface Timeouts {
  /** Until the connection stands, TLS included. */
  connect: number;
  /** Without a byte from the server, or taken by it. */
  idle: number;
}

/** Body bytes and requests of one client. */
export interface Traffic {
  requests: number;
  sent: number;
  received: number;
}

/** Sends requests over kept-alive connections. */
export interface HttpClient {
  send(request: HttpRequest): Promise<HttpResponse>;
  /** Ends what is under way with `INTERRUPTED`, and the kept connections. */
  close(): void;
}

/**
 * Makes a client with one keep-alive agent per scheme. Redirects are not followed, nothing is decompressed, statuses
 * are not judged.
 *
 * Time-outs run only while the other side is waited for: a slow local file or a slow reader of a body does not count.
 * `send` rejects with {@link TransportFailure}, with `INTERRUPTED` once the signal aborts, or with what the body threw.
 *
 * @param options.ca certificates (PEM) to trust besides the default ones
 * @param options.env where proxies are named, HTTPS_PROXY, HTTP_PROXY and NO_PROXY
 */
export function createHttpClient(options: {
  timeouts: Timeouts;
  traffic: Traffic;
  signal?: AbortSignal | undefined;
  ca?: string | undefined;
  env?: NodeJS.ProcessEnv | undefined;
}): HttpClient {
  const transports: Transports = {
    plain: new HttpAgent({ keepAlive: true, scheduling: 'lifo' }),
    ca: options.ca,
    env: proxyEnvironment(options.env ?? process.env),
    connect: options.timeouts.connect,
    proxied: new Map(),
  };
  const active = new Set<ClientRequest>();
  const onAbort = (): void => {
    for (const request of active) request.destroy(interrupted());
  };
  options.signal?.addEventListener('abort', onAbort, { once: true });
  let closed = false;

  return {
    async send(request) {
      return await effect('request', request.target, async () => {
        const transport = await transportFor(request.url, transports);
        if (closed || options.signal?.aborted === true) throw interrupted();
        options.traffic.requests += 1;
        return await exchange(transport, request, options.timeouts, options.traffic, active);
      });
    },
    close() {
      closed = true;
      onAbort();
      options.signal?.removeEventListener('abort', onAbort);
      closeTransports(transports);
    },
  };
}

function exchange(
  { start, agent, via, peer }: Transport,
  spec: HttpRequest,
  timeouts: Timeouts,
  traffic: Traffic,
  active: Set<ClientRequest>,
): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const streamed = spec.body !== undefined && !(spec.body instanceof Uint8Array) ? spec.body : undefined;
    const headers = { ...spec.headers };
    if (spec.body !== undefined)
      headers['Content-Length'] = `${streamed?.size ?? (spec.body as Uint8Array).byteLength}`;
    if (streamed?.cautious === true) headers.Expect = '100-continue';
    const lookup = via === undefined && spec.guard !== undefined ? { lookup: spec.guard.lookup } : {};
    const request = start(spec.url, { method: spec.method, headers, agent, ...lookup });
    const named = (error: unknown): unknown =>
      peer === 'proxy' && via !== undefined && error instanceof TransportFailure ? ofProxy(error, via) : error;
    const idle = watch(timeouts.idle, () => {
      request.destroy(new TransportFailure('IDLE_TIMEOUT', `no data for ${timeouts.idle} ms`));
    });
    const flow: Flow = { stopped: false, wake: undefined, failure: undefined };
    const stop = (): void => {
      flow.stopped = true;
      flow.wake?.();
    };
    active.add(request);
    limitConnecting(request, timeouts.connect);
    request.on('drain', () => flow.wake?.());
    request.on('error', (error) => {
      // The first failure is the cause; what follows from tearing down is noise.
      flow.failure ??= named(asFailure(error, request.reusedSocket && !flow.stopped));
      stop();
      reject(flow.failure);
    });
    request.on('close', () => {
      active.delete(request);
      idle.disarm();
      stop();
      reject(flow.failure ?? named(new TransportFailure('ECONNRESET', 'the connection was closed before the answer')));
    });
    request.on('response', (response) => {
      idle.disarm();
      stop();
      const count = (length: number): void => {
        traffic.received += length;
      };
      resolve(responseOf(request, response, idle, () => flow.failure, count, via));
    });
    const waiting = (): void => {
      if (!flow.stopped) idle.arm();
    };
    if (streamed === undefined) {
      const bytes = spec.body as Uint8Array | undefined;
      traffic.sent += bytes?.byteLength ?? 0;
      request.end(bytes);
      waiting();
    } else {
      pump(request, streamed, flow, idle, traffic).then(waiting, (error: unknown) => {
        flow.failure ??= error;
        request.destroy(error instanceof Error ? error : new Error(String(error)));
      });
    }
  });
}

function ofProxy(failure: TransportFailure, via: string): ProxyFailure {
  const { code, message, stale } = failure;
  return new ProxyFailure(code, message, via, { stale, cause: failure });
}

/** What the sender, the receiver and the error handler of one request tell each other. */
interface Flow {
  /** Nothing more is to be sent: an answer came, or the connection broke. */
  stopped: boolean;
  wake: (() => void) | undefined;
  failure: unknown;
}

async function pump(
  request: ClientRequest,
  body: StreamBody,
  flow: Flow,
  idle: Watch,
  traffic: Traffic,
): Promise<void> {
  let sent = 0;
  if (body.cautious === true) await permission(request, flow);
  if (flow.stopped) return;
  for await (const chunk of body.open()) {
    // An answer before the end of the body is final: a refusal, or the registry needs no more.
    if (flow.stopped) return;
    sent += chunk.byteLength;
    if (sent > body.size) break;
    traffic.sent += chunk.byteLength;
    const accepted = request.write(chunk);
    body.onProgress?.(sent);
    if (accepted) continue;
    idle.arm();
    await new Promise<void>((resolve) => {
      flow.wake = resolve;
      if (flow.stopped) resolve();
    });
    flow.wake = undefined;
    // An answer that came meanwhile is timed by whoever reads it.
    if (flow.stopped) return;
    idle.disarm();
  }
  if (flow.stopped) return;
  if (sent !== body.size) {
    throw new BatonError(
      'DIGEST_MISMATCH',
      `the body of ${request.method} should have ${body.size} bytes; ${sent > body.size ? 'more' : `only ${sent}`} came from its source`,
    );
  }
  request.end();
}

/** Until the server says to go on, answers, or has said nothing for a second: many do not know the question. */
async function permission(request: ClientRequest, flow: Flow): Promise<void> {
  request.flushHeaders();
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, 1000);
    flow.wake = () => {
      clearTimeout(timer);
      resolve();
    };
    request.once('continue', flow.wake);
    if (flow.stopped) flow.wake();
  });
  flow.wake = undefined;
}

function limitConnecting(request: ClientRequest, milliseconds: number): void {
  request.once('socket', (socket) => {
    if (!socket.connecting) return;
    const timer = setTimeout(() => {
      request.destroy(new TransportFailure('CONNECT_TIMEOUT', `no connection within ${milliseconds} ms`));
    }, milliseconds);
    const done = (): void => clearTimeout(timer);
    // A TLS socket says `connect` before its handshake: only `secureConnect` means that it can be used.
    socket.once('encrypted' in socket ? 'secureConnect' : 'connect', done);
    socket.once('close', done);
  });
}
