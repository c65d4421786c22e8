import { chmod, copyFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Copies a file to where it is published, with the mode that it has in every clone, whatever the umask was. */
export async function copyPlain(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to);
  await chmod(to, 0o644);
}
