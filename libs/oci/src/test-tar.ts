import type { TarEntry, TarHeader } from './tar-entry.ts';
import { readTar } from './tar-read.ts';

/** For tests of this room: an entry with ordinary values, a file with its content unless `more` says otherwise. */
export function entry(path: string, content: string | Uint8Array = '', more: Partial<TarEntry> = {}): TarEntry {
  const bytes = Buffer.from(content);
  const size = more.type === undefined || more.type === 'file' ? bytes.byteLength : 0;
  const own = size === 0 ? {} : { content: bytes };
  return { path, type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 0, size, ...own, ...more };
}

/** A directory. */
export function directory(path: string, more: Partial<TarEntry> = {}): TarEntry {
  return entry(path, '', { type: 'directory', mode: 0o755, ...more });
}

/** A symlink. */
export function symbolic(path: string, linkTarget: string): TarEntry {
  return entry(path, '', { type: 'symlink', mode: 0o777, linkTarget });
}

/** A hard link. */
export function hard(path: string, linkTarget: string): TarEntry {
  return entry(path, '', { type: 'hardlink', linkTarget });
}

/** All bytes of a stream. */
export async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

/** A stream of bytes in pieces of one size. */
export async function* pieces(bytes: Uint8Array, size = 65536): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.byteLength; at += size) yield Buffer.from(bytes.subarray(at, at + size));
}

/** Every entry of an archive with its content. */
export async function readAll(
  source: AsyncIterable<Uint8Array>,
  where = 'test.tar',
): Promise<{ header: TarHeader; content: Buffer }[]> {
  const entries: { header: TarHeader; content: Buffer }[] = [];
  for await (const { header, body } of readTar(source, where)) entries.push({ header, content: await bytesOf(body) });
  return entries;
}
