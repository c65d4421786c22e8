import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * What a subject's processes are known by: whatever leaves its group and session still has its mount namespace.
 *
 * The namespace must be held open while this is used: its number is given to the next one as soon as nobody is in it.
 */
export interface Habitat {
  /** Of the subject; it leads its session. */
  pid: number;
  /** `mnt:[4026532177]`; undefined when the subject never got one. */
  namespace: string | undefined;
}

const POLL = 20; // milliseconds

/** The processes of a subject that still run; those that only wait to be reaped do not count. Needs Linux. */
export function inhabitants({ pid, namespace }: Habitat): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((other) => {
      const row = stateOf(other);
      if (row === undefined || row.state === 'Z' || row.state === 'X') return false;
      return row.session === pid || (namespace !== undefined && namespaceOf(other) === namespace);
    });
}

/** Waits until no process of a subject runs; those that still do after `milliseconds` are given back. */
export async function awaitEmpty(habitat: Habitat, milliseconds: number, signal?: AbortSignal): Promise<number[]> {
  const limit = performance.now() + milliseconds;
  for (;;) {
    const left = inhabitants(habitat);
    if (left.length === 0 || performance.now() > limit || signal?.aborted === true) return left;
    await sleep(POLL);
  }
}

/** Kills all processes of a subject, also those that are started meanwhile. */
export async function clear(habitat: Habitat): Promise<void> {
  for (let left = inhabitants(habitat); left.length > 0; left = inhabitants(habitat)) {
    for (const pid of left) signalTo(pid, 'SIGKILL');
    await sleep(2);
  }
}

/** Sends a signal; to a group when the number is negative. One that is gone is no error. */
export function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by now.
  }
}

/** The command line of a process, without what differs from run to run; undefined when it has ended. */
export function commandOf(pid: number): string | undefined {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0').slice(0, -1);
    if (words.length === 0) return undefined;
    return words.map((word) => (/^[!-~]+$/.test(word) ? word : JSON.stringify(word))).join(' ');
  } catch {
    return undefined;
  }
}

/** The child of a process that has the lowest number, or undefined when it has none. */
export function childOf(pid: number): number | undefined {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((other) => stateOf(other)?.parent === pid)
    .sort((a, b) => a - b)[0];
}

/** The mount namespace of a process: `mnt:[4026532177]`. */
export function namespaceOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`);
  } catch {
    return undefined; // It has ended, or is somebody else's.
  }
}

function stateOf(pid: number): { state: string; parent: number; session: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name of the program stands in parentheses and may hold anything, parentheses too.
    const [state = '', parent, , session] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state, parent: Number(parent), session: Number(session) };
  } catch {
    return undefined; // It has just ended.
  }
}
