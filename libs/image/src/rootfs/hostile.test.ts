import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Digest, digestHex, sha256 } from '@baton/kernel';
import { encodeDocument, flattenOnce, layerSource, MEDIA_TYPES, unpackTo, writeLayoutIndex } from '@baton/oci';
import { needs, startRegistryServer, temporaryDirectory } from '@baton/testkit';
import { afterAll, describe, expect, test } from 'vitest';
import {
  asked,
  file,
  inLayout,
  inRegistry,
  type Lies,
  type MadeImage,
  madeImage,
  special,
  testIo,
} from './image.fixture.ts';
import { gnuLong, gzipBomb, padded, pax, rawHeader, rawTar } from './raw-tar.fixture.ts';
import { rootfsImage } from './rootfs-image.ts';
import type { RootfsResult } from './types.ts';

// What must stay as it is, whatever an image says.
const outside = temporaryDirectory('canary');
writeFileSync(join(outside, 'victim'), 'safe');
const climb = `${'../'.repeat(30)}${outside.slice(1)}/victim`;

afterAll(() => {
  expect(readdirSync(outside)).toEqual(['victim']);
  expect(readFileSync(join(outside, 'victim'), 'utf8')).toBe('safe');
});

/** Runs an image through everything that reads one, and returns what each way said: a code, or 'fine'. */
async function everyWay(image: MadeImage): Promise<Set<string>> {
  const dir = await inLayout(image);
  const io = testIo();
  const said = async (run: () => Promise<unknown>): Promise<string> =>
    await run().then(
      () => 'fine',
      (error: { code?: string }) => error.code ?? String(error),
    );
  const ways = [await said(() => rootfsImage(asked(dir), io))];
  if (needs('tar2sqfs').reason === undefined) {
    ways.push(await said(() => rootfsImage(asked(dir, { format: 'squashfs' }), io)));
  }
  const to = join(temporaryDirectory('unpacked'), 'root');
  const config = JSON.parse(String([...image.blobs.values()].find((blob) => blob.includes('"rootfs"')))) as {
    rootfs: { diff_ids: Digest[] };
  };
  const sources = image.layers.map((layer, i) =>
    layerSource(layer, config.rootfs.diff_ids[i] ?? layer.digest, async function* () {
      yield image.blobs.get(layer.digest) ?? Buffer.alloc(0);
    }),
  );
  ways.push(await said(() => flattenOnce(sources, (entries) => unpackTo(to, entries))));
  // Nothing half-made anywhere.
  const left = readdirSync(join(io.cacheDir, 'v1', 'rootfs')).filter((name) => name.endsWith('.tmp'));
  expect(left).toEqual([]);
  if (ways.at(-1) !== 'fine') expect(readdirSync(join(to, '..'))).toEqual([]);
  return new Set(ways);
}

const link = (name: string, target: string, flag: '1' | '2'): Buffer => rawHeader(name, flag, { link: target });
const plain = (name: string | Buffer, content = 'x'): Buffer[] => [
  rawHeader(name, '0', { size: Buffer.byteLength(content) }),
  padded(content),
];

