import { randomFillSync } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { sha256 } from '@baton/kernel';
import { temporaryDirectory } from '@baton/testkit';
import { describe, expect, test } from 'vitest';
import { compress, compressorId, openLayer } from './compression.ts';
import { type ContentStore, openStore } from './content-store.ts';
import { buildLayer } from './layer.ts';
import { MEDIA_TYPES } from './media-types.ts';
import { writeTar } from './tar-write.ts';
import { bytesOf, entry, pieces, readAll } from './test-tar.ts';

const fresh = (): ContentStore => openStore(temporaryDirectory('layer'));
const small = [entry('app/main.cjs', 'console.log(1);\n'.repeat(5000)), entry('app/readme', 'x')];
// Above the size that is compressed in one piece.
const noise = randomFillSync(Buffer.alloc(3 * 1024 * 1024));
const large = [entry('a', Buffer.concat([noise, Buffer.alloc(4 * 1024 * 1024, 'text '), noise])), ...small];

describe.each([
  ['small', small],
  ['large', large],
])('buildLayer with a %s archive', (_, entries) => {
  test.each([
    ['gzip', MEDIA_TYPES.layerGzip],
    ['zstd', MEDIA_TYPES.layerZstd],
    ['none', MEDIA_TYPES.layerTar],
  ] as const)('%s: tells the truth about what it stored', async (algorithm, mediaType) => {
    const store = fresh();
    const tar = await bytesOf(writeTar(entries));
    const blob = await buildLayer(writeTar(entries), { algorithm }, store);
    const stored = await store.read(blob.digest, 1 << 30);
    expect(blob).toEqual({
      mediaType,
      digest: sha256(stored),
      size: stored.byteLength,
      diffId: sha256(tar),
      uncompressedSize: tar.byteLength,
      compressor: compressorId({ algorithm }),
    });
    const read = await readAll(openLayer(store.stream(blob.digest, blob.size), mediaType, 'x'));
    expect(read.map(({ header }) => header.path)).toEqual(entries.map(({ path }) => path));
    expect(await store.list()).toEqual([blob.digest]);
  });

  test('the blob does not tell how the archive arrived', async () => {
    const tar = await bytesOf(writeTar(entries));
    for (const algorithm of ['gzip', 'zstd'] as const) {
      const expected = sha256(await bytesOf(compress(pieces(tar, 1_000_003), { algorithm })));
      for (const size of [9973, 1 << 20, tar.byteLength]) {
        expect((await buildLayer(pieces(tar, size), { algorithm }, fresh())).digest).toBe(expected);
      }
    }
  });

  test('an error in the archive leaves nothing and closes its source', async () => {
    const store = fresh();
    let closed = false;
    const failing = async function* (): AsyncGenerator<Buffer> {
      try {
        yield* writeTar(entries);
        throw new RangeError('disk on fire');
      } finally {
        closed = true;
      }
    };
    await expect(buildLayer(failing(), { algorithm: 'gzip' }, store)).rejects.toThrow(new RangeError('disk on fire'));
    expect(closed).toBe(true);
    expect(readdirSync(store.root, { recursive: true }).filter((name) => String(name).endsWith('.tmp'))).toEqual([]);
    expect(await store.list()).toEqual([]);
  });
});

test('the pinned layer: the same entries give the same digests on every machine', async () => {
  const blob = await buildLayer(
    writeTar([entry('app/main.cjs', 'console.log("hello");\n')]),
    { algorithm: 'none' },
    fresh(),
  );
  expect(blob.diffId).toBe('sha256:428b52adff43b9fb2449d88521cfe87b949f35fac3e2f448094c79a35922fbd4');
  expect(blob.digest).toBe(blob.diffId);
});

test('gzip is a whole member that any program unpacks', async () => {
  const store = fresh();
  const blob = await buildLayer(writeTar(small), { algorithm: 'gzip' }, store);
  expect(sha256(gunzipSync(await store.read(blob.digest, 1 << 20)))).toBe(blob.diffId);
});

test('a compression that is not available is refused before the archive is read', async () => {
  const never = async function* (): AsyncGenerator<Buffer> {
    yield await Promise.reject(new Error('was read'));
  };
  await expect(buildLayer(never(), { algorithm: 'gzip', level: 99 }, fresh())).rejects.toMatchObject({
    code: 'DRIVER_UNSUPPORTED',
  });
});

test('a store that cannot be written to closes the archive as well', async () => {
  let closed = false;
  const source = async function* (): AsyncGenerator<Buffer> {
    try {
      yield* writeTar(large);
    } finally {
      closed = true;
    }
  };
  const store = openStore(join('/dev/null', 'store'));
  await expect(buildLayer(source(), { algorithm: 'gzip' }, store)).rejects.toMatchObject({ code: 'ENOTDIR' });
  expect(closed).toBe(true);
});
