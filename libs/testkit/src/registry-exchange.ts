import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FaultAction } from './registry-faults.ts';

/** One request as it came and how it ended. */
export interface RequestRecord {
  /** From 1, in the order of arrival. */
  n: number;
  method: string;
  path: string;
  query: string;
  /** How the request said who it is: 'none', 'basic', 'bearer'. */
  authorization: string;
  headers: Record<string, string>;
  /** Counts connections from 1: equal numbers are the same kept-alive connection. */
  connection: number;
  /** Status answered; 0 when there was none. */
  status: number;
  /** Body bytes read. */
  received: number;
  /** The fault that hit it. */
  fault?: FaultAction['kind'];
}

/** A request being served, through which faults act. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  url: URL;
  record: RequestRecord;
  fault: FaultAction | undefined;
}

/** The request's body, counted; a fault may end or stall it. */
export async function* requestBody({ request, record, fault }: Exchange): AsyncGenerator<Buffer> {
  for await (const chunk of request as AsyncIterable<Buffer>) {
    record.received += chunk.byteLength;
    if (fault?.kind === 'reset' && fault.when === 'request' && record.received >= (fault.bytes ?? 0)) {
      resetConnection(request);
      throw new Dropped();
    }
    if (fault?.kind === 'stall' && record.received >= fault.bytes && request.method !== 'GET') {
      await closed(request);
      throw new Dropped();
    }
    yield chunk;
  }
  if (fault?.kind === 'reset' && fault.when === 'request') {
    resetConnection(request);
    throw new Dropped();
  }
}

/** Breaks a connection as a network does: with RST, or without an end of TLS. */
export function resetConnection({ socket }: IncomingMessage): void {
  if ('encrypted' in socket) socket.destroy();
  else socket.resetAndDestroy();
}

/** Thrown to leave a request whose connection is gone. */
export class Dropped extends Error {}

/** Sends an answer; a fault may change headers and body, or break off. */
export async function reply(
  exchange: Exchange,
  status: number,
  headers: Record<string, string | number>,
  body: Uint8Array | AsyncIterable<Buffer> = Buffer.alloc(0),
): Promise<void> {
  const { request, response, record, fault } = exchange;
  if (fault?.kind === 'reset' && fault.when === 'after') {
    resetConnection(request);
    throw new Dropped();
  }
  record.status = status;
  const sent: Record<string, string | number> = { ...headers };
  if (body instanceof Uint8Array) sent['Content-Length'] ??= body.byteLength;
  if (fault?.kind === 'headers') {
    for (const [name, value] of Object.entries(fault.headers)) {
      for (const old of Object.keys(sent)) if (old.toLowerCase() === name.toLowerCase()) delete sent[old];
      if (value !== undefined) sent[name] = value;
    }
  }
  if (fault?.kind === 'extend') delete sent['Content-Length'];
  response.writeHead(status, sent);
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const source = body instanceof Uint8Array ? once(body) : body;
  for await (const chunk of damaged(source, exchange)) {
    if (!response.write(chunk)) await drained(response);
  }
  response.end();
}

async function* once(bytes: Uint8Array): AsyncGenerator<Buffer> {
  if (bytes.byteLength > 0) yield Buffer.from(bytes);
}

async function* damaged(source: AsyncIterable<Buffer>, { request, response, fault }: Exchange): AsyncGenerator<Buffer> {
  let sent = 0;
  for await (const chunk of source) {
    const limit = breakAt(fault);
    if (limit !== undefined && sent + chunk.byteLength > limit) {
      if (limit > sent) response.write(chunk.subarray(0, limit - sent));
      else response.flushHeaders();
      await flushed(response);
      if (fault?.kind === 'reset') resetConnection(request);
      else if (fault?.kind === 'truncate') request.socket.end();
      else await closed(request);
      throw new Dropped();
    }
    if (fault?.kind === 'corrupt' && sent === 0) {
      const other = Buffer.from(chunk);
      other[0] = (other[0] ?? 0) ^ 1;
      yield other;
    } else if (fault?.kind === 'slow') {
      for (let at = 0; at < chunk.byteLength; at += fault.chunk) {
        yield chunk.subarray(at, at + fault.chunk);
        await new Promise((resolve) => setTimeout(resolve, fault.pause));
      }
    } else yield chunk;
    sent += chunk.byteLength;
  }
  if (fault?.kind === 'extend') yield Buffer.alloc(fault.bytes, 'x');
}

function breakAt(fault: FaultAction | undefined): number | undefined {
  if (fault?.kind === 'reset' && fault.when === 'response') return fault.bytes ?? 0;
  return fault?.kind === 'truncate' || fault?.kind === 'stall' ? fault.bytes : undefined;
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve, reject) => {
    if (response.destroyed) return reject(new Dropped());
    const settle = (): void => {
      response.off('drain', settle);
      response.off('close', settle);
      if (response.destroyed) reject(new Dropped());
      else resolve();
    };
    response.on('drain', settle);
    response.on('close', settle);
  });
}

/** Until what was written has left this process, so that a reset right after it does not swallow it. */
function flushed(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    response.write('', () => resolve());
    response.once('close', resolve);
  });
}

function closed(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    if (request.socket.destroyed) resolve();
    else request.socket.once('close', () => resolve());
  });
}
