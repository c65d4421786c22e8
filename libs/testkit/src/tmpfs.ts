import { spawnSync } from 'node:child_process';
import { temporaryDirectory } from './temp.ts';

/**
 * Runs `work` in a small file system of its own, to be filled up; needs `tmpfs` (and so, on most machines, root).
 *
 * The first write that does not fit is cut short, the next one fails with ENOSPC. Every file in it must be closed when
 * `work` ends, or the unmount fails.
 */
export async function withTmpfs<T>(size: string, work: (directory: string) => Promise<T>): Promise<T> {
  const directory = temporaryDirectory('tmpfs');
  run('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=0700`, 'tmpfs', directory]);
  try {
    return await work(directory);
  } finally {
    run('umount', [directory]);
  }
}

function run(command: string, args: string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr.trim()}`);
}
