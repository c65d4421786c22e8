import { createHash, randomBytes } from 'node:crypto';
import { link, rename, unlink } from 'node:fs/promises';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { effect } from './effects.ts';
import { BatonError, errnoOf } from './errors.ts';

/** How to wait for a lock. */
export interface LockOptions {
  signal?: AbortSignal | undefined;
  /** Called once when somebody else holds it. */
  onWait?: () => void;
}

/**
 * Runs `work` while holding the lock called `name`: one holder on this machine at a time, other processes wait.
 *
 * The lock is a listening socket bound by name (abstract on Linux, a socket file elsewhere), so the kernel frees it when
 * its holder dies, however it dies: no heartbeat, no stale lock, nothing to repair. It does not reach across machines
 * or network namespaces: where two of them share a disk, content addressing keeps the result right.
 */
export async function withLock<T>(name: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  const address = lockAddress(name);
  let told = false;
  for (;;) {
    if (options.signal?.aborted === true) throw interrupted(name);
    // Kept outside the effect: one that fails after it was bound must still be released.
    const slot: { held?: Held | undefined } = {};
    try {
      await effect('lock', name, async () => {
        slot.held = await tryBind(address);
      });
      if (slot.held !== undefined) return await work();
    } finally {
      await slot.held?.release();
    }
    if (!told) options.onWait?.();
    told = true;
    await holderGone(address, options.signal);
  }
}

/** Where a lock's socket is bound: the name is hashed, so that it fits and tells nothing. */
export function lockAddress(name: string): string {
  const key = `baton-${createHash('sha256').update(name).digest('hex').slice(0, 40)}`;
  return process.platform === 'linux' ? `\0${key}` : join(tmpdir(), `${key}.sock`);
}

interface Held {
  release(): Promise<void>;
}

async function tryBind(address: string): Promise<Held | undefined> {
  const waiters = new Set<Socket>();
  const server = createServer((socket) => {
    waiters.add(socket);
    socket.unref();
    socket.on('error', () => undefined);
    socket.on('close', () => waiters.delete(socket));
  });
  // A holder that only waits must not keep the process alive.
  server.unref();
  if (!(await listen(server, address))) {
    if (address.startsWith('\0') || (await answers(address))) return undefined;
    await removeDead(address);
    return undefined;
  }
  return {
    async release() {
      // Waiters wait for this connection to close, and close() waits for the connections: end them first.
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of waiters) socket.destroy();
      await closed;
    },
  };
}

// A socket file whose owner died (not on Linux). Another process may have removed it and bound its own since we asked:
// so it is moved away first, asked again there, and put back when it is alive.
async function removeDead(address: string): Promise<void> {
  const aside = `${address}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const moved = await rename(address, aside).then(
    () => true,
    () => false,
  );
  if (!moved) return;
  if (await answers(aside)) await link(aside, address).catch(() => undefined);
  await unlink(aside).catch(() => undefined);
}

function listen(server: Server, address: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => (errnoOf(error) === 'EADDRINUSE' ? resolve(false) : reject(error)));
    server.listen(address, () => resolve(true));
  });
}

function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(address);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function holderGone(address: string, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const socket = createConnection(address);
    const done = (): void => {
      signal?.removeEventListener('abort', done);
      socket.destroy();
      resolve();
    };
    signal?.addEventListener('abort', done, { once: true });
    // A queue of connections that is full (EAGAIN) tells nothing: wait a little, and look again.
    socket.once('error', (error) => {
      if (errnoOf(error) === 'EAGAIN') void sleep(20).then(done);
      else done();
    });
    socket.once('close', (failed) => {
      if (!failed) done();
    });
  });
}

function interrupted(name: string): BatonError {
  return new BatonError('INTERRUPTED', `interrupted while waiting for another run (${name})`);
}
