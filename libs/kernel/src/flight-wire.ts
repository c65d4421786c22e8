import type { Socket } from 'node:net';
import { ERROR_CODES, type ErrorCode } from './error-codes.ts';
import { BatonError, toBatonError } from './errors.ts';
import type { ProgressEvent } from './events.ts';
import { VERSION } from './version.ts';

/** What a leader tells those who wait, one JSON object in a line. */
export type FlightMessage =
  /** First: who leads. Nothing else of another version is understood. */
  | { hello: { version: string; pid: number; mark: string } }
  | { event: ProgressEvent }
  /** Last, one of these; `bye` when it ends without a result that others could use. */
  | { done: { result?: unknown } }
  | { error: ErrorFacts }
  | { bye: true };

interface ErrorFacts {
  code: ErrorCode;
  message: string;
  hint?: string;
  details?: Record<string, unknown>;
  retryable?: boolean;
}

/** A line longer than this is no message of ours. */
const LONGEST = 256 * 1024 * 1024;

/** One message as a line. */
export function encodeMessage(message: FlightMessage): string {
  return `${JSON.stringify(message)}\n`;
}

/** The last message of a flight that ended in this way. */
export function lastMessage(outcome: { result: unknown } | { error: unknown }): string {
  if ('error' in outcome) return encodeMessage({ error: errorFacts(outcome.error) });
  try {
    return encodeMessage({ done: { result: outcome.result } });
  } catch (error) {
    return encodeMessage({ error: errorFacts(error) });
  }
}

function errorFacts(thrown: unknown): ErrorFacts {
  const error = toBatonError(thrown);
  return { ...error.toJSON(), ...(error.retryable ? { retryable: true } : {}) };
}

/** The error that a leader told of. */
export function errorOf({ code, message, hint, details, retryable }: ErrorFacts): BatonError {
  return new BatonError(code, message, {
    ...(hint === undefined ? {} : { hint }),
    ...(details === undefined ? {} : { details }),
    ...(retryable === true ? { retryable } : {}),
  });
}

/** Reads one line; undefined when it is no message of this version. */
export function parseMessage(line: string): FlightMessage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isObject(value)) return undefined;
  const { hello, event, error, done } = value;
  if (isObject(hello)) {
    const { version, pid, mark } = hello;
    const known = version === VERSION && typeof pid === 'number' && typeof mark === 'string';
    return known ? { hello: { version, pid, mark } } : undefined;
  }
  if (isObject(event) && typeof event.type === 'string') return { event: { ...event, type: event.type } };
  if (isObject(error)) return isErrorFacts(error) ? { error } : undefined;
  if (isObject(done)) return { done: { result: done.result } };
  return value.bye === true ? { bye: true } : undefined;
}

function isErrorFacts(value: Record<string, unknown>): value is Record<string, unknown> & ErrorFacts {
  const { code, message, hint, details } = value;
  if (typeof code !== 'string' || !Object.hasOwn(ERROR_CODES, code) || typeof message !== 'string') return false;
  return (hint === undefined || typeof hint === 'string') && (details === undefined || isObject(details));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Gives the lines that come through a socket to `onLine`, whole, until it returns false (or a line is endless): what
 * comes after that is thrown away.
 */
export function readLines(socket: Socket, onLine: (line: string) => boolean): void {
  let parts: Buffer[] = [];
  let held = 0;
  let listening = true;
  socket.on('data', (chunk: Buffer) => {
    let rest = chunk;
    while (listening) {
      const end = rest.indexOf(0x0a);
      const piece = end < 0 ? rest : rest.subarray(0, end);
      parts.push(piece);
      held += piece.byteLength;
      if (held > LONGEST) listening = false;
      if (end < 0) break;
      const line = Buffer.concat(parts).toString('utf8');
      parts = [];
      held = 0;
      listening &&= onLine(line);
      rest = rest.subarray(end + 1);
    }
    if (!listening) parts = [];
  });
}
