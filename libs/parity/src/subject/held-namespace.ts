import { type FileHandle, open, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { errnoOf, type StartedProcess } from '@baton/kernel';
import type { Habitat } from '../capture/processes.ts';

/** The mount namespace of a run. While it is held, no other one gets its number. */
export interface HeldNamespace {
  habitat: Habitat;
  release(): Promise<void>;
}

const POLL = 1; // milliseconds

/**
 * Holds the namespace of a process that says its name in the first line of a file and then waits. One that ends before
 * has none.
 */
export async function holdNamespace({ pid, ended }: StartedProcess, file: string): Promise<HeldNamespace> {
  let over = false;
  void ended.then(() => {
    over = true;
  });
  for (;;) {
    const isLast = over;
    const namespace = /^(mnt:\[\d+\])\n/.exec(await readFile(file, 'latin1'))?.[1];
    const handle = namespace === undefined ? undefined : await openNamespace(pid);
    if (handle !== undefined) return { habitat: { pid, namespace }, release: () => handle.close() };
    if (isLast) return { habitat: { pid, namespace: undefined }, release: async () => undefined };
    await sleep(POLL);
  }
}

async function openNamespace(pid: number): Promise<FileHandle | undefined> {
  return await open(`/proc/${pid}/ns/mnt`).catch((error: unknown) => {
    if (errnoOf(error) !== 'ENOENT' && errnoOf(error) !== 'ESRCH') throw error;
    return undefined; // It has ended.
  });
}
