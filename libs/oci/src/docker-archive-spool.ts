import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import {
  BatonError,
  type Digest,
  effect,
  ensureDir,
  formatBytes,
  Hasher,
  readFileLimited,
  removeTree,
  sweepTemporaries,
  temporaryName,
  writeAll,
} from '@baton/kernel';
import { linkedLayer, type PartKind, partKind, promisedDigest } from './docker-archive-parts.ts';
import { DOCUMENT_LIMIT } from './document.ts';
import { MEDIA_TYPES } from './media-types.ts';
import { diskFull, isFull } from './store-errors.ts';
import { readTar, type TarReadEntry } from './tar-read.ts';

/** A file of an archive, put aside until it is known what it is for. */
export interface SpooledFile {
  /** Its name in the archive. */
  path: string;
  kind: PartKind;
  digest: Digest;
  size: number;
  /** Media type of a layer compressed as its first bytes look; undefined: not compressed. */
  compression: string | undefined;
  /** All bytes; `IMAGE_INVALID` when there are more than `limit`. */
  read(limit: number): Promise<Buffer>;
  stream(signal?: AbortSignal): AsyncGenerator<Buffer>;
}

/** The members of an archive by their names. */
export interface Spooled {
  /** Holds the files; whoever asked for it removes it. */
  dir: string;
  files: Map<string, SpooledFile>;
  /** Names that stand for other names. */
  links: Map<string, string>;
}

const MOST_MEMBERS = 20_000;
const CHUNK = 256 * 1024;

/**
 * Puts the files of a docker archive into a temporary directory below `root`, each with the digest of its bytes. Names
 * decide what is taken: `IMAGE_INVALID` for one that such archives do not have, for a broken tar archive, for more
 * than `limit` bytes; `DIGEST_MISMATCH` for bytes that are not what their name promises. After an error nothing is left.
 */
export async function spoolArchive(
  source: AsyncIterable<Uint8Array>,
  root: string,
  { where, limit }: { where: string; limit: number },
): Promise<Spooled> {
  await ensureDir(root);
  await sweepTemporaries(root);
  const dir = temporaryName(join(root, 'docker-archive'));
  await ensureDir(dir);
  const spooled: Spooled = { dir, files: new Map(), links: new Map() };
  try {
    const seen = new Set<string>();
    let left = limit;
    for await (const entry of readTar(source, where)) {
      const { path, size } = entry.header;
      if (seen.has(path) || seen.size >= MOST_MEMBERS) {
        throw refused(where, seen.has(path) ? `the name ${shown(path)} twice` : `more than ${MOST_MEMBERS} members`);
      }
      seen.add(path);
      left -= size;
      if (left < 0) throw refused(where, `more than ${formatBytes(limit)} of files`);
      await take(entry, spooled, where);
    }
    return spooled;
  } catch (error) {
    await removeTree(dir);
    if (isFull(error)) throw diskFull(error, root);
    // Of the archive itself; what the source throws is passed on.
    if (error instanceof BatonError && error.code === 'LAYER_INVALID') {
      throw new BatonError('IMAGE_INVALID', error.message, { hint: NOT_ONE, cause: error });
    }
    throw error;
  }
}

const NOT_ONE = 'Is it a file that "docker save" wrote, whole and not compressed?';

async function take({ header, body }: TarReadEntry, spooled: Spooled, where: string): Promise<void> {
  const { path, type, size } = header;
  const kind = partKind(path);
  if (type === 'directory' && kind === 'directory') return;
  if (type === 'symlink' || type === 'hardlink') {
    const target = kind === 'layer' ? linkedLayer(path, header.linkTarget ?? '', type) : undefined;
    if (target === undefined) throw refused(where, `the link ${shown(path)} to ${shown(header.linkTarget ?? '')}`);
    spooled.links.set(path, target);
    return;
  }
  if (type !== 'file' || kind === undefined || kind === 'directory') throw refused(where, `the ${type} ${shown(path)}`);
  const most = kind === 'layer' || kind === 'blob' ? Number.POSITIVE_INFINITY : DOCUMENT_LIMIT;
  if (size > most) throw refused(where, `${shown(path)} with ${formatBytes(size)}`);
  if (kind === 'passed') return;
  const at = join(spooled.dir, String(spooled.files.size));
  const { digest, start } = await write(at, body);
  const promised = promisedDigest(path);
  if (promised !== undefined && promised !== digest) {
    throw new BatonError(
      'DIGEST_MISMATCH',
      `${where}: expected the bytes of ${path} to have this digest, found ${digest}`,
      {
        hint: 'The archive is damaged: save the image again.',
      },
    );
  }
  const compression = compressionOf(start);
  spooled.files.set(path, {
    path,
    kind,
    digest,
    size,
    compression,
    async read(limit) {
      if (size > limit) throw refused(where, `${shown(path)} with ${formatBytes(size)}`);
      return await readFileLimited(at, limit);
    },
    stream: (signal) => streamFile(at, signal),
  });
}

async function write(path: string, body: AsyncIterable<Uint8Array>): Promise<{ digest: Digest; start: Buffer }> {
  const hasher = new Hasher();
  let start = Buffer.alloc(0);
  // No fsync: after a crash nobody asks for these bytes.
  await effect('write', path, async () => {
    const handle = await open(path, 'wx', 0o600);
    try {
      for await (const chunk of body) {
        if (hasher.size < 4) start = Buffer.concat([start, chunk.subarray(0, 4)]);
        hasher.update(chunk);
        await writeAll(handle, chunk);
      }
    } finally {
      await handle.close();
    }
  });
  return { digest: hasher.digest(), start };
}

async function* streamFile(path: string, signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
  const handle: FileHandle = await open(path, 'r');
  try {
    for await (const chunk of handle.createReadStream({ autoClose: false, highWaterMark: CHUNK })) {
      signal?.throwIfAborted();
      yield chunk as Buffer;
    }
  } finally {
    await handle.close();
  }
}

// RFC 1952, 2.3.1 and RFC 8878, 3.1.1.
function compressionOf(start: Buffer): string | undefined {
  if (start.subarray(0, 3).equals(Buffer.from([0x1f, 0x8b, 0x08]))) return MEDIA_TYPES.layerGzip;
  return start.subarray(0, 4).equals(Buffer.from([0x28, 0xb5, 0x2f, 0xfd])) ? MEDIA_TYPES.layerZstd : undefined;
}

function refused(where: string, what: string): BatonError {
  return new BatonError('IMAGE_INVALID', `${where}: expected the members of a docker archive, found ${what}`, {
    hint: NOT_ONE,
  });
}

function shown(path: string): string {
  return JSON.stringify(path.slice(0, 200));
}
