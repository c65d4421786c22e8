import type { Transform } from 'node:stream';
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { BatonError, errnoOf } from '@baton/kernel';
import { layerCompression, MEDIA_TYPES } from './media-types.ts';
import { invalidLayer } from './tar-extended.ts';
import { zstdFrames } from './zstd-frames.ts';

/** How a layer is stored: gzip levels 1 to 9 (6), zstd levels 1 to 19 (3), or not compressed. */
export type Compression = { algorithm: 'gzip' | 'zstd' | 'none'; level?: number };

const LEVELS = { gzip: { usual: 6, most: 9 }, zstd: { usual: 3, most: 19 } } as const;
const INPUT = 256 * 1024;
const OUTPUT = 256 * 1024;
/** Pieces of what is unpacked: small, because each is a new buffer that lives until the next collection. */
const UNPACKED = 64 * 1024;

/**
 * Names everything about a compressor that decides its bytes: algorithm, level and library version. Part of cache keys.
 * Throws `DRIVER_UNSUPPORTED` for a level out of range, and for zstd where this Node has none.
 */
export function compressorId(compression: Compression): string {
  const { algorithm, level } = checked(compression);
  if (algorithm === 'none') return 'none';
  const version = algorithm === 'gzip' ? process.versions.zlib : process.versions.zstd;
  return `${algorithm === 'gzip' ? 'zlib-gzip' : 'libzstd-zstd'}-${level}-${version ?? 'unknown'}`;
}

/** The media type of a layer compressed like this. */
export function layerMediaType(compression: Compression): string {
  const types = { gzip: MEDIA_TYPES.layerGzip, zstd: MEDIA_TYPES.layerZstd, none: MEDIA_TYPES.layerTar };
  return types[compression.algorithm];
}

/**
 * Compresses a stream in constant memory. The bytes depend on the content and the compressor alone: input is cut into
 * even pieces first, and the gzip header carries neither a time nor the operating system.
 */
export async function* compress(source: AsyncIterable<Uint8Array>, compression: Compression): AsyncGenerator<Buffer> {
  const { algorithm, level } = checked(compression);
  if (algorithm === 'none') {
    for await (const chunk of source) yield asBuffer(chunk);
    return;
  }
  const engine =
    algorithm === 'gzip'
      ? zlib.createGzip({ level, chunkSize: OUTPUT })
      : zlib.createZstdCompress({ chunkSize: OUTPUT, params: { [zlib.constants.ZSTD_c_compressionLevel]: level } });
  let first = algorithm === 'gzip';
  for await (const chunk of through(evenPieces(source), engine)) {
    yield first ? withoutSystem(chunk) : chunk;
    first = false;
  }
}

const gzipWhole = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gzip);

/**
 * Compresses bytes that are at hand, to the same bytes as {@link compress}. One call into the thread pool: as fast as the
 * synchronous form but for a millisecond, and other layers and requests go on meanwhile.
 */
