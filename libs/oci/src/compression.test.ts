import { execFileSync } from 'node:child_process';
import { constants, gunzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Compression, compress, compressorId, compressWhole, layerMediaType, openLayer } from './compression.ts';
import { MEDIA_TYPES } from './media-types.ts';
import { bytesOf, pieces } from './test-tar.ts';

const TEXT = Buffer.from(Array.from({ length: 24_000 }, (_, i) => `line ${i * 7919} of ${i % 97}\n`).join(''));
const all: Compression[] = [
  { algorithm: 'none' },
  { algorithm: 'gzip' },
  { algorithm: 'gzip', level: 1 },
  { algorithm: 'gzip', level: 9 },
  { algorithm: 'zstd' },
  { algorithm: 'zstd', level: 19 },
];

async function* cut(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (let i = 0; at < bytes.byteLength; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

describe('compress', () => {
  test.each(
    all,
  )('%j gives the same bytes however its input is cut, in one piece too, and they unpack', async (compression) => {
    const whole = await compressWhole(TEXT, compression);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 400_000 }), { minLength: 1, maxLength: 5 }),
        async (sizes) => {
          const scaled = sizes.map((size) => Math.max(size, 2000));
          expect((await bytesOf(compress(cut(TEXT, scaled), compression))).equals(whole)).toBe(true);
        },
      ),
      { numRuns: compression.level === 19 ? 2 : 12 },
    );
    const unpacked = await bytesOf(openLayer(pieces(whole, 999), layerMediaType(compression), 'x'));
    expect(unpacked.equals(TEXT)).toBe(true);
  });

  test('nothing compresses to something that unpacks to nothing', async () => {
    for (const compression of all) {
      const packed = await compressWhole(Buffer.alloc(0), compression);
      expect(await bytesOf(compress(pieces(Buffer.alloc(0)), compression))).toEqual(packed);
      expect(await bytesOf(openLayer(pieces(packed), layerMediaType(compression), 'x'))).toEqual(Buffer.alloc(0));
    }
  });

  test('the gzip header has no name, no time and no operating system', async () => {
    for (const [level, extra] of [
      [1, 4],
      [6, 0],
      [9, 2],
    ] as const) {
      const packed = await compressWhole(TEXT, { algorithm: 'gzip', level });
      expect([...packed.subarray(0, 10)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, extra, 255]);
    }
  });

  test('other programs read it', async () => {
    const gzip = await compressWhole(TEXT, { algorithm: 'gzip' });
    expect(gunzipSync(gzip).equals(TEXT)).toBe(true);
    expect(execFileSync('gzip', ['-dc'], { input: gzip, maxBuffer: 1 << 24 }).equals(TEXT)).toBe(true);
    expect(zstdDecompressSync(await compressWhole(TEXT, { algorithm: 'zstd' })).equals(TEXT)).toBe(true);
  });

  test('what the source throws comes out as it is', async () => {
    const failing = async function* (): AsyncGenerator<Buffer> {
      yield TEXT;
      throw new RangeError('disk on fire');
    };
    for (const compression of all)
      await expect(bytesOf(compress(failing(), compression))).rejects.toThrow(new RangeError('disk on fire'));
  });

  test('stopping early closes the source', async () => {
    for (const compression of all) {
      let closed = false;
      const source = async function* (): AsyncGenerator<Buffer> {
        try {
          for (;;) yield Buffer.from(TEXT);
        } finally {
          closed = true;
        }
      };
      for await (const _ of compress(source(), compression)) break;
      expect(closed).toBe(true);
    }
  });
});

describe('compressorId', () => {
  test('tells algorithm, level and version apart, and knows the usual level', () => {
    expect(compressorId({ algorithm: 'gzip' })).toBe(`zlib-gzip-6-${process.versions.zlib}`);
    expect(compressorId({ algorithm: 'gzip', level: 6 })).toBe(compressorId({ algorithm: 'gzip' }));
    expect(compressorId({ algorithm: 'zstd' })).toBe(`libzstd-zstd-3-${process.versions.zstd}`);
    expect(new Set(all.map(compressorId)).size).toBe(all.length);
  });

  test.each<Compression>([
    { algorithm: 'gzip', level: 0 },
    { algorithm: 'gzip', level: 10 },
    { algorithm: 'gzip', level: 1.5 },
    { algorithm: 'zstd', level: 20 },
    { algorithm: 'zstd', level: -1 },
  ])('%j is DRIVER_UNSUPPORTED', async (compression) => {
    expect(() => compressorId(compression)).toThrow(expect.objectContaining({ code: 'DRIVER_UNSUPPORTED' }));
    await expect(compressWhole(TEXT, compression)).rejects.toMatchObject({ code: 'DRIVER_UNSUPPORTED' });
    await expect(bytesOf(compress(pieces(TEXT), compression))).rejects.toMatchObject({ code: 'DRIVER_UNSUPPORTED' });
  });
});

