import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Digest, effect, Hasher, sha256, writeAll } from '@baton/kernel';
import { openSource } from '../compare/byte-source.ts';
import type { Content } from '../model/observation.ts';
import { type Elided, elidedDigest, printElided } from './elided.ts';
import { cutOffset, encodeEsc, escapeBytes, fileEnd } from './esc-encode.ts';
import type { NamedSpan } from './esc-syntax.ts';
import { excerpt } from './excerpt.ts';
import { EMPTY, type FileRecord } from './golden-manifest.ts';

/** Above this a channel is stored compressed, with an excerpt for readers. Bytes. */
export const LARGE = 1024 * 1024;

/** Names the tokens in a piece of a channel. */
export type NameTokens = (bytes: Buffer) => readonly NamedSpan[];

/** A channel as it was stored. */
export interface WrittenChannel {
  /** What the manifest says in the channel's place. */
  reference: string;
  record?: FileRecord;
  /** sha256 of the bytes that went in; those that come out must have the same. */
  raw: Digest;
}

/** Stores a channel as `<name>` (which ends in `.esc`), and what is large as `<name>.gz` besides; a channel of no bytes has no file. */
export async function writeChannel(
  directory: string,
  name: string,
  content: Content,
  nameTokens: NameTokens,
): Promise<WrittenChannel> {
  if (content.kind === 'elided') return await writeElided(directory, name, content);
  const size = content.kind === 'bytes' ? content.bytes.length : content.size;
  if (size === 0) return { reference: EMPTY, raw: sha256('') };
  if (size > LARGE) return await writeLarge(directory, name, content);
  const bytes = content.kind === 'bytes' ? content.bytes : await readAll(content);
  const text = encodeEsc(bytes, nameTokens(bytes));
  await writeSynced(join(directory, name), text);
  return { reference: name, record: { digest: sha256(text) }, raw: sha256(bytes) };
}

type Readable = Exclude<Content, Elided>;

// Tokens are left as they stand: a table of millions of stamps would help nobody.
async function writeLarge(directory: string, name: string, content: Readable): Promise<WrittenChannel> {
  const raw = new Hasher();
  const shown = excerpt(`${name}.gz`);
  const text = async function* (): AsyncGenerator<Buffer> {
    let last = '';
    for (const block of blocksOf(content)) {
      raw.update(block);
      last = escapeBytes(block);
      shown.push(last);
      yield Buffer.from(last, 'latin1');
    }
    last = fileEnd(last);
    shown.push(last);
    yield Buffer.from(last, 'latin1');
  };
  const blob = await writeCompressed(join(directory, `${name}.gz`), text());
  await writeSynced(join(directory, name), shown.text());
  return { reference: name, record: { digest: sha256(shown.text()), blob }, raw: raw.digest() };
}

async function writeElided(directory: string, name: string, content: Elided): Promise<WrittenChannel> {
  const text = printElided(content);
  await writeSynced(join(directory, name), text);
  const { size, normalised } = content;
  const record = { digest: sha256(text), elided: { size, normalisedSize: normalised.size, sha256: normalised.sha256 } };
  return { reference: name, record, raw: elidedDigest(content) };
}

/** The bytes in blocks of at most 1 MiB that end with a line, or, where there is no line's end, at least with a character. */
export function* blocksOf(content: Readable): Generator<Buffer> {
  const source = openSource(content);
  try {
    for (let at = 0; at < source.size; ) {
      const block = Buffer.allocUnsafe(Math.min(LARGE, source.size - at));
      source.read(block, 0, block.length, at);
      const cut = at + block.length === source.size ? block.length : cutOffset(block);
      yield block.subarray(0, cut);
      at += cut;
    }
  } finally {
    source.close();
  }
}

async function readAll(content: Readable): Promise<Buffer> {
  return Buffer.concat([...blocksOf(content)]);
}

/** Writes a file that nobody looks at yet, in one effect. */
export async function writeSynced(path: string, data: string | Buffer): Promise<void> {
  await effect('write', path, async () => {
    const handle = await open(path, 'wx', 0o644);
    try {
      await writeAll(handle, typeof data === 'string' ? Buffer.from(data, 'latin1') : data);
      await handle.chmod(0o644);
      await handle.sync();
    } finally {
      await handle.close();
    }
  });
}

async function writeCompressed(path: string, text: AsyncGenerator<Buffer>): Promise<Digest> {
  return await effect('write', path, async () => {
    const digest = new Hasher();
    const handle = await open(path, 'wx', 0o644);
    try {
      await pipeline(text, createGzip({ level: 9 }), async (chunks: AsyncIterable<Buffer>) => {
        for await (const chunk of chunks) {
          digest.update(chunk);
          await writeAll(handle, chunk);
        }
      });
      await handle.chmod(0o644);
      await handle.sync();
    } finally {
      await handle.close();
    }
    return digest.digest();
  });
}
