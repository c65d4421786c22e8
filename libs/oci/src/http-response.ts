import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { asFailure, type Watch } from './http-failure.ts';

/** An answer whose body has not been read: call `bytes`, iterate `body`, or `discard` it. */
export interface HttpResponse {
  status: number;
  headers: IncomingHttpHeaders;
  /** The proxy that it came through, for people. */
  via: string | undefined;
  /** The address of who answered; undefined where that is a proxy. */
  remoteAddress: string | undefined;
  /** Ends with a `TransportFailure` when the connection breaks or stalls before the end. */
  body: AsyncIterable<Buffer>;
  /** The whole body; `over` when it has more than `limit` bytes, of which the first `limit` are returned. */
  bytes(limit: number): Promise<{ bytes: Buffer; over: boolean }>;
  /**
   * Frees the connection: by reading what little is left, so that the next request finds it ready; by closing it
   * otherwise. Never throws.
   */
  discard(): Promise<void>;
}

/** Bodies up to this size are read to the end to keep the connection. */
const WORTH_READING = 64 * 1024;
/** Milliseconds that a rest may take to come. */
const WORTH_WAITING = 1000;

/**
 * Wraps what Node received.
 *
 * @param cause what ended the connection, when something did
 * @param onBytes receives the length of each piece of the body
 * @param via the proxy that it came through
 */
export function responseOf(
  request: ClientRequest,
  response: IncomingMessage,
  idle: Watch,
  cause: () => unknown,
  onBytes: (length: number) => void,
  via: string | undefined,
): HttpResponse {
  const release = (): void => {
    if (!request.writableEnded || !response.complete) request.destroy();
    // Answered although the server did not take all of the body: nobody will read the rest.
    else if (!request.writableFinished) setImmediate(() => request.writableFinished || request.destroy());
  };
  async function* read(): AsyncGenerator<Buffer> {
    try {
      idle.arm();
      for await (const chunk of response as AsyncIterable<Buffer>) {
        idle.disarm();
        onBytes(chunk.byteLength);
        yield chunk;
        idle.arm();
      }
    } catch (error) {
      throw cause() ?? asFailure(error, false);
    } finally {
      idle.disarm();
      release();
    }
  }
  const body = read();
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    via,
    remoteAddress: via === undefined ? response.socket?.remoteAddress : undefined,
    body,
    async bytes(limit) {
      const chunks: Buffer[] = [];
      let size = 0;
      for await (const chunk of body) {
        size += chunk.byteLength;
        chunks.push(chunk);
        if (size > limit) break;
      }
      return { bytes: Buffer.concat(chunks).subarray(0, limit), over: size > limit };
    },
    discard: () => discard(request, response, release),
  };
}

function discard(request: ClientRequest, response: IncomingMessage, release: () => void): Promise<void> {
  return new Promise((resolve) => {
    if (response.destroyed || response.readableEnded) return resolve();
    const length = Number(response.headers['content-length'] ?? Number.NaN);
    const empty = request.method === 'HEAD' || response.statusCode === 204 || response.statusCode === 304;
    if (!request.writableEnded || !(empty || response.complete || length <= WORTH_READING)) {
      request.destroy();
      return resolve();
    }
    const timer = setTimeout(() => request.destroy(), WORTH_WAITING);
    response.on('error', () => undefined);
    response.once('end', release);
    response.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    response.resume();
  });
}
