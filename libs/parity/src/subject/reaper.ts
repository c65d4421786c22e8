import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { effect, startProcess, toolEnv } from '@baton/kernel';

// The first line of each file below `live` is a mount namespace whose processes are a subject's. They are killed until
// none is left, because one that is missed may start others.
const SCRIPT = `
busybox=$1
directory=$2
read -r end
for file in "$directory"/live/*; do
  { read -r namespace <"$file"; } 2>/dev/null || continue
  case $namespace in "mnt:["*"]") ;; *) continue ;; esac
  again=yes
  while [ -n "$again" ]; do
    again=
    for process in /proc/[0-9]*; do
      [ "$($busybox readlink $process/ns/mnt)" = "$namespace" ] || continue
      kill -KILL \${process#/proc/} 2>/dev/null && again=yes
    done
  done
done
rm -rf "$directory"
`;

/** What ends with this process, in whatever way that ends. */
export interface Reaper {
  /** A file whose first line names the mount namespace of a run that goes on; it is removed when the run is over. */
  liveFile(): string;
  /** Removes the directory. */
  close(): Promise<void>;
}

/**
 * Starts a small process that waits for this one to end, also by SIGKILL: then it kills the processes of all runs that go
 * on, and removes `directory`.
 */
export async function startReaper(directory: string, busybox: string): Promise<Reaper> {
  const live = join(directory, 'live');
  await effect('mkdir', live, () => mkdir(live));
  const reaper = await startProcess({
    command: busybox,
    args: ['sh', '-c', SCRIPT, 'sh', busybox, directory],
    cwd: '/',
    env: toolEnv(),
    files: ['/dev/null', '/dev/null'],
    input: 'open',
  });
  let count = 0;
  return {
    liveFile() {
      count += 1;
      return join(live, String(count));
    },
    async close() {
      reaper.closeInput();
      await reaper.ended;
      await effect('unlink', directory, () => rm(directory, { recursive: true, force: true }));
    },
  };
}
