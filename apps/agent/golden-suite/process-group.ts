import { readdirSync, readFileSync } from 'node:fs';

/** A process of this machine, as /proc/PID/stat tells. */
interface ProcessRow {
  pid: number;
  state: string;
  parent: number;
  group: number;
}

/** The children of a process, by number; none when it is gone. Needs Linux. */
export function childrenOf(pid: number): number[] {
  return processes()
    .filter(({ parent, state }) => parent === pid && state !== 'Z')
    .map((row) => row.pid)
    .sort((a, b) => a - b);
}

/** The members of a process group that still run; one that only waits to be reaped does not count. */
export function membersOf(group: number): number[] {
  return processes()
    .filter((row) => row.group === group && row.state !== 'Z')
    .map(({ pid }) => pid);
}

/** Whether a process has not ended; one that only waits to be reaped has. */
export function isRunning(pid: number): boolean {
  return readRow(String(pid)).some(({ state }) => state !== 'Z' && state !== 'X');
}

/** Sends a signal to all of a process group; nothing happens when it is empty. */
export function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // Empty by now.
  }
}

function processes(): ProcessRow[] {
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? readRow(name) : []));
}

function readRow(pid: string): ProcessRow[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name of the program stands in parentheses and may hold anything, parentheses too.
    const [state = '', parent, group] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return [{ pid: Number(pid), state, parent: Number(parent), group: Number(group) }];
  } catch {
    return []; // It has just ended.
  }
}
