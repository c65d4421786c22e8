import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { effect } from './effects.ts';
import { BatonError, errnoOf } from './errors.ts';
import { removeFile } from './files.ts';
import { MARK_VARIABLE, markOwner } from './flight-mark.ts';
import { ownerState, ownerTag } from './owner.ts';
import { killGroup } from './process.ts';

/** Milliseconds that a process has to leave the process table after its sockets are gone. */
const DYING = 1_000;
/** Milliseconds that killed programs have to end. */
const ENDING = 10_000;
/** Milliseconds that a child of a dead process has to become the program it was made for. */
const STARTING = 250;

/**
 * Ends the programs that carry one of these marks and whose owner is gone, with their whole process groups, and returns
 * when none is left. Marks of owners that live, or of which nobody can say, are left alone.
 *
 * Throws `TIMEOUT` when a program does not end although it was killed (it hangs in the kernel).
 *
 * @param marks of claims whose lock the caller holds now
 * @param records the directory that their records are removed from afterwards
 */
export async function endOrphans(marks: readonly string[], records: string): Promise<void> {
  const states = await Promise.all(marks.map(async (mark) => ({ mark, gone: await isGone(mark) })));
  const dead = new Set(states.filter(({ gone }) => gone).map(({ mark }) => mark));
  if (dead.size === 0) return;
  await endMarked(dead);
  for (const mark of dead) await removeFile(join(records, mark));
}

// Whoever dies gives its sockets back a moment before it is gone from the process table.
async function isGone(mark: string): Promise<boolean> {
  const owner = markOwner(mark);
  if (owner === undefined || owner === ownerTag()) return false;
  const until = performance.now() + DYING;
  for (;;) {
    const state = ownerState(owner);
    if (state !== 'alive' || performance.now() > until) return state === 'gone';
    await sleep(2);
  }
}

async function endMarked(dead: ReadonlySet<string>): Promise<void> {
  const began = performance.now();
  const killed = new Set<number>();
  for (let pause = 1; ; pause = Math.min(2 * pause, 50)) {
    const { marked, dying, starting } = look(dead, killed);
    const taken = performance.now() - began;
    const left = [...marked.map(({ pid }) => pid), ...dying];
    if (left.length === 0 && (!starting || taken > STARTING)) return;
    if (taken > ENDING) {
      throw new BatonError('TIMEOUT', `programs of an earlier run do not end although they were killed: ${left}`, {
        hint: 'They hang in the operating system (a disk or network file system?): look at them with ps.',
      });
    }
    if (marked.length > 0) {
      await effect('kill', `programs of an earlier run: ${marked.map(({ pid }) => pid).join(' ')}`, () => {
        // Looked at again at the last moment: a number may belong to somebody else by now.
        for (const { pid } of marked) {
          const found = carries(pid, dead);
          if (found === undefined) continue;
          killGroup(found.group);
          killed.add(found.group);
        }
      });
    }
    await sleep(pause);
  }
}

interface Found {
  pid: number;
  group: number;
}

interface Sight {
  marked: Found[];
  /** Of groups that were killed, also without a mark, and still on their way out: their files may be open yet. */
  dying: number[];
  /** Whether a process that came from the dead one may be about to become a program: it does not carry its mark yet. */
  starting: boolean;
}

function look(dead: ReadonlySet<string>, killed: ReadonlySet<number>): Sight {
  const sight: Sight = { marked: [], dying: [], starting: false };
  for (const name of readdirSync('/proc')) {
    if (!/^[0-9]+$/.test(name) || Number(name) === process.pid) continue;
    const pid = Number(name);
    const [state, , group] = statOf(pid);
    if (state === undefined || state === 'Z' || state === 'X') continue;
    const found = carries(pid, dead);
    if (found !== undefined) sight.marked.push(found);
    else if (killed.has(Number(group))) sight.dying.push(pid);
    else sight.starting ||= isStarting(pid);
  }
  return sight;
}

function carries(pid: number, dead: ReadonlySet<string>): Found | undefined {
  const environment = `\0${readProc(pid, 'environ')}`;
  const at = environment.indexOf(`\0${MARK_VARIABLE}=`);
  if (at < 0) return undefined;
  const start = at + MARK_VARIABLE.length + 2;
  const end = environment.indexOf('\0', start);
  const marks = environment.slice(start, end < 0 ? undefined : end).split(' ');
  if (!marks.some((mark) => dead.has(mark))) return undefined;
  const [, , group] = statOf(pid);
  // Gone between two looks; or ours, when the dead one's program is this very process: it does not end itself.
  const own = group === undefined || group === statOf(process.pid)[2];
  return own ? undefined : { pid, group: Number(group) };
}

// Between fork and exec a child is a copy of this very program, with one thread, as which Node itself never runs for
// more than an instant.
function isStarting(pid: number): boolean {
  if (statOf(pid)[17] !== '1') return false;
  try {
    return readlinkSync(`/proc/${pid}/exe`) === process.execPath;
  } catch (error) {
    if (errnoOf(error) !== undefined) return false;
    throw error;
  }
}

// The fields of proc_pid_stat(5) from the third on: state, parent, group; the name before them may hold anything.
function statOf(pid: number): string[] {
  const stat = readProc(pid, 'stat');
  return stat === '' ? [] : stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

// Processes end while they are looked at (ENOENT, ESRCH), and those of others may not be looked into (EACCES, EPERM).
function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch (error) {
    if (errnoOf(error) !== undefined) return '';
    throw error;
  }
}
