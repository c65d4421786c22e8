import { chmodSync, lstatSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const made = new Set<string>();

/**
 * Makes an empty directory that nobody else uses and returns its path, free of symbolic links.
 *
 * In vitest it is removed after the tests of the file that made it, elsewhere when the process ends.
 */
export function temporaryDirectory(label = 'test'): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), `baton-${label}-`)));
  made.add(path);
  return path;
}

/** Removes every directory that {@link temporaryDirectory} made in this process, read-only ones as well. */
export function removeTemporaryDirectories(): void {
  for (const path of made) {
    try {
      rmSync(path, { recursive: true, force: true });
    } catch {
      // A test took away the permission to look inside: give it back and try once more.
      openUp(path);
      rmSync(path, { recursive: true, force: true });
    }
    made.delete(path);
  }
}

/** Writes files below a directory: keys are relative paths, values their content; directories are made as needed. */
export async function writeFiles(directory: string, files: Record<string, string | Uint8Array>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = join(directory, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
}

function openUp(path: string): void {
  if (!lstatSync(path).isDirectory()) return;
  chmodSync(path, 0o700);
  for (const name of readdirSync(path)) openUp(join(path, name));
}

if (process.env.VITEST === undefined) process.on('exit', removeTemporaryDirectories);
else (await import('vitest')).afterAll(removeTemporaryDirectories);
