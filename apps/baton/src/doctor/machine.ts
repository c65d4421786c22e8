import { access, constants, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errnoOf, formatBytes, runProcess, succeeded, toBatonError, toolEnv } from '@baton/kernel';
import type { DoctorIo, Finding } from './finding.ts';

/** Bytes. Two platforms of a Node base with what they are made from take about half of it. */
const ENOUGH = 1_000_000_000;

/** The Node that runs this; an older one would not have got here. */
export function findNode(): Finding {
  return { id: 'node', title: 'Node', state: 'here', detail: `${process.versions.node} (${process.execPath})` };
}

/** Whether a program of an image could be started from its unpacked files without an engine. */
export async function findIsolation(io: DoctorIo): Promise<Finding> {
  const base = { id: 'isolation', title: 'Own file system' };
  const cost = 'The program of an image cannot be started from its unpacked files: only an engine can run it here.';
  if (process.platform !== 'linux') return { ...base, state: 'missing', detail: `not on ${process.platform}`, cost };
  const root = process.getuid?.() === 0;
  const ways: [string, string[], string][] = root
    ? [['chroot', ['/', 'true'], 'chroot as root']]
    : [['unshare', ['--user', '--map-root-user', 'chroot', '/', 'true'], 'chroot in a user namespace']];
  for (const [command, args, way] of ways) {
    if (await runs(command, args, io)) return { ...base, state: 'here', detail: way };
  }
  return { ...base, state: 'missing', detail: root ? 'chroot is not allowed' : 'no user namespaces', cost };
}

async function runs(command: string, args: string[], io: DoctorIo): Promise<boolean> {
  try {
    // The sbin directories hold chroot, and an ordinary user's PATH often lacks them.
    const env = toolEnv({ PATH: `${io.env.PATH ?? ''}:/usr/sbin:/sbin:/usr/bin:/bin` });
    return succeeded(await runProcess({ command, args, env, signal: io.signal, timeout: 10_000 }));
  } catch (error) {
    if (toBatonError(error).code === 'INTERRUPTED') throw error;
    return false;
  }
}

/** The cache directory: where it is, whether it can be written, what is free there. Nothing is written to find out. */
export async function findCache(io: DoctorIo): Promise<Finding> {
  const base = { id: 'cache', title: 'Cache' };
  const place = await nearestExisting(io.cacheDir);
  const absent = place === io.cacheDir ? '' : ', not made yet';
  try {
    // The slash makes a file that stands in the way an error.
    await access(`${place}/`, constants.W_OK | constants.X_OK);
  } catch (error) {
    return {
      ...base,
      state: 'missing',
      detail: `${io.cacheDir} cannot be written (${errnoOf(error) ?? 'unknown error'})`,
      cost: 'Nothing can be built: set BATON_CACHE_DIR to a directory that can be written.',
    };
  }
  const disk = await statfs(place);
  const free = disk.bavail * disk.bsize;
  const detail = `${io.cacheDir}${absent}; ${formatBytes(free)} free`;
  if (free >= ENOUGH) return { ...base, state: 'here', detail };
  return {
    ...base,
    state: 'limited',
    detail,
    cost: `Building a base may fill the disk, it wants about ${formatBytes(ENOUGH)}: set BATON_CACHE_DIR to a larger one.`,
  };
}

async function nearestExisting(path: string): Promise<string> {
  for (let place = path; ; place = dirname(place)) {
    if ((await stat(place).catch(() => undefined)) !== undefined || dirname(place) === place) return place;
  }
}