export async function compressWhole(bytes: Uint8Array, compression: Compression): Promise<Buffer> {
  const { algorithm, level } = checked(compression);
  // The one-shot form of zstd writes the size into its header and so differs from the stream.
  if (algorithm === 'gzip') return withoutSystem(await gzipWhole(bytes, { level, chunkSize: OUTPUT }));
  const parts: Buffer[] = [];
  for await (const chunk of compress(once(bytes), compression)) parts.push(chunk);
  return Buffer.concat(parts);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/**
 * The uncompressed bytes of a layer, by its media type. Throws `IMAGE_INVALID` for a type that is no layer,
 * `LAYER_INVALID` for data that is broken or cut off; what `blob` throws is passed on.
 */
export async function* openLayer(
  blob: AsyncIterable<Uint8Array>,
  mediaType: string,
  where: string,
): AsyncGenerator<Buffer> {
  const algorithm = layerCompression(mediaType);
  if (algorithm === undefined) {
    throw new BatonError(
      'IMAGE_INVALID',
      `${where}: expected the media type of a layer, found ${JSON.stringify(mediaType)}`,
    );
  }
  if (algorithm === 'none') {
    for await (const chunk of blob) yield asBuffer(chunk);
    return;
  }
  try {
    if (algorithm === 'gzip') yield* through(blob, zlib.createGunzip({ chunkSize: UNPACKED }));
    else yield* unpackFrames(blob, where);
  } catch (error) {
    if (!/^(Z_|ZSTD_|ERR_ZSTD|ERR_ZLIB|ERR_.*BUFFER)/.test(errnoOf(error) ?? '')) throw error;
    throw invalidLayer(where, `${algorithm} data that is broken or cut off`, error);
  }
}

async function* unpackFrames(blob: AsyncIterable<Uint8Array>, where: string): AsyncGenerator<Buffer> {
  demandZstd();
  for await (const frame of zstdFrames(blob, where)) {
    yield* through(frame, zlib.createZstdDecompress({ chunkSize: UNPACKED }));
  }
}

// A write is waited for before the next one, and the end comes after the last: whether the end was known while the last
// piece was compressed would else depend on timing, and zstd's bytes on that.
async function* through(source: AsyncIterable<Uint8Array>, engine: Transform): AsyncGenerator<Buffer> {
  const feed = async (): Promise<void> => {
    for await (const chunk of source) {
      // Zeros may follow gzip data. Their content is nobody's business, but only who reads them knows the blob's digest.
      if (engine.readableEnded) continue;
      await written(engine, chunk);
      if (engine.destroyed && !engine.readableEnded) return;
    }
    engine.end();
  };
  let failure: unknown;
  const fed = feed().catch((error: unknown) => {
    failure ??= error;
    if (engine.readableEnded) return;
    engine.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  try {
    for await (const chunk of engine) yield chunk as Buffer;
  } catch (error) {
    throw failure ?? error;
  } finally {
    // One that has ended is not destroyed yet: the rest of the source still has to be read.
    if (!engine.readableEnded) engine.destroy();
    await fed;
    engine.destroy();
  }
  if (failure !== undefined) throw failure;
}

// An engine that fails, or has seen its end, does not call back for the piece it was given.
function written(engine: Transform, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      engine.off('close', done);
      engine.off('end', done);
      resolve();
    };
    engine.once('close', done);
    engine.once('end', done);
    if (engine.destroyed || engine.readableEnded) done();
    else engine.write(chunk, done);
  });
}

async function* evenPieces(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let piece = Buffer.allocUnsafeSlow(INPUT);
  let used = 0;
  for await (const chunk of source) {
    for (let at = 0; at < chunk.byteLength; ) {
      const part = chunk.subarray(at, at + INPUT - used);
      piece.set(part, used);
      used += part.byteLength;
      at += part.byteLength;
      if (used < INPUT) continue;
      yield piece;
      piece = Buffer.allocUnsafeSlow(INPUT);
      used = 0;
    }
  }
  if (used > 0) yield piece.subarray(0, used);
}

// RFC 1952, 2.3: byte 9 is the operating system; 255 is "unknown". zlib sets it to the one it was compiled for.
function withoutSystem(chunk: Buffer): Buffer {
  chunk.writeUInt8(255, 9);
  return chunk;
}

function checked(compression: Compression): { algorithm: Compression['algorithm']; level: number } {
  const { algorithm } = compression;
  if (algorithm === 'none') return { algorithm, level: 0 };
  if (algorithm === 'zstd') demandZstd();
  const { usual, most } = LEVELS[algorithm];
  const level = compression.level ?? usual;
  if (Number.isInteger(level) && level >= 1 && level <= most) return { algorithm, level };
  throw new BatonError('DRIVER_UNSUPPORTED', `expected a ${algorithm} level from 1 to ${most}, found ${level}`);
}

function demandZstd(): void {
  if (typeof zlib.createZstdCompress === 'function') return;
  throw new BatonError('DRIVER_UNSUPPORTED', `zstd layers need Node 22.15 or newer, this is ${process.version}`, {
    hint: 'Use Node 24, or set "compression: { algorithm: gzip }" in agent.yaml.',
  });
}

function asBuffer(chunk: Uint8Array): Buffer {
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
