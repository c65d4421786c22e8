import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compareText, type Digest, Hasher, sha256 } from '@baton/kernel';

let known: Promise<Digest> | undefined;

/**
 * The digest of the code that compares: of the bundle that this is a part of, or of this room's source. Verdicts are remembered by it,
 * because a version stays the same while somebody works on a comparator.
 */
export function toolDigest(): Promise<Digest> {
  known ??= import.meta.filename.endsWith('.ts') ? ofSource(join(import.meta.dirname, '..')) : ofFile();
  return known;
}

async function ofFile(): Promise<Digest> {
  return sha256(await readFile(import.meta.filename));
}

async function ofSource(directory: string): Promise<Digest> {
  const names = await readdir(directory, { recursive: true });
  const hasher = new Hasher();
  for (const name of names
    .filter((one) => one.endsWith('.ts') && !/[.](test|prove|fixture)[.]ts$/.test(one))
    .sort(compareText)) {
    hasher.update(Buffer.from(`${name}\0`)).update(await readFile(join(directory, name)));
  }
  return hasher.digest();
}
