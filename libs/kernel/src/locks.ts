import { createHash, randomBytes } from 'node:crypto';
import { link, rename, unlink } from 'node:fs/promises';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { effect } from './effects.ts';
import { BatonError, errnoOf } from './errors.ts';
import { claimPrograms } from './flight-claim.ts';

/** How to wait for a lock. */
export interface LockOptions {
  signal?: AbortSignal | undefined;
  /** Called once when somebody else holds it. */
  onWait?: () => void;
  /**
   * Where it is written down that the holder started programs (a directory, see {@link claimPrograms}): those that a
   * killed holder left running are ended before the work begins. Without it they are left alone.
   */
  records?: string;
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
      if (slot.held !== undefined) {
        return await (options.records === undefined ? work() : claimPrograms(name, options.records, work));
      }
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
  const bound = await bindAddress(address, (socket) => {
    waiters.add(socket);
    socket.on('close', () => waiters.delete(socket));
  });
  if (bound === undefined) return undefined;
  return {
    async release() {
      // Waiters wait for this connection to close, and the server waits for the connections: end them first.
      const closed = bound.unbind();
      for (const socket of waiters) socket.destroy();
      await closed;
    },
  };
}

/** An address that is bound by this process. */
export interface Bound {
  /** Frees the name at once; resolves when the last connection is closed too, which is the caller's to do. */
  unbind(): Promise<void>;
}

/**
 * Binds an address of {@link lockAddress}; undefined when somebody else has it (or had it until now: try again).
 *
 * Neither the address nor its connections keep the process alive.
 *
 * @param accept is given each connection that comes; its errors are taken care of
 */
export async function bindAddress(address: string, accept: (socket: Socket) => void): Promise<Bound | undefined> {
  const server = createServer((socket) => {
    socket.unref();
    socket.on('error', () => undefined);
    accept(socket);
  });
  // A holder that only waits must not keep the process alive.
  server.unref();
  if (!(await listen(server, address))) {
    if (address.startsWith('\0') || (await answers(address))) return undefined;
    await removeDead(address);
    return undefined;
  }
  return { unbind: () => new Promise((resolve) => server.close(() => resolve())) };
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