describe('openLayer', () => {
  test.each(['gzip', 'zstd'] as const)('%s data that is cut off or broken is LAYER_INVALID', async (algorithm) => {
    const packed = await compressWhole(TEXT, { algorithm });
    const open = async (bytes: Buffer): Promise<Buffer> =>
      await bytesOf(openLayer(pieces(bytes, 5000), layerMediaType({ algorithm }), 'layer 1'));
    for (const length of [1, 12, packed.byteLength >> 1, packed.byteLength - 1]) {
      await expect(open(packed.subarray(0, length)), `${length} bytes`).rejects.toMatchObject({
        code: 'LAYER_INVALID',
      });
    }
    const broken = Buffer.from(packed);
    broken.fill(0x55, broken.byteLength >> 1, (broken.byteLength >> 1) + 40);
    await expect(open(broken)).rejects.toMatchObject({
      code: 'LAYER_INVALID',
      message: expect.stringContaining(
        `layer 1: expected a tar archive that is safe to unpack, found ${algorithm} data`,
      ) as string,
    });
    await expect(open(Buffer.from('this is not compressed'))).rejects.toMatchObject({ code: 'LAYER_INVALID' });
  });

  test('a media type that is no layer is IMAGE_INVALID', async () => {
    await expect(bytesOf(openLayer(pieces(TEXT), 'application/json', 'x'))).rejects.toMatchObject({
      code: 'IMAGE_INVALID',
    });
  });

  test('zeros behind gzip data are no content, and are read to the end of the blob', async () => {
    const blob = Buffer.concat([await compressWhole(TEXT, { algorithm: 'gzip' }), Buffer.alloc(300_000)]);
    let read = 0;
    const counted = async function* (): AsyncGenerator<Buffer> {
      for await (const piece of pieces(blob, 999)) {
        read += piece.byteLength;
        yield piece;
      }
      throw new Error('what a check of the digest says at the end');
    };
    await expect(bytesOf(openLayer(counted(), MEDIA_TYPES.layerGzip, 'x'))).rejects.toThrow('check of the digest');
    expect(read).toBe(blob.byteLength);
    expect(await bytesOf(openLayer(pieces(blob, 999), MEDIA_TYPES.layerGzip, 'x'))).toEqual(TEXT);
    expect(await bytesOf(openLayer(pieces(blob), MEDIA_TYPES.layerGzip, 'x'))).toEqual(TEXT);
  });

  test('zstd data of many frames, with skippable ones between, opens whole however it is cut', async () => {
    const parts = [TEXT.subarray(0, 100_000), Buffer.alloc(0), TEXT.subarray(100_000), Buffer.alloc(70_000, 7)];
    const options = [
      {},
      { params: { [constants.ZSTD_c_checksumFlag]: 1, [constants.ZSTD_c_contentSizeFlag]: 0 } },
      { params: { [constants.ZSTD_c_compressionLevel]: 19 } },
    ];
    const skippable = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
    const frames = parts.map((part, i) => zstdCompressSync(part, options[i % options.length]));
    const streamed = await compressWhole(Buffer.from('streamed'), { algorithm: 'zstd' });
    const blob = Buffer.concat([skippable, ...frames.flatMap((frame) => [frame, skippable]), streamed]);
    const whole = Buffer.concat([...parts, Buffer.from('streamed')]);
    for (const size of [13, 999, 64 * 1024, blob.byteLength]) {
      const opened = await bytesOf(openLayer(pieces(blob, size), MEDIA_TYPES.layerZstd, 'x'));
      expect(opened.equals(whole)).toBe(true);
    }
    for (const broken of [blob.subarray(0, -1), blob.subarray(0, 30), Buffer.concat([blob, Buffer.from('more')])]) {
      await expect(bytesOf(openLayer(pieces(broken, 999), MEDIA_TYPES.layerZstd, 'x'))).rejects.toMatchObject({
        code: 'LAYER_INVALID',
      });
    }
  });

  test("Docker's layers open like OCI's", async () => {
    const packed = await compressWhole(TEXT, { algorithm: 'gzip' });
    expect((await bytesOf(openLayer(pieces(packed), MEDIA_TYPES.dockerLayerGzip, 'x'))).equals(TEXT)).toBe(true);
  });

  test('what the blob throws comes out as it is', async () => {
    const failing = async function* (): AsyncGenerator<Buffer> {
      yield (await compressWhole(TEXT, { algorithm: 'gzip' })).subarray(0, 1000);
      throw new RangeError('connection lost');
    };
    await expect(bytesOf(openLayer(failing(), MEDIA_TYPES.layerGzip, 'x'))).rejects.toThrow(
      new RangeError('connection lost'),
    );
  });
});