describe('entries that are refused', () => {
  const refused: [string, Buffer[]][] = [
    ['..', plain('../victim')],
    ['.. further down', plain('a/../../victim')],
    ['.. by pax', [pax([`path=${climb}`]), ...plain('x')]],
    ['.. by a GNU long name', [gnuLong('L', climb), ...plain('x')]],
    ['an absolute name', plain(`${outside}/victim`.slice(0, 99))],
    ['an absolute name by pax', [pax([`path=${outside}/victim`]), ...plain('x')]],
    ['a name below a link that leaves the root', [link('up', '../../..', '2'), ...plain('up/victim')]],
    ['a name below links in circles', [link('a', 'b', '2'), link('b', 'a', '2'), ...plain('a/x')]],
    ['a hard link that leaves the root', [link('h', climb.slice(0, 99), '1')]],
    ['a hard link by pax that leaves the root', [pax([`linkpath=${climb}`]), link('h', 'x', '1')]],
    ['a hard link to nothing', [link('h', 'nowhere', '1')]],
    ['a hard link to a directory', [rawHeader('d', '5'), link('h', 'd', '1')]],
    ['an entry below a file', [...plain('f'), ...plain('f/x')]],
    ['a whiteout of ..', plain('.wh...')],
    ['a zero byte in a name', [pax([Buffer.from('path=a\0b')]), ...plain('x')]],
    ['a name that is not UTF-8', plain(Buffer.from([0x61, 0xff, 0xfe]))],
    ['a name longer than PATH_MAX', [pax([`path=${'n/'.repeat(2100)}x`]), ...plain('x')]],
    ['a name of a million parts', [pax([`path=${'n/'.repeat(1_000_000)}x`]), ...plain('x')]],
    ['a target longer than PATH_MAX', [pax([`linkpath=${'t/'.repeat(2100)}`]), link('l', 'x', '2')]],
    ['an old GNU sparse file', [rawHeader('s', 'S', { size: 0 })]],
    [
      'a pax sparse file',
      [pax(['GNU.sparse.major=1', 'GNU.sparse.minor=0', 'GNU.sparse.realsize=9007199254740991']), ...plain('s')],
    ],
    ['a pax sparse file of the first kind', [pax(['GNU.sparse.size=99999999', 'GNU.sparse.map=0,1']), ...plain('s')]],
    ['a type nobody knows', [rawHeader('z', 'Z')]],
    ['a size that is too large to be true', [rawHeader('l', '0', { size: 2 ** 60 })]],
    ['a size that ends behind the archive', [rawHeader('l', '0', { size: 8 ** 11 - 1 })]],
    ['a negative size by pax', [pax(['size=-1']), ...plain('x')]],
    ['a part longer than NAME_MAX', [pax([`path=d/${'n'.repeat(256)}`]), ...plain('x')]],
    ['a file and one below it in another layer', [...plain('bottom/x')]],
    ['more attributes than can be written', [pax([`SCHILY.xattr.user.a=${'v'.repeat(2_000_000)}`]), ...plain('x')]],
    ['attributes for all entries', [pax([`SCHILY.xattr.user.a=${'v'.repeat(100_000)}`], 'g'), ...plain('x')]],
    ['a link with content', [rawHeader('l', '2', { link: 'x', size: 512 }), padded('x')]],
    ['a global header that renames everything', [pax(['path=etc/shadow'], 'g'), ...plain('x')]],
    ['an extended header of the largest size', [rawHeader('p', 'x', { size: 8 ** 11 - 1 })]],
    [
      'an extended header that lies about its records',
      [rawHeader('p', 'x', { size: 12 }), padded('99 path=abc\n'), ...plain('x')],
    ],
    ['an extended header without an entry', [pax(['path=a'])]],
    ['a header with a wrong checksum', [rawHeader('a', '0').fill('b', 0, 1)]],
    ['another archive behind the end', [...plain('a'), Buffer.alloc(1024), ...plain('b')]],
    ['garbage behind the end', [...plain('a'), Buffer.alloc(1024), Buffer.from('garbage')]],
  ];

  test.each(refused)('%s', async (_, blocks) => {
    expect(await everyWay(await madeImage([[file('bottom', 'x')], rawTar(...blocks)]))).toEqual(
      new Set(['LAYER_INVALID']),
    );
  });

  test('the same in the bottom layer', async () => {
    for (const [, blocks] of refused.slice(0, 3)) {
      expect(await everyWay(await madeImage([rawTar(...blocks), [file('top', 'x')]]))).toEqual(
        new Set(['LAYER_INVALID']),
      );
    }
  });
});

