import { createConnection } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BatonError, errnoOf } from './errors.ts';
import type { Emit } from './events.ts';
import { errorOf, parseMessage, readLines } from './flight-wire.ts';

/** How waiting for a leader ended. */
export type WaitEnd =
  | { kind: 'result'; result: unknown }
  | { kind: 'error'; error: BatonError }
  /** Without a result: `mark` is set when the leader went without a word, and may have left programs running. */
  | { kind: 'gone'; mark?: string | undefined }
  /** It lives, and says nothing; `pid` when it told. */
  | { kind: 'overdue'; pid?: number | undefined };

/** What one who waits needs. */
export interface WaitOptions {
  emit: Emit;
  /** Called with the leader's process id as soon as it has said hello. */
  onHello(pid: number): void;
  /** Ends the waiting, as `gone`. */
  left: AbortSignal;
  /** Milliseconds until it is `overdue`. */
  patience: number;
}

/**
 * Waits for the leader of a flight: passes on what it tells, and returns how it ended.
 *
 * A leader of another version, or whoever else sits at the address and talks of other things, is not listened to: it
 * is waited for until it goes.
 */
export function waitForLeader(address: string, { emit, onHello, left, patience }: WaitOptions): Promise<WaitEnd> {
  return new Promise((resolve) => {
    if (left.aborted) return resolve({ kind: 'gone' });
    let leader: { pid: number; mark: string } | undefined;
    let orderly = false;
    let full = false;
    let ended = false;
    const socket = createConnection(address);
    const end = (how: WaitEnd): void => {
      ended = true;
      clearTimeout(timer);
      left.removeEventListener('abort', leave);
      socket.destroy();
      resolve(how);
    };
    const leave = (): void => end({ kind: 'gone' });
    const timer = setTimeout(() => end({ kind: 'overdue', pid: leader?.pid }), Math.min(patience, 2 ** 31 - 1));
    left.addEventListener('abort', leave, { once: true });
    socket.once('error', (error) => {
      full = errnoOf(error) === 'EAGAIN';
    });
    socket.once('close', () => {
      // A queue of connections that is full tells nothing: wait a little, and look again.
      if (full) void sleep(20).then(leave);
      else end({ kind: 'gone', mark: orderly ? undefined : leader?.mark });
    });
    readLines(socket, (line) => {
      const message = ended ? undefined : parseMessage(line);
      if (message === undefined) return false;
      if ('hello' in message) {
        leader = message.hello;
        onHello(leader.pid);
      } else if (leader === undefined) return false;
      else if ('event' in message) emit(message.event);
      else if ('done' in message) end({ kind: 'result', result: message.done.result });
      else if ('error' in message) end({ kind: 'error', error: errorOf(message.error) });
      else orderly = true;
      return true;
    });
  });
}
