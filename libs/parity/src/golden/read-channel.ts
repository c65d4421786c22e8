import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { type Digest, effect, errnoOf, Hasher, readFileLimited, sha256, writeAll } from '@baton/kernel';
import type { Content } from '../model/observation.ts';
import { elidedDigest, parseElided } from './elided.ts';
import { decodeEsc, escDecoder } from './esc-decode.ts';
import { damaged } from './esc-syntax.ts';
import { refuseForeignText, refuseLfsPointer } from './foreign-text.ts';
import type { FileRecord } from './golden-manifest.ts';

/** The most that an `.esc` file may have: 1 MiB of bytes that each became the longest escape of a byte, and some lines. */
const MOST = 5 * 1024 * 1024;

/** A golden's directory, its name in errors, and the values of its tokens. */
export interface ChannelPlace {
  directory: string;
  name: string;
  tokens: ReadonlyMap<string, Buffer>;
}

/**
 * Reads a stored channel back. What is large goes to a file in `spool`, or into memory without one. Throws `GOLDEN_LFS_POINTER`,
 * `GOLDEN_DAMAGED`.
 */
export async function readChannel(
  place: ChannelPlace,
  file: string,
  record: FileRecord,
  spool?: string,
): Promise<Content> {
  const where = `${place.name}/${file}`;
  const text = await readText(place, file, record);
  if (record.elided !== undefined) return parseElided(where, text, record.elided);
  if (record.blob === undefined)
    return { kind: 'bytes', bytes: decodeEsc(where, text, (name) => place.tokens.get(name)) };
  if (spool === undefined) {
    const chunks: Buffer[] = [];
    for await (const chunk of largeBytes(place, file, record.blob)) chunks.push(chunk);
    return { kind: 'bytes', bytes: Buffer.concat(chunks) };
  }
  const path = join(spool, `golden-${file.replace(/\.esc$/, '')}`);
  const size = await effect('write', path, async () => {
    const handle = await open(path, 'w');
    let written = 0;
    try {
      for await (const chunk of largeBytes(place, file, record.blob)) {
        await writeAll(handle, chunk);
        written += chunk.length;
      }
    } finally {
      await handle.close();
    }
    return written;
  });
  return { kind: 'file', path, size };
}

/** The digest of the bytes that a stored channel gives back; nothing is kept. Throws as {@link readChannel}. */
export async function rawDigest(place: ChannelPlace, file: string, record: FileRecord): Promise<Digest> {
  if (record.blob === undefined) {
    const content = await readChannel(place, file, record);
    if (content.kind === 'elided') return elidedDigest(content);
    return content.kind === 'bytes' ? sha256(content.bytes) : sha256('');
  }
  await readText(place, file, record);
  const raw = new Hasher();
  for await (const chunk of largeBytes(place, file, record.blob)) raw.update(chunk);
  return raw.digest();
}

async function readText(place: ChannelPlace, file: string, record: FileRecord): Promise<Buffer> {
  const where = `${place.name}/${file}`;
  const text = await readFileLimited(join(place.directory, file), MOST).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') throw damaged(where, 'is missing, and the manifest names it');
    throw error;
  });
  refuseForeignText(where, text);
  if (sha256(text) !== record.digest)
    throw damaged(where, 'was edited by hand: its digest is not the one in the manifest');
  return text;
}

async function* largeBytes(place: ChannelPlace, file: string, expected: Digest | undefined): AsyncGenerator<Buffer> {
  const where = `${place.name}/${file}.gz`;
  const path = join(place.directory, `${file}.gz`);
  const found = new Hasher();
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
      if (found.size === 0) refuseLfsPointer(where, chunk);
      found.update(chunk);
    }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') throw damaged(where, 'is missing, and the manifest names it');
    throw error;
  }
  if (found.digest() !== expected) throw damaged(where, 'was changed: its digest is not the one in the manifest');
  const decoder = escDecoder(where, (name) => place.tokens.get(name));
  const text = createReadStream(path).pipe(createGunzip()) as AsyncIterable<Buffer>;
  for await (const chunk of text) yield decoder.push(chunk);
  yield decoder.end();
}
