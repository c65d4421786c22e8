import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BatonError, runProcess, succeeded, toolEnv } from '@baton/kernel';
import { digestOfFile } from '../capture/tree-snapshot.ts';
import { findProgram } from './find-program.ts';

/** The programs of this machine that give a subject a file system of its own. */
export interface Tools {
  /** A static busybox: the base of trees, and what enters a root that holds no program. */
  busybox: string;
  unshare: string;
  nsenter: string;
  mount: string;
  facts: Readonly<Record<string, string>>;
  /**
   * A file of /proc over which busybox is bound in the subject's namespace: it must be reachable below a root of which
   * not one path may change.
   */
  entry: string;
  /** Whether namespaces need one of users first, because this process is not root. */
  userNamespace: boolean;
}

// None of them is of use to a program; container engines hide the first ones as well.
const ENTRIES = ['/proc/timer_list', '/proc/kcore', '/proc/key-users', '/proc/kallsyms', '/proc/crypto'];

/**
 * Finds the tools, and proves by doing it that this machine allows mounts in a namespace; busybox is copied into
 * `directory`. Errors: `NAMESPACE_UNAVAILABLE` with what is missing.
 */
export async function findTools(directory: string, env: NodeJS.ProcessEnv): Promise<Tools> {
  if (process.platform !== 'linux') throw unavailable(`this is ${process.platform}, and only Linux has namespaces`);
  const find = (name: string): string => {
    const path = findProgram(name, env);
    if (path === undefined) throw unavailable(`there is no "${name}" here`);
    return path;
  };
  const original = find('busybox');
  const entry = ENTRIES.find((path) => existsSync(path));
  if (entry === undefined) throw unavailable('/proc is not what it is elsewhere');
  const busybox = join(directory, 'busybox');
  await copyProgram(original, busybox);
  const tools = {
    busybox,
    entry,
    unshare: find('unshare'),
    nsenter: find('nsenter'),
    mount: find('mount'),
    userNamespace: process.getuid?.() !== 0,
  };
  await probe(tools, directory);
  const digest = await digestOfFile(busybox, statSync(busybox).size);
  return { ...tools, facts: { busybox: `${await bannerOf(busybox)}, ${digest}` } };
}

// Busybox copies itself. Written by this process it could not be started for a moment: a child that is being started beside it
// holds the open file until it becomes its own program ("Text file busy").
async function copyProgram(original: string, copy: string): Promise<void> {
  const copied = await runProcess({ command: original, args: ['cp', original, copy], env: toolEnv(), timeout: 20_000 });
  if (!succeeded(copied)) throw unavailable(`busybox could not be copied: ${copied.stderr.toString('utf8').trim()}`);
}

/** The words that put what follows into a mount namespace of its own. */
export function unshareWords({ unshare, userNamespace }: Pick<Tools, 'unshare' | 'userNamespace'>): string[] {
  return [unshare, ...(userNamespace ? ['--user', '--map-root-user'] : []), '--mount'];
}

/** `NAMESPACE_UNAVAILABLE`, and what to do about it. */
export function unavailable(why: string): BatonError {
  return new BatonError('NAMESPACE_UNAVAILABLE', `scenarios cannot be given a file system of their own: ${why}`, {
    hint: 'Run it as root on Linux with util-linux and a static busybox (Debian: busybox-static), or allow user namespaces.',
  });
}

async function probe(tools: Omit<Tools, 'facts'>, directory: string): Promise<void> {
  const [command = '', ...args] = unshareWords(tools);
  const words = [tools.busybox, 'sh', '-c', `exec ${tools.mount} --bind "$1" "$1"`, 'sh', directory];
  const tried = await runProcess({ command, args: [...args, ...words], env: toolEnv(), timeout: 20_000 });
  if (succeeded(tried)) return;
  throw unavailable(tried.stderr.toString('utf8').trim().split('\n').at(-1) ?? 'mounting was refused');
}

async function bannerOf(busybox: string): Promise<string> {
  const ran = await runProcess({ command: busybox, args: ['--help'], env: toolEnv(), timeout: 20_000 });
  return /BusyBox v\S+/.exec(ran.stdout.toString('latin1'))?.[0] ?? 'unknown';
}
