import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheDir } from './cache-dir.ts';
import { BatonError, toBatonError } from './errors.ts';
import type { Emit, ProgressEvent } from './events.ts';
import { claimPrograms } from './flight-claim.ts';
import { type Leadership, takeLead } from './flight-lead.ts';
import { limitWork } from './flight-limits.ts';
import { newMark } from './flight-mark.ts';
import { encodeMessage, lastMessage } from './flight-wire.ts';
import { lockAddress } from './locks.ts';

/**
 * One piece of work with many callers, in this process and in others. `T` travels between processes as JSON.
 */
export interface Flight<T> {
  /** Says which work it is: equal keys mean equal results. Where versions or places matter, they belong into it. */
  key: string;
  /** For people: 'the image of apps/agent'; the key by default. */
  title?: string;
  /** Looks whether the result is there already; asked before the work would begin, and again under the lock. */
  find?(): Promise<T | undefined>;
  /**
   * Does the work. Its signal is aborted by the end of the process and by the time limits, never by a caller. An event
   * of type `alive` is passed to nobody and tells that the work is not standing still.
   */
  work(io: { signal: AbortSignal; emit: Emit }): Promise<T>;
  /** Asked by one who waited, before taking the result of another; when it says no, he starts again. */
  accept?(result: T): Promise<boolean>;
  /** Milliseconds that the work may take in all (30 minutes). */
  deadline?: number;
  /** Milliseconds that the work may go without any event; no such limit by default. */
  idle?: number;
  /** What happens to the work when nobody waits any more: it goes on (the default), or it is ended. */
  onAbandon?: 'finish' | 'cancel';
  /** Where it is written down that programs were started (see `claimPrograms`): `v1/flights` of the cache by default. */
  records?: string;
}

/** One who wants the result of a flight. */
export interface FlightCaller {
  /** Is sent the events of the work, also those from before the caller came. */
  emit: Emit;
  /** Drops this caller, at once. */
  signal?: AbortSignal | undefined;
  /** The process is going away: ends the work itself, if it is this process that does it. */
  shutdown?: AbortSignal | undefined;
}

const DEADLINE = 30 * 60_000;
/** Milliseconds beyond its deadline that a leader may be silent before those who wait give up. */
const LENIENCE = 15_000;

/**
 * Gets the result of a piece of work that is done once however many ask for it at a time, in whatever process.
 *
 * Whoever binds the flight's socket leads and does the work; the others wait at the socket, get the events so far and
 * from then on, and the result. The operating system frees the socket when the leader dies, however it dies: then
 * somebody else takes over at once, after ending the programs that the dead one left running. The work belongs to the
 * flight and not to who happened to lead: a caller that leaves drops his waiting only, and the work goes on in his
 * process, whose end (`shutdown`) makes others take over.
 *
 * An error of the work is shared with those who wait at that moment and is not remembered: the next call starts afresh.
 *
 * The lock does not reach across machines or network namespaces, and whoever can run programs on this machine can
 * listen: events and results must hold no secrets, and work must end well when somebody else does it at the same time
 * (temporary names, renames, content addresses).
 *
 * Errors: those of the work (in other processes with the same code, message, hint and details), `INTERRUPTED`, `TIMEOUT`
 * (deadline, standstill, a leader that does not answer).
 */
export async function joinFlight<T>(flight: Flight<T>, caller: FlightCaller): Promise<T> {
  const place: Place = { left: new AbortController(), leading: false };
  const departure = watchDeparture(flight.title ?? flight.key, caller, place);
  try {
    const taken = takePart(flight, caller, place);
    // A caller who leaves does not care how it ended.
    taken.catch(() => undefined);
    return await Promise.race([departure.left, taken]);
  } finally {
    departure.stop();
    place.left.abort();
  }
}

/** Where one caller stands. */
interface Place {
  /** Aborted when the caller has gone. */
  left: AbortController;
  leading: boolean;
}

function watchDeparture(title: string, caller: FlightCaller, place: Place): { left: Promise<never>; stop(): void } {
  const { signal, shutdown } = caller;
  let leave: () => void = () => undefined;
  const left = new Promise<never>((_, reject) => {
    leave = () => {
      // Whoever leads in a process that is going away waits until the work has cleaned up: it is told to end, too.
      if (place.leading && shutdown?.aborted === true) return;
      reject(new BatonError('INTERRUPTED', `interrupted while waiting for ${title}`));
      place.left.abort();
    };
  });
  left.catch(() => undefined);
  if (signal?.aborted === true || shutdown?.aborted === true) leave();
  signal?.addEventListener('abort', leave);
  shutdown?.addEventListener('abort', leave);
  return {
    left,
    stop() {
      signal?.removeEventListener('abort', leave);
      shutdown?.removeEventListener('abort', leave);
    },
  };
}