describe('entries that are strange and legal', () => {
  const io = testIo();
  const made = async (...blocks: Buffer[]): Promise<RootfsResult> =>
    await rootfsImage(asked(await inLayout(await madeImage([rawTar(...blocks)]))), io);

  test('links that lead out, through which no name goes, are kept as text and never followed', async () => {
    const image = await madeImage([
      rawTar(link('abs', `${outside}/victim`, '2'), link('rel', climb.slice(0, 99), '2'), link('hard', 'abs', '1')),
    ]);
    expect(await everyWay(image)).toEqual(new Set(['fine']));
  });

  test('a file in place of a link to the outside replaces the link', async () => {
    const image = await madeImage([rawTar(link('f', `${outside}/victim`, '2')), [file('f', 'mine')]]);
    expect(await everyWay(image)).toEqual(new Set(['fine']));
    const both = await madeImage([rawTar(link('f', `${outside}/victim`, '2'), ...plain('f', 'mine'))]);
    expect(await everyWay(both)).toEqual(new Set(['fine']));
  });

  test('a name below an absolute link stays inside', async () => {
    const image = await madeImage([rawTar(link('out', outside, '2')), [file('out/victim', 'mine')]]);
    expect(await everyWay(image)).toEqual(new Set(['fine']));
  });

  test('devices, fifos and setuid programs are in the file, and are not made when files are unpacked', async () => {
    const entries = [
      special('null', 'character', { device: { major: 1, minor: 3 } }),
      special('pipe', 'fifo'),
      file('su', 'x', { mode: 0o6755 }),
    ];
    const image = await madeImage([entries]);
    expect(await everyWay(image)).toEqual(new Set(['fine']));
    expect((await rootfsImage(asked(await inLayout(image)), io)).entries).toBe(3);
  });

  test('the last of several entries with one name counts; names that differ in case are different', async () => {
    const image = await madeImage([rawTar(...plain('a', '1'), ...plain('A', '2'), ...plain('a', '3'))]);
    expect(await everyWay(image)).toEqual(new Set(['fine']));
    const { entries, path } = await rootfsImage(asked(await inLayout(image)), io);
    expect(entries).toBe(2);
    expect(readFileSync(path).includes('3')).toBe(true);
  });

  test('directories as deep as a path can be', async () => {
    const deep = await made(pax([`path=${'d/'.repeat(2000)}x`]), ...plain('x'));
    expect(deep.entries).toBe(2001);
  });

  test('zeros behind the end, and an empty layer', async () => {
    expect((await made(...plain('a'), Buffer.alloc(100_352))).entries).toBe(1);
    expect((await made()).entries).toBe(0);
  });
});

