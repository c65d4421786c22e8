import { chmod, copyFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The source of parity's feeder, from the repository's root: a bundle that compiles it finds it beside itself. */
export const FEEDER = 'libs/parity/feeder/feeder.c';

/** Copies a file to where it is published, with the mode that it has in every clone, whatever the umask was. */
export async function copyPlain(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to);
  await chmod(to, 0o644);
}
