import { type Agent as HttpAgent, request as plainRequest, type RequestOptions } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import { isIP, type Socket } from 'node:net';
import { connect as connectSecurely, type TLSSocket } from 'node:tls';
import { ProxyFailure } from './http-failure.ts';

import type { HttpProxy } from './proxy.ts';
import type { Transport } from './transport.ts';

/** What a transport through a proxy needs of the client it belongs to. */
export interface ProxyContext {
  /** The agent whose connections lead to the proxy itself. */
  plain: HttpAgent;
  /** Certificates to trust, in place of the default ones. */
  ca: string[] | undefined;
  /** Milliseconds until a connection through the proxy stands, TLS included. */
  connect: number;
}

/**
 * The transport for plain http: the proxy is asked for the whole URL (RFC 9112, section 3.2.2, absolute-form), and
 * whatever goes wrong with the connection is the proxy's.
 */
export function forwardingTransport(proxy: HttpProxy, { plain, ca }: ProxyContext): Transport {
  const agent = proxy.secure ? new SecureAgent({ keepAlive: true, ...(ca === undefined ? {} : { ca }) }) : plain;
  return {
    agent,
    via: proxy.title,
    peer: 'proxy',
    start(url, options) {
      const headers = { ...options.headers, Host: url.host, ...authorization(proxy) };
      const whole = new URL(url);
      whole.hash = '';
      return (proxy.secure ? secureRequest : plainRequest)({
        ...options,
        ...serverOf(proxy),
        path: whole.href,
        headers,
      });
    },
  };
}

/**
 * The transport for https: a tunnel (`CONNECT`, RFC 9110, section 9.3.6) for each connection, with TLS to the registry
 * inside; the proxy sees host and port. User and password go to the proxy only.
 */
export function tunnellingTransport(proxy: HttpProxy, context: ProxyContext): Transport {
  const { ca, connect } = context;
  const agent = new SecureAgent({ keepAlive: true, scheduling: 'lifo', ...(ca === undefined ? {} : { ca }) });
  agent.createConnection = (options, done) => {
    openTunnel(proxy, options as RequestOptions, context).then(
      (tunnel) => {
        const socket = connectSecurely({ ...(options as object), socket: tunnel });
        settle(socket, connect, proxy, (error) => done?.(error, socket));
      },
      (error: Error) => done?.(error, undefined as never),
    );
    return undefined;
  };
  return { agent, via: proxy.title, peer: 'registry', start: (url, options) => secureRequest(url, options) };
}

/** Calls back once, when the handshake is done, failed or took too long. */
function settle(socket: TLSSocket, connect: number, proxy: HttpProxy, done: (error: Error | null) => void): void {
  const finish = (error: Error | null): void => {
    clearTimeout(timer);
    socket.off('error', finish);
    socket.off('secureConnect', onSecure);
    socket.off('close', onClose);
    if (error !== null) socket.on('error', () => undefined).destroy();
    done(error);
  };
  const onSecure = (): void => finish(null);
  const onClose = (): void => finish(new ProxyFailure('ECONNRESET', 'closed the tunnel', proxy.title));
  const timer = setTimeout(
    () => finish(new ProxyFailure('CONNECT_TIMEOUT', `no TLS within ${connect} ms`, proxy.title)),
    connect,
  );
  socket.once('error', finish);
  socket.once('secureConnect', onSecure);
  socket.once('close', onClose);
}

function openTunnel(proxy: HttpProxy, target: RequestOptions, { ca, connect }: ProxyContext): Promise<Socket> {
  const host = `${target.host ?? ''}`;
  const authority = `${host.includes(':') ? `[${host}]` : host}:${target.port ?? 443}`;
  return new Promise((resolve, reject) => {
    const request = (proxy.secure ? secureRequest : plainRequest)({
      method: 'CONNECT',
      ...serverOf(proxy),
      path: authority,
      headers: { Host: authority, ...authorization(proxy) },
      agent: false,
      ...(ca === undefined ? {} : { ca }),
    });
    const fail = (code: string, message: string, options: { cause?: unknown; status?: number } = {}): void => {
      clearTimeout(timer);
      request.destroy();
      reject(new ProxyFailure(code, message, proxy.title, options));
    };
    const timer = setTimeout(() => fail('CONNECT_TIMEOUT', `no connection within ${connect} ms`), connect);
    request.once('connect', (response, socket, head) => {
      const status = response.statusCode ?? 0;
      if (status < 200 || status > 299) {
        socket.destroy();
        return fail('PROXY_STATUS', `refused to connect to ${authority}`, { status });
      }
      clearTimeout(timer);
      if (head.byteLength > 0) socket.unshift(head);
      resolve(socket);
    });
    // An answer that is no tunnel, with a body: some proxies send their error page so.
    request.once('response', (response) => {
      const status = response.statusCode ?? 0;
      fail('PROXY_STATUS', `refused to connect to ${authority}`, { status });
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      const code = error.code ?? 'EPROXY';
      fail(code, error.message, { cause: error });
    });
    request.end();
  });
}

/** Where the proxy is, and the name its certificate must have: not that of the registry, which is in `Host`. */
function serverOf({ hostname, port }: HttpProxy): { hostname: string; port: number; servername: string } {
  return { hostname, port, servername: isIP(hostname) === 0 ? hostname : '' };
}

function authorization(proxy: HttpProxy): Record<string, string> {
  return proxy.authorization === undefined ? {} : { 'Proxy-Authorization': proxy.authorization };
}