describe('what is large', () => {
  const bomb = async (start: Buffer, piece: Buffer, times: number, end = Buffer.alloc(1024)): Promise<MadeImage> => {
    const blob = gzipBomb(start, piece, times, end);
    const hash = createHash('sha256').update(start);
    for (let i = 0; i < times; i += 1) hash.update(piece);
    const diffId: Digest = `sha256:${hash.update(end).digest('hex')}`;
    const image = await madeImage([Buffer.alloc(1024)], { diffId });
    const [old] = image.layers;
    // The blob in place of the empty one, under its own digest.
    const layer = { mediaType: MEDIA_TYPES.layerGzip, digest: sha256(blob), size: blob.byteLength };
    const manifest = JSON.parse(String(image.blobs.get(image.manifest.digest))) as { layers: object[] };
    const bytes = encodeDocument({ ...manifest, layers: [layer] });
    image.blobs.delete(old?.digest ?? 'sha256:');
    image.blobs.set(layer.digest, blob).set(sha256(bytes), bytes);
    return {
      ...image,
      layers: [layer],
      manifest: { ...image.manifest, digest: sha256(bytes), size: bytes.byteLength },
    };
  };
  const MB = 1024 * 1024;
  const megabyte = Buffer.alloc(MB);

  /** The growth of this process's memory in MB while something is done. */
  async function growth(work: () => Promise<unknown>): Promise<number> {
    let most = 0;
    const before = process.memoryUsage().rss;
    const look = setInterval(() => {
      most = Math.max(most, process.memoryUsage().rss);
    }, 5);
    try {
      await work();
    } finally {
      clearInterval(look);
    }
    return (Math.max(most, process.memoryUsage().rss) - before) / MB;
  }

  test('a gzip bomb is unpacked in constant memory', async () => {
    const image = await bomb(rawHeader('zeros', '0', { size: 300 * MB }), megabyte, 300);
    const dir = await inLayout(image);
    const count = async (): Promise<number> => {
      let bytes = 0;
      const sources = image.layers.map((layer) => {
        const config = [...image.blobs.values()].find((blob) => blob.includes('"rootfs"'));
        const { rootfs } = JSON.parse(String(config)) as { rootfs: { diff_ids: Digest[] } };
        return layerSource(layer, rootfs.diff_ids[0] ?? layer.digest, async function* () {
          yield readFileSync(join(dir, 'blobs', 'sha256', digestHex(layer.digest)));
        });
      });
      await flattenOnce(sources, async (entries) => {
        for await (const { body } of entries) for await (const part of body) bytes += part.byteLength;
      });
      return bytes;
    };
    let bytes = 0;
    expect(
      await growth(async () => {
        bytes = await count();
      }),
    ).toBeLessThan(120);
    expect(bytes).toBe(300 * MB);
  });

  test('headers without end are refused after some megabytes, not when all of them were read', async () => {
    const record = pax([`comment=${'c'.repeat(100_000)}`]);
    const image = await bomb(Buffer.alloc(0), record, 4000);
    let said: unknown;
    const grown = await growth(async () => {
      said = await rootfsImage(asked(await inLayout(image)), testIo()).catch((error: unknown) => error);
    });
    expect(said).toMatchObject({
      code: 'LAYER_INVALID',
      message: expect.stringContaining('headers in a row') as string,
    });
    expect(grown).toBeLessThan(200);
  });

  test('zeros without end behind the archive cost no memory', async () => {
    const image = await bomb(Buffer.concat(plain('a')), megabyte, 300);
    const grown = await growth(async () => {
      expect((await rootfsImage(asked(await inLayout(image)), testIo())).entries).toBe(1);
    });
    expect(grown).toBeLessThan(120);
  });

  test('attributes and names that would fill the memory are refused', async () => {
    const value = Buffer.alloc(900_000, 'v');
    const one = Buffer.concat([
      pax([Buffer.concat([Buffer.from('SCHILY.xattr.user.a='), value])]),
      rawHeader('f', '0'),
    ]);
    const image = await bomb(Buffer.alloc(0), one, 650);
    await expect(rootfsImage(asked(await inLayout(image)), testIo())).rejects.toMatchObject({
      code: 'LAYER_INVALID',
      message: expect.stringContaining('names and attributes') as string,
    });
  }, 60_000);

  test('a layer of 100,000 entries', async () => {
    const entries = Array.from({ length: 100_000 }, (_, i) => rawHeader(`d${i % 100}/f${i}`, '0'));
    const dir = await inLayout(await madeImage([rawTar(...entries)]));
    expect((await rootfsImage(asked(dir), testIo())).entries).toBe(100_100);
  }, 60_000);

  test('deep names that each want two thousand new directories are refused before they fill the memory', async () => {
    const entries = Array.from({ length: 2000 }, (_, i) =>
      Buffer.concat([pax([`path=${`${i}/`}${'d/'.repeat(2000)}x`]), rawHeader('x', '0')]),
    );
    await expect(
      rootfsImage(asked(await inLayout(await madeImage([rawTar(...entries)]))), testIo()),
    ).rejects.toMatchObject({
      code: 'LAYER_INVALID',
      message: expect.stringContaining('names and attributes') as string,
    });
  }, 60_000);

  test('many names through long chains of links come to an end', async () => {
    const hop = Array.from({ length: 39 }, (_, i) =>
      special(`l${i}`, 'symlink', { linkTarget: `${'a/../'.repeat(700)}l${i + 1}` }),
    );
    const image = await madeImage([
      [special('a', 'directory'), ...hop, special('l39', 'directory')],
      [file('l0/x', 'x')],
    ]);
    await expect(rootfsImage(asked(await inLayout(image)), testIo())).rejects.toMatchObject({ code: 'LAYER_INVALID' });
  });
});

