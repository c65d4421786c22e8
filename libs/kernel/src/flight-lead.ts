import type { Socket } from 'node:net';
import { effect } from './effects.ts';
import type { ProgressEvent } from './events.ts';
import { replayBuffer } from './flight-replay.ts';
import { encodeMessage } from './flight-wire.ts';
import { type Bound, bindAddress } from './locks.ts';
import { VERSION } from './version.ts';

/** Bytes that may wait for one who waits; whoever lets more pile up is dropped, and looks for the result himself. */
const MOST_UNREAD = 4 * 1024 * 1024;
/** Milliseconds that those who wait have to take the result. */
const TAKING = 5_000;

/** The place of the one who does the work, and those who wait for it. */
export interface Leadership {
  /** How many wait, in this process and in others. */
  waiters(): number;
  /** Passes an event on, to those who are here and to those who will come. */
  tell(event: ProgressEvent): void;
  /** Frees the place and tells the last line to everybody who waits; those who come later find the place free. */
  close(last: string): Promise<void>;
}

/**
 * Takes the place of a leader, or returns undefined when somebody has it.
 *
 * @param title for people who look at the effects
 * @param mark tells those who wait which programs are this leader's
 * @param onLeft called when one who waited has gone
 */
export async function takeLead(
  address: string,
  title: string,
  mark: string,
  onLeft: () => void,
): Promise<Leadership | undefined> {
  const hello = encodeMessage({ hello: { version: VERSION, pid: process.pid, mark } });
  const replay = replayBuffer();
  const waiters = new Set<Socket>();
  const send = (socket: Socket, line: string): void => {
    if (socket.writableLength > MOST_UNREAD) socket.destroy();
    else socket.write(line);
  };
  // Kept outside the effect: one that fails after it was bound must still be released.
  const slot: { bound?: Bound | undefined } = {};
  try {
    await effect('lock', `lead ${title}`, async () => {
      slot.bound = await bindAddress(address, (socket) => {
        waiters.add(socket);
        socket.on('close', () => {
          if (waiters.delete(socket)) onLeft();
        });
        // Nobody has anything to tell a leader.
        socket.resume();
        send(socket, hello);
        for (const event of replay.events()) send(socket, encodeMessage({ event }));
      });
    });
  } catch (error) {
    void slot.bound?.unbind();
    for (const socket of waiters) socket.destroy();
    throw error;
  }
  const { bound } = slot;
  if (bound === undefined) return undefined;
  return {
    waiters: () => waiters.size,
    tell(event) {
      replay.add(event);
      if (waiters.size === 0) return;
      const line = encodeMessage({ event });
      for (const socket of waiters) send(socket, line);
    },
    async close(last) {
      // First the name: whoever is not content with the result starts again, and must not meet this leader.
      void bound.unbind();
      const told = [...waiters];
      waiters.clear();
      try {
        if (told.length > 0) {
          await effect('send', `the result of ${title} to ${told.length}`, async () => {
            await Promise.all(told.map((socket) => deliver(socket, last)));
          });
        }
      } finally {
        for (const socket of told) socket.destroy();
      }
    },
  };
}

function deliver(socket: Socket, last: string): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, TAKING);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    socket.once('close', done);
    socket.once('finish', done);
    if (socket.destroyed) done();
    socket.ref();
    socket.end(last);
  });
}
