import type { RequestListener } from 'node:http';
import { type AddressInfo, createServer as createSocketServer, type Socket } from 'node:net';
import { startHttpServer } from '@baton/testkit';
import { onTestFinished } from 'vitest';
import { createHttpClient, type HttpRequest, type StreamBody } from './http.ts';

/** Time-outs in milliseconds. */
export type ClientOptions = { idle?: number; connect?: number; signal?: AbortSignal };

/** A client that is closed with the test, and its traffic. */
export function client({ idle = 5000, connect = 5000, signal }: ClientOptions = {}) {
  const traffic = { requests: 0, sent: 0, received: 0 };
  const http = createHttpClient({ timeouts: { idle, connect }, traffic, signal });
  onTestFinished(() => http.close());
  return { ...http, traffic };
}

/** An HTTP server on loopback that stops with the test. */
export async function serve(listener: RequestListener) {
  const server = await startHttpServer(listener);
  onTestFinished(() => server.stop());
  return server;
}

/** A bare socket server on loopback that stops with the test; its port. */
export async function serveSocket(onSocket: (socket: Socket) => void) {
  const server = createSocketServer(onSocket);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** Answers with the request's body once it is whole. */
export const echo: RequestListener = (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => response.end(Buffer.concat(chunks)));
};

/** A GET as the client takes it. */
export function get(url: URL): HttpRequest {
  return { method: 'GET', url, headers: {}, target: `GET ${url.pathname}` };
}

/** A PUT as the client takes it. */
export function put(url: URL, body: Uint8Array | StreamBody): HttpRequest {
  return { method: 'PUT', url, headers: {}, body, target: `PUT ${url.pathname}` };
}