describe('blobs that are not what they should be', () => {
  const good = [file('a', 'x'.repeat(10_000))];
  const cases: [string, string, Lies & { zstd?: boolean }][] = [
    ['cut-off gzip', 'LAYER_INVALID', { blob: (right) => right.subarray(0, right.byteLength - 20) }],
    ['something that is no gzip', 'LAYER_INVALID', { blob: () => Buffer.from('not gzip at all') }],
    ['cut-off zstd', 'LAYER_INVALID', { zstd: true, blob: (right) => right.subarray(0, right.byteLength - 10) }],
    ['another archive than the config promises', 'DIGEST_MISMATCH', { diffId: sha256(Buffer.from('other')) }],
    ['a media type that is no layer', 'IMAGE_INVALID', { mediaType: 'application/json' }],
  ];

  test.each(cases)('%s is %s', async (_, code, lies) => {
    const right = await madeImage([good], lies);
    // Where the blob itself is wrong it gets the digest of what it is, so that only its content is.
    const image = lies.blob === undefined ? right : await redigested(right);
    expect(await everyWay(image)).toEqual(new Set([code]));
  });

  /** The same image, its layer described by the bytes that are there. */
  async function redigested(image: MadeImage): Promise<MadeImage> {
    const [layer] = image.layers;
    const blob = image.blobs.get(layer?.digest ?? 'sha256:') ?? Buffer.alloc(0);
    const fresh = { mediaType: layer?.mediaType ?? '', digest: sha256(blob), size: blob.byteLength };
    const manifest = JSON.parse(String(image.blobs.get(image.manifest.digest))) as object;
    const bytes = encodeDocument({ ...manifest, layers: [fresh] });
    image.blobs.set(fresh.digest, blob).set(sha256(bytes), bytes);
    return {
      ...image,
      layers: [fresh],
      manifest: { ...image.manifest, digest: sha256(bytes), size: bytes.byteLength },
    };
  }

  test('anything behind the compressed data is refused', async () => {
    const image = await redigested(
      await madeImage([good], { blob: (right) => Buffer.concat([right, Buffer.from('garbage')]) }),
    );
    expect(await everyWay(image)).toEqual(new Set(['LAYER_INVALID']));
    const more = await madeImage([good], { blob: (right) => Buffer.concat([right, gzipSync(Buffer.from('more'))]) });
    expect(await everyWay(await redigested(more))).toEqual(new Set(['LAYER_INVALID']));
  });

  test('a blob in a layout with another digest is STORE_CORRUPT and stays', async () => {
    const image = await madeImage([good], { blob: (right) => Buffer.from(right).fill(0, 30, 31) });
    const dir = await inLayout(image);
    const names = readdirSync(join(dir, 'blobs/sha256'));
    await expect(rootfsImage(asked(dir), testIo())).rejects.toMatchObject({
      code: expect.stringMatching(/STORE_CORRUPT|LAYER_INVALID/) as string,
    });
    expect(readdirSync(join(dir, 'blobs/sha256'))).toEqual(names);
  });

  test('bytes of a registry that are not what was promised are DIGEST_MISMATCH', async () => {
    const registry = await startRegistryServer();
    try {
      const image = await madeImage([good]);
      const reference = await inRegistry(registry.host, image);
      const path = image.layers[0]?.digest ?? '';
      const io = testIo();
      for (const action of [{ kind: 'corrupt' }, { kind: 'extend', bytes: 100 }] as const) {
        registry.inject({ method: 'GET', path }, action);
        await expect(rootfsImage(asked(reference), io)).rejects.toMatchObject({
          code: expect.stringMatching(/DIGEST_MISMATCH|LAYER_INVALID/) as string,
        });
        expect(readdirSync(join(io.cacheDir, 'v1', 'rootfs'))).toEqual([]);
      }
      registry.inject({ method: 'GET', path: '/manifests/' }, { kind: 'corrupt' });
      await expect(rootfsImage(asked(reference), io)).rejects.toMatchObject({
        code: expect.stringMatching(/DIGEST_MISMATCH|IMAGE_INVALID/) as string,
      });
      // A broken connection is no lie: it goes on where it stopped.
      registry.inject({ method: 'GET', path }, { kind: 'truncate', bytes: 20 });
      expect((await rootfsImage(asked(reference), io)).entries).toBe(1);
    } finally {
      await registry.stop();
    }
  });
});

