import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { fail, json } from './registry-answers.ts';
import { createGate, type RegistryAuth } from './registry-auth.ts';
import { testCertificate } from './registry-certificate.ts';
import {
  Dropped,
  type Exchange,
  type RequestRecord,
  reply,
  requestBody,
  resetConnection,
} from './registry-exchange.ts';
import { createFaults, type FaultAction, type FaultMatch } from './registry-faults.ts';
import { diskFiles, memoryFiles } from './registry-files.ts';
import type { RegistryHabits } from './registry-habits.ts';
import { routeOf } from './registry-routes.ts';
import { openRegistryStore, type RegistryStore } from './registry-store.ts';

/** What kind of registry to start; by default one in memory, open to everybody, over plain http. */
export interface TestRegistryOptions extends RegistryHabits {
  /** Keeps its content here, also beyond its end. */
  directory?: string;
  /** 0 for a free one. */
  port?: number;
  auth?: RegistryAuth;
  /** https with a certificate nobody trusts: {@link TestRegistry.ca}. Needs the openssl command. */
  tls?: boolean | { names: string };
}

/** A running registry on 127.0.0.1. */
export interface TestRegistry {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  readonly port: number;
  /** The certificate to trust, in PEM, when it speaks https. */
  readonly ca: string | undefined;
  /** Every request so far, in the order of arrival. */
  readonly log: RequestRecord[];
  readonly store: RegistryStore;
  /** Lets the next matching request go wrong, or `times` of them, after letting `skip` through. */
  inject(match: FaultMatch, action: FaultAction, options?: { times?: number; skip?: number }): void;
  /** Faults that have not happened. */
  pendingFaults(): number;
  clearFaults(): void;
  /** Makes all Bearer tokens invalid. */
  expireTokens(): void;
  /** Ends connections and upload sessions and listens again on the same port, as a restarted server does. */
  restart(): Promise<void>;
  /** Ends connections and upload sessions; nothing answers until {@link restart}, if ever. */
  stop(): Promise<void>;
}

/**
 * Starts an own registry (OCI distribution specification: blobs, mounts, uploads, manifests, tags) whose requests can
 * be looked at and made to fail. For tests, the demo and benchmarks; it listens on loopback only.
 */
export async function startRegistryServer(options: TestRegistryOptions = {}): Promise<TestRegistry> {
  const store = openRegistryStore(options.directory === undefined ? memoryFiles() : diskFiles(options.directory));
  const faults = createFaults();
  const log: RequestRecord[] = [];
  const names = typeof options.tls === 'object' ? options.tls.names : undefined;
  const certificate = options.tls ? testCertificate(names) : undefined;
  const scheme = certificate === undefined ? 'http' : 'https';
  let port = options.port ?? 0;
  const gate = createGate(options.auth, () => `${scheme}://127.0.0.1:${port}/token`);
  const sockets = new Map<Socket, number>();
  let connections = 0;

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', `${scheme}://${request.headers.host ?? 'localhost'}`);
    const method = request.method ?? 'GET';
    const fault = faults.take(method, `${url.pathname}${url.search}`);
    const record = recordOf(log.length + 1, request, url, sockets.get(request.socket) ?? 0, fault);
    log.push(record);
    const exchange: Exchange = { request, response, url, record, fault };
    response.setHeader('Docker-Distribution-Api-Version', 'registry/2.0');
    if (fault?.kind === 'reset' && fault.when === 'before') {
      resetConnection(request);
      return;
    }
    if (fault?.kind === 'after') await fault.run();
    if (fault?.kind === 'status') return await answerFault(exchange, fault);
    if (url.pathname === '/token') {
      const form = new URLSearchParams((await allOf(exchange)).toString('utf8'));
      const { status, body } = gate.issue(exchange, form);
      return await json(exchange, status, body);
    }
    const route = routeOf(method, url, store, options);
    if (route === undefined) return await fail(exchange, 404, 'UNSUPPORTED', 'no such path');
    const admission = gate.admit(exchange, route.rights);
    if (admission.admitted) return await route.serve(exchange);
    const [code, message] =
      admission.status === 401 ? ['UNAUTHORIZED', 'authentication required'] : ['DENIED', 'access denied'];
    const headers = admission.challenge === '' ? {} : { 'WWW-Authenticate': admission.challenge };
    await fail(exchange, admission.status, code ?? '', message ?? '', headers);
  };

  const listener: RequestListener = (request, response) => {
    handle(request, response).catch((error: unknown) => {
      // The client or a fault ended the connection: nothing is left to answer.
      if (error instanceof Dropped || response.destroyed || response.headersSent) response.destroy();
      else {
        response.writeHead(500);
        response.end(`the test registry failed: ${error instanceof Error ? error.stack : String(error)}`);
      }
    });
  };

  let server = await listen();
  port = (server.address() as AddressInfo).port;

  async function listen(): Promise<Server> {
    const made = certificate === undefined ? createServer(listener) : createSecureServer(certificate, listener);
    // Benchmarks and tests keep connections as long as their clients want them.
    made.keepAliveTimeout = 0;
    made.requestTimeout = 0;
    made.on(certificate === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
      connections += 1;
      sockets.set(socket, connections);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      made.once('error', reject);
      made.listen(port, '127.0.0.1', resolve);
    });
    return made;
  }

  async function stop(): Promise<void> {
    if (!server.listening) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets.keys()) socket.destroy();
    store.dropUploads();
    await closed;
  }

  return {
    host: `127.0.0.1:${port}`,
    port,
    ca: certificate?.cert,
    log,
    store,
    inject: faults.inject,
    pendingFaults: faults.pending,
    clearFaults: faults.clear,
    expireTokens: gate.expire,
    async restart() {
      await stop();
      server = await listen();
    },
    stop,
  };
}

async function answerFault(exchange: Exchange, fault: Extract<FaultAction, { kind: 'status' }>): Promise<void> {
  if (fault.early !== true) await allOf(exchange);
  const body = typeof fault.body === 'string' ? Buffer.from(fault.body) : (fault.body ?? Buffer.alloc(0));
  await reply(exchange, fault.status, { 'Content-Type': 'application/json', ...fault.headers }, body);
}

async function allOf(exchange: Exchange): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of requestBody(exchange)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function recordOf(
  n: number,
  request: IncomingMessage,
  url: URL,
  connection: number,
  fault: FaultAction | undefined,
): RequestRecord {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) headers[name] = String(value);
  return {
    n,
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.search,
    authorization: (request.headers.authorization ?? 'none').split(' ')[0]?.toLowerCase() ?? 'none',
    headers,
    connection,
    status: 0,
    received: 0,
    ...(fault === undefined ? {} : { fault: fault.kind }),
  };
}
