import { type Digest, Hasher } from '@baton/kernel';
import { type TarEntry, writeTar } from '@baton/oci';
import type { ResolvedLayer } from './resolved-layer.ts';

/** Reads a layer's entries to their end, content as text; only for tests. */
export async function readEntries(
  entries: AsyncIterable<TarEntry> | Iterable<TarEntry>,
): Promise<(Omit<TarEntry, 'content'> & { text?: string })[]> {
  const all: (Omit<TarEntry, 'content'> & { text?: string })[] = [];
  for await (const { content, ...header } of entries) {
    if (header.type !== 'file') {
      all.push(header);
      continue;
    }
    const chunks: Uint8Array[] = [];
    for await (const chunk of typeof content === 'function' ? content() : [content ?? Buffer.alloc(0)])
      chunks.push(chunk);
    all.push({ ...header, text: Buffer.concat(chunks).toString('utf8') });
  }
  return all;
}

/** A line per entry, as `ls -l` has it: 'file 0755 0:0 usr/bin/node'. */
export async function listEntries(entries: AsyncIterable<TarEntry> | Iterable<TarEntry>): Promise<string[]> {
  return (await readEntries(entries)).map((entry) => {
    const mode = entry.mode.toString(8).padStart(4, '0');
    const link = entry.linkTarget === undefined ? '' : ` -> ${entry.linkTarget}`;
    return `${entry.type} ${mode} ${entry.uid}:${entry.gid} ${entry.path}${link}`;
  });
}

/** The digest of a layer's tar; only for tests. */
export async function tarDigest(layer: ResolvedLayer): Promise<Digest> {
  const hasher = new Hasher();
  for await (const chunk of writeTar(layer.entries())) hasher.update(chunk);
  return hasher.digest();
}
