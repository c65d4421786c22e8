import { createServer, type IncomingMessage, request as plainRequest, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Certificate } from './registry-certificate.ts';

/** How a test proxy behaves. */
export interface TestProxyOptions {
  /** Who may use it; everybody by default. Others get 407. */
  account?: { username: string; password: string };
  /** Speaks TLS with its clients. */
  certificate?: Certificate;
  /** The status that a request gets in place of being served; undefined lets it through. */
  refuse?(target: string): number | undefined;
}

/** One request that came to a proxy. */
export interface ProxyRecord {
  method: string;
  /** `host:port` of a tunnel, or the whole URL. */
  target: string;
  /** Names of the request's headers, in lower case. */
  headers: string[];
}

/** A running proxy on 127.0.0.1. */
export interface TestProxy {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** As it is written into HTTPS_PROXY, with user and password where it wants them. */
  readonly url: string;
  readonly log: ProxyRecord[];
  /** Ends its connections, tunnels included. */
  stop(): Promise<void>;
}

/**
 * Starts an HTTP proxy: tunnels (CONNECT) and absolute-form requests. Whatever name is asked for, it connects to this
 * machine, so that tests can use names that do not exist.
 */
export async function startProxyServer(options: TestProxyOptions = {}): Promise<TestProxy> {
  const { account, certificate, refuse } = options;
  const log: ProxyRecord[] = [];
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  };
  const expected = account && `Basic ${Buffer.from(`${account.username}:${account.password}`).toString('base64')}`;
  const judge = (request: IncomingMessage): number | undefined => {
    const target = request.url ?? '';
    log.push({ method: request.method ?? '', target, headers: Object.keys(request.headers) });
    if (expected !== undefined && request.headers['proxy-authorization'] !== expected) return 407;
    return refuse?.(target);
  };

  const server: Server = certificate === undefined ? createServer() : createSecureServer(certificate);
  server.on('connection', keep);
  server.on('request', (request, response) => {
    const status = judge(request);
    const url = URL.canParse(request.url ?? '') ? new URL(request.url ?? '') : undefined;
    if (status !== undefined || url === undefined) {
      response.writeHead(status ?? 400, status === 407 ? { 'Proxy-Authenticate': 'Basic realm="proxy"' } : {});
      response.end('the proxy says no');
      return;
    }
    const { 'proxy-authorization': _, ...headers } = request.headers;
    const onward = plainRequest(
      {
        host: '127.0.0.1',
        port: url.port || 80,
        method: request.method,
        path: `${url.pathname}${url.search}`,
        headers,
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
    request.pipe(onward);
  });
  server.on('connect', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const status = judge(request);
    if (status !== undefined) {
      socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
      return;
    }
    const onward = connect(Number(/:(\d+)$/.exec(request.url ?? '')?.[1] ?? 443), '127.0.0.1');
    keep(onward);
    const unreachable = (): void => void socket.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n');
    onward.once('error', unreachable);
    onward.once('connect', () => {
      onward.off('error', unreachable);
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      if (head.byteLength > 0) onward.write(head);
      onward.pipe(socket);
      socket.pipe(onward);
    });
    onward.once('close', () => socket.destroySoon());
    socket.once('close', () => onward.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const user = account && `${encodeURIComponent(account.username)}:${encodeURIComponent(account.password)}@`;
  return {
    host,
    url: `${certificate === undefined ? 'http' : 'https'}://${user ?? ''}${host}`,
    log,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
