import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { errnoOf } from './errors.ts';

/**
 * Names this process, for files that outlive it when it is killed: `<pid>-<start>-<place>`. The start time tells two
 * processes with one pid apart; the place stands for this boot and pid namespace (elsewhere than on Linux: this host).
 */
export function ownerTag(): string {
  return `${process.pid}-${startOf(process.pid) ?? '0'}-${placeOf()}`;
}

/**
 * What has become of the process that a tag names: `alive`, `gone`, or `unknown` when the tag is from another machine,
 * boot or container, or is no tag at all.
 */
export function ownerState(tag: string): 'alive' | 'gone' | 'unknown' {
  const [, pid, start, place] = /^([1-9][0-9]{0,9})-([0-9]+)-([0-9a-f]{8})$/.exec(tag) ?? [];
  if (pid === undefined || place !== placeOf()) return 'unknown';
  if (process.platform !== 'linux') return answers(Number(pid)) ? 'alive' : 'gone';
  return startOf(Number(pid)) === start ? 'alive' : 'gone';
}

// Field 22 of /proc/<pid>/stat: ticks since boot (proc_pid_stat(5)). Undefined when it has ended, also when nobody has
// collected it yet; without /proc nobody can say.
function startOf(pid: number): string | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  // The name of the program stands in brackets and may hold anything, so count from the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}

let place: string | undefined;

function placeOf(): string {
  place ??= createHash('sha256').update(describePlace()).digest('hex').slice(0, 8);
  return place;
}

function describePlace(): string {
  if (process.platform !== 'linux') return hostname();
  return `${readText('/proc/sys/kernel/random/boot_id')} ${readlinkSync('/proc/self/ns/pid')}`;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ESRCH' || errnoOf(error) === 'EACCES') return '';
    throw error;
  }
}

function answers(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) !== 'ESRCH';
  }
}