describe('documents', () => {
  const good = [file('a', 'x')];
  const code = async (image: MadeImage): Promise<unknown> =>
    await rootfsImage(asked(await inLayout(image)), testIo()).then(
      () => 'fine',
      (error: { code?: string }) => error.code,
    );

  test.each<[string, Lies]>([
    [
      'of 100,000 layers',
      {
        manifest: (right) => ({
          ...right,
          layers: Array.from({ length: 100_000 }, () => ({
            mediaType: MEDIA_TYPES.layerGzip,
            digest: `sha256:${'0'.repeat(64)}`,
            size: 1,
          })),
        }),
      },
    ],
    [
      'of 2,000 layers',
      {
        manifest: (right) => ({
          ...right,
          layers: Array.from({ length: 2000 }, () => ({
            mediaType: MEDIA_TYPES.layerGzip,
            digest: `sha256:${'0'.repeat(64)}`,
            size: 1,
          })),
        }),
      },
    ],
    [
      'with more layers than the config knows',
      {
        manifest: (right) => ({
          ...right,
          layers: [...(right as { layers: object[] }).layers, ...(right as { layers: object[] }).layers],
        }),
      },
    ],
    ['that is an index as well', { manifest: (right) => ({ ...right, manifests: [] }) }],
    [
      'with a digest that is a path',
      {
        manifest: (right) => ({
          ...right,
          layers: [{ mediaType: MEDIA_TYPES.layerGzip, digest: `sha256:../../../../..${outside}/victim`, size: 1 }],
        }),
      },
    ],
    ['with a size that is a lie', { size: (right) => right + 1 }],
    ['with a negative size', { size: () => -1 }],
  ])('a manifest %s is refused', async (_, lies) => {
    const said = await code(await madeImage([good], lies));
    expect(said).toMatch(/^(IMAGE_INVALID|FILE_UNREADABLE|BLOB_MISSING|STORE_CORRUPT|INVALID_REFERENCE)$/);
  });

  test('a config that is no config, and one whose digest is wrong', async () => {
    const image = await madeImage([good]);
    const manifest = JSON.parse(String(image.blobs.get(image.manifest.digest))) as { config: { digest: Digest } };
    image.blobs.set(manifest.config.digest, Buffer.from('{}'));
    expect(await code(image)).toBe('STORE_CORRUPT');
  });

  test('indexes in indexes in indexes', async () => {
    const image = await madeImage([good]);
    let top = { ...image.manifest };
    for (let i = 0; i < 6; i += 1) {
      const bytes = encodeDocument({ schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: [top] });
      image.blobs.set(sha256(bytes), bytes);
      top = { mediaType: MEDIA_TYPES.index, digest: sha256(bytes), size: bytes.byteLength };
    }
    expect(await code({ ...image, manifest: top })).toBe('IMAGE_INVALID');
  });

  test('a layout whose index lists itself', async () => {
    const dir = temporaryDirectory('cycle');
    mkdirSync(join(dir, 'blobs/sha256'), { recursive: true });
    const digest: Digest = `sha256:${'a'.repeat(64)}`;
    await writeLayoutIndex(dir, [{ mediaType: MEDIA_TYPES.index, digest, size: 10 }]);
    symlinkSync(join(dir, 'index.json'), join(dir, 'blobs/sha256', 'a'.repeat(64)));
    await expect(rootfsImage(asked(dir), testIo())).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
  });

  test('annotations that look like structure are text', async () => {
    const annotations = { 'org.opencontainers.image.ref.name': '../../x', layers: '[]', '"}],"layers":[': '\u001b[2J' };
    const image = await madeImage([good], { manifest: (right) => ({ ...right, annotations }) });
    expect(await code(image)).toBe('fine');
  });
});
