import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { temporaryDirectory } from './temp.ts';

/** How a fake engine answers one request. */
export interface FakeAnswer {
  /** 200 by default. */
  status?: number;
  headers?: Record<string, string>;
  /** Sent as they are, or objects as lines of JSON. */
  send?: readonly (string | Buffer | object)[];
  /** What comes behind: the end (default), a broken connection, or nothing for ever. */
  after?: 'end' | 'cut' | 'hang';
  /** Answers without waiting for the whole request, as an engine does that refuses an upload. */
  early?: boolean;
}

/** A request as a fake engine got it. */
export interface FakeRequest {
  method: string;
  /** Without the query. */
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

/** Answers by `METHOD /path`; a function decides by the request; what is not there is 404. `GET /_ping` is there already. */
export type FakeScript = Record<string, FakeAnswer | ((request: FakeRequest) => FakeAnswer)>;

/**
 * An HTTP server on a Unix socket that says what a real engine cannot be made to say. A request to take over the
 * connection (a BuildKit session) is granted, and then nothing happens on it.
 */
export interface FakeEngine {
  /** For `DOCKER_HOST`. */
  readonly host: string;
  /** What it was asked, pings left out. */
  readonly requests: readonly FakeRequest[];
  /** Connections that are open now. */
  connections(): number;
  stop(): Promise<void>;
}

const PING: FakeAnswer = { headers: { 'api-version': '1.41', ostype: 'linux' }, send: ['OK'] };

/** Starts a fake engine in a temporary directory. */
export async function startFakeEngine(script: FakeScript = {}): Promise<FakeEngine> {
  const socket = join(temporaryDirectory('fake'), 's');
  const requests: FakeRequest[] = [];
  const open = new Set<Socket>();
  const routes: FakeScript = { 'GET /_ping': PING, ...script };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://engine');
    const path = decodeURIComponent(url.pathname);
    const method = request.method ?? 'GET';
    const route = routes[`${method} ${path}`] ?? { status: 404, send: [{ message: `no route ${method} ${path}` }] };
    const asked: FakeRequest = {
      method,
      path,
      query: url.searchParams,
      headers: request.headers,
      body: Buffer.alloc(0),
    };
    if (path !== '/_ping') requests.push(asked);
    const chunks: Buffer[] = [];
    let answered = false;
    const reply = (): void => {
      if (answered) return;
      answered = true;
      asked.body = Buffer.concat(chunks);
      answer(response, typeof route === 'function' ? route(asked) : route);
    };
    request.on('error', () => undefined);
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', reply);
    if ('early' in route && route.early === true) reply();
  });
  // A connection that is taken over for another protocol is held open, and nothing is said on it.
  server.on('upgrade', (request, connection: Socket) => {
    const url = new URL(request.url ?? '/', 'http://engine');
    const { headers, method = 'GET' } = request;
    requests.push({ method, path: url.pathname, query: url.searchParams, headers, body: Buffer.alloc(0) });
    // Without reading, nobody would notice that the other side has gone.
    connection.resume().on('end', () => connection.end());
    connection.write(`HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: ${headers.upgrade ?? 'tcp'}\r\n\r\n`);
  });
  server.on('connection', (connection) => {
    open.add(connection);
    connection.on('error', () => undefined);
    connection.on('close', () => open.delete(connection));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, resolve);
  });
  return {
    host: `unix://${socket}`,
    requests,
    connections: () => open.size,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const connection of open) connection.destroy();
      }),
  };
}

function answer(response: ServerResponse, { status = 200, headers = {}, send = [], after = 'end' }: FakeAnswer): void {
  response.writeHead(status, headers);
  response.flushHeaders();
  for (const part of send) {
    response.write(typeof part === 'string' || Buffer.isBuffer(part) ? part : `${JSON.stringify(part)}\n`);
  }
  if (after === 'end') response.end();
  // After what was written has left.
  if (after === 'cut') setImmediate(() => response.socket?.destroy());
}