async function takePart<T>(flight: Flight<T>, caller: FlightCaller, place: Place): Promise<T> {
  const title = flight.title ?? flight.key;
  const address = lockAddress(`flight ${flight.key}`);
  const { signal: left } = place.left;
  const emit: Emit = (event) => {
    if (!left.aborted) caller.emit(event);
  };
  const patience = (flight.deadline ?? DEADLINE) + LENIENCE;
  const suspects: string[] = [];
  let told = false;
  let silent = 0;
  for (;;) {
    left.throwIfAborted();
    const found = await flight.find?.();
    if (found !== undefined) return found;
    left.throwIfAborted();
    const mark = newMark(flight.key);
    const changed: { left?: () => void } = {};
    const lead = await takeLead(address, title, mark, () => changed.left?.());
    if (lead !== undefined) return await work(flight, { ...caller, emit }, place, { lead, mark, suspects, changed });

    const { waitForLeader } = await import('./flight-wait.ts');
    silent += 1;
    const onHello = (pid: number): void => {
      silent = 0;
      if (!told) emit({ type: 'note', label: `another run works on ${title}; waiting for it`, data: { pid } });
      told = true;
    };
    const end = await waitForLeader(address, { emit, onHello, left, patience });
    if (end.kind === 'error') throw end.error;
    if (end.kind === 'result') {
      const result = end.result as T;
      if (flight.accept === undefined || (await flight.accept(result))) return result;
    } else if (end.kind === 'overdue') {
      throw new BatonError('TIMEOUT', `process ${end.pid ?? '(unknown)'} works on ${title} and does not answer`, {
        hint: 'It may be stopped: continue it (kill -CONT) or end it, and run this again.',
      });
    } else if (end.mark !== undefined) suspects.push(end.mark);
    // Somebody else's program at our address, who hangs up: do not ask him all the time.
    if (silent > 3) await sleep(20);
  }
}

interface Led {
  lead: Leadership;
  mark: string;
  /** Marks of leaders that went without a word. */
  suspects: readonly string[];
  /** Its `left` is called when one who waited has gone. */
  changed: { left?: () => void };
}

async function work<T>(flight: Flight<T>, caller: FlightCaller, place: Place, led: Led): Promise<T> {
  const { lead, changed } = led;
  const title = flight.title ?? flight.key;
  const { deadline = DEADLINE, idle } = flight;
  const { signal: left } = place.left;
  const limits = limitWork(title, { deadline, idle, shutdown: caller.shutdown });
  const emit = (event: ProgressEvent): void => {
    limits.progress();
    if (event.type === 'alive') return;
    lead.tell(event);
    caller.emit(event);
  };
  const lookAround = (): void => {
    if (flight.onAbandon === 'cancel' && left.aborted && lead.waiters() === 0) {
      limits.cancel(new BatonError('INTERRUPTED', `nobody waits for ${title} any more`));
    }
  };
  let last = encodeMessage({ bye: true });
  try {
    left.throwIfAborted();
    place.leading = true;
    changed.left = lookAround;
    left.addEventListener('abort', lookAround);
    const records = flight.records ?? join(cacheDir(), 'v1', 'flights');
    const doWork = async (): Promise<T> =>
      (await flight.find?.()) ?? (await flight.work({ signal: limits.signal, emit }));
    const result = await Promise.race([claimPrograms(flight.key, records, doWork, led), limits.overdue]);
    last = lastMessage({ result });
    return result;
  } catch (thrown) {
    const error = limits.reason() ?? thrown;
    // What was interrupted (this process goes away, nobody waited) is no outcome: somebody else does it.
    const interrupted = toBatonError(error).code === 'INTERRUPTED' || !place.leading;
    if (!interrupted) last = lastMessage({ error });
    throw error;
  } finally {
    limits.stop();
    left.removeEventListener('abort', lookAround);
    changed.left = () => undefined;
    await lead.close(last);
  }
}
