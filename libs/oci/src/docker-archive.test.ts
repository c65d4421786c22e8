import { execFileSync } from 'node:child_process';
import { createReadStream, createWriteStream, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import { type Digest, digestHex, sha256 } from '@baton/kernel';
import { needs, temporaryDirectory } from '@baton/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openLayer } from './compression.ts';
import { openStore } from './content-store.ts';
import { type DockerArchiveReading, readDockerArchive } from './docker-archive-read.ts';
import { type DockerArchiveImage, measureLayer, writeDockerArchive } from './docker-archive-write.ts';
import { encodeDocument, parseManifest } from './manifest.ts';
import { MEDIA_TYPES } from './media-types.ts';
import type { TarEntry } from './tar-entry.ts';
import { writeTar } from './tar-write.ts';
import { bytesOf, directory, entry, pieces, readAll, symbolic } from './test-tar.ts';

const READING: DockerArchiveReading = { compression: { algorithm: 'gzip', level: 6 }, where: 'a.tar' };

/** A layer's tar archive. */
const tarOf = (content: string): Promise<Buffer> => bytesOf(writeTar([entry('file', content)]));

function configOf(tars: readonly Buffer[], more: object = {}): Buffer {
  const rootfs = { type: 'layers', diff_ids: tars.map((tar) => sha256(tar)) };
  // White space and order as no encoder of ours writes them: the bytes must survive.
  return Buffer.from(JSON.stringify({ rootfs, os: 'linux', architecture: 'arm64', variant: 'v8', ...more }, null, 1));
}

function imageOf(tars: readonly Buffer[], tags: string[] = [], more: object = {}): DockerArchiveImage {
  const layers = tars.map((tar) => ({ size: tar.byteLength, open: () => pieces(tar, 1000) }));
  return { config: configOf(tars, more), tags, layers };
}

const hexOf = (bytes: Uint8Array): string => digestHex(sha256(bytes));

/** Reads an archive of these entries into a fresh store. */
async function read(entries: TarEntry[] | Buffer, reading: Partial<DockerArchiveReading> = {}) {
  const bytes = Buffer.isBuffer(entries) ? entries : await bytesOf(writeTar(entries));
  const store = openStore(temporaryDirectory('archive'));
  const images = await readDockerArchive(pieces(bytes, 10_000), store, { ...READING, ...reading });
  expect(readdirSync(store.root)).toEqual(['blobs']);
  return { store, images };
}

/** The error of an archive, after which nothing may be left. */
async function failure(entries: TarEntry[] | Buffer, reading: Partial<DockerArchiveReading> = {}): Promise<unknown> {
  const bytes = Buffer.isBuffer(entries) ? entries : await bytesOf(writeTar(entries));
  const store = openStore(temporaryDirectory('archive'));
  const error: unknown = await readDockerArchive(pieces(bytes), store, { ...READING, ...reading }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(readdirSync(store.root)).toEqual([]);
  return error;
}

describe('what is written', () => {
  test('is read back: names, the config to the byte, the layers', async () => {
    const tars = [await tarOf('one'), await tarOf('two'.repeat(100_000)), await tarOf('one')];
    const archive = await bytesOf(writeDockerArchive([imageOf(tars, ['agent:1', 'r.example/a/b:2'])]));
    const { store, images } = await read(archive);
    expect(images).toHaveLength(1);
    const [image] = images;
    expect(image?.tags).toEqual(['agent:1', 'r.example/a/b:2']);
    expect(image?.config.bytes).toEqual(configOf(tars));
    expect(image?.config.descriptor.digest).toBe(sha256(configOf(tars)));
    expect(image?.layers.map(({ diffId }) => diffId)).toEqual(tars.map((tar) => sha256(tar)));
    expect(image?.manifest.descriptor.platform).toEqual({ os: 'linux', architecture: 'arm64', variant: 'v8' });
    const manifest = parseManifest(image?.manifest.bytes ?? Buffer.alloc(0), 'manifest');
    expect(manifest).toEqual({
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.manifest,
      config: image?.config.descriptor,
      layers: image?.layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
    });
    for (const [i, { digest, size, mediaType }] of manifest.layers.entries()) {
      expect(await bytesOf(openLayer(store.stream(digest, size), mediaType, 'x'))).toEqual(tars[i]);
    }
    const all = [manifest.config.digest, image?.manifest.descriptor.digest, ...manifest.layers.map((l) => l.digest)];
    expect(new Set(await store.list())).toEqual(new Set(all));
  });

  test('has the names that engines look for, and each layer once', async () => {
    const tars = [await tarOf('one'), await tarOf('two'), await tarOf('one')];
    const images = [imageOf(tars, ['a:1']), imageOf([...tars].reverse().slice(1), [], { author: 'x' })];
    const members = await readAll(writeDockerArchive(images));
    const names = [`${hexOf(tars[0] as Buffer)}.tar`, `${hexOf(tars[1] as Buffer)}.tar`];
    const configs = images.map(({ config }) => `${hexOf(config)}.json`);
    expect(members.map(({ header }) => header.path)).toEqual(['manifest.json', configs[0], ...names, configs[1]]);
    expect(JSON.parse(members[0]?.content.toString() ?? '')).toEqual([
      { Config: configs[0], RepoTags: ['a:1'], Layers: [names[0], names[1], names[0]] },
      { Config: configs[1], RepoTags: [], Layers: [names[1], names[0]] },
    ]);
    expect(await readAll(writeDockerArchive(images))).toEqual(members);
  });

  test('is never a layer that is not what its config says', async () => {
    const [tar, other] = [await tarOf('one'), await tarOf('two')];
    const image = imageOf([tar]);
    for (const layer of [
      { size: other.byteLength, open: () => pieces(other) },
      { size: tar.byteLength, open: () => pieces(tar.subarray(1)) },
      { size: tar.byteLength - 1, open: () => pieces(tar) },
      { size: tar.byteLength + 1, open: () => pieces(tar) },
    ]) {
      const writing = bytesOf(writeDockerArchive([{ ...image, layers: [layer] }]));
      await expect(writing).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    }
    await expect(bytesOf(writeDockerArchive([{ ...image, layers: [] }]))).rejects.toMatchObject({
      code: 'IMAGE_INVALID',
      message: expect.stringContaining('expected 1 layers') as string,
    });
    for (const tag of ['agent', `agent@${sha256('x')}`, 'Agent:1', '']) {
      await expect(bytesOf(writeDockerArchive([{ ...image, tags: [tag] }]))).rejects.toMatchObject({
        code: 'INVALID_REFERENCE',
      });
    }
  });

  test('needs sizes, which can be measured', async () => {
    const tar = await tarOf('one');
    expect(await measureLayer(() => pieces(tar), sha256(tar))).toBe(tar.byteLength);
    await expect(measureLayer(() => pieces(tar), sha256('x'))).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
  });
});

/** An archive as engine 20.10 writes it: a directory per layer, a link for a layer that comes twice, manifest.json late. */
async function classic(): Promise<{ entries: TarEntry[]; tars: Buffer[]; config: Buffer; ids: string[] }> {
  const tars = [await tarOf('one'), await tarOf('two'), await tarOf('one')];
  const config = configOf(tars);
  const ids = ['a', 'b', 'c'].map((text) => hexOf(Buffer.from(text)));
  const layers = ids.map((id) => `${id}/layer.tar`);
  const entries = [
    ...ids.flatMap((id, i) => [
      directory(id),
      entry(`${id}/VERSION`, '1.0'),
      entry(`${id}/json`, '{}'),
      i === 2 ? symbolic(`${id}/layer.tar`, `../${ids[0]}/layer.tar`) : entry(`${id}/layer.tar`, tars[i]),
    ]),
    entry(`${hexOf(config)}.json`, config),
    entry('manifest.json', JSON.stringify([{ Config: `${hexOf(config)}.json`, RepoTags: null, Layers: layers }])),
    entry('repositories', '{}'),
  ];
  return { entries, tars, config, ids };
}

/** An archive as newer engines write it: an image layout, and blobs that manifest.json does not name. */
async function modern(compress = false): Promise<{ entries: TarEntry[]; tars: Buffer[]; config: Buffer }> {
  const tars = [await tarOf('one'), await tarOf('two')];
  const config = configOf(tars);
  const blob = (bytes: Buffer): string => `blobs/sha256/${hexOf(bytes)}`;
  const layers = tars.map((tar) => (compress ? gzipSync(tar, { level: 1 }) : tar));
  const manifest = [{ Config: blob(config), RepoTags: ['a:1'], Layers: layers.map(blob), LayerSources: {} }];
  const old = Buffer.from('{"id":"x"}');
  const entries = [
    directory('blobs'),
    directory('blobs/sha256'),
    ...[config, old, ...layers].map((bytes) => entry(blob(bytes), bytes)),
    entry('index.json', '{}'),
    entry('manifest.json', JSON.stringify(manifest)),
    entry('oci-layout', '{}'),
  ];
  return { entries, tars, config };
}

describe('what is read', () => {
  test.each([
    ['engine 20.10', classic],
    ['newer engines', modern],
    ['engines with the containerd store', () => modern(true)],
  ])('may be from %s', async (_, make) => {
    const { entries, tars, config } = await make();
    const { images, store } = await read(entries);
    expect(images[0]?.config.descriptor.digest).toBe(sha256(config));
    expect(images[0]?.layers.map(({ diffId }) => diffId)).toEqual(tars.map((tar) => sha256(tar)));
    // However the archive came, the blobs are the same.
    const ours = await read(await bytesOf(writeDockerArchive([{ ...imageOf(tars), config }])));
    expect(images[0]?.layers).toEqual(ours.images[0]?.layers);
    expect(await store.list()).toEqual(await ours.store.list());
  });

  test('is asked for a layer once, with its proven digest; one that is known is not compressed', async () => {
    const { entries, tars } = await classic();
    const known = await read(entries);
    const asked: { diffId: Digest; size: number }[] = [];
    const { store, images } = await read(entries, {
      async layer({ diffId, size, open }) {
        asked.push({ diffId, size });
        expect(sha256(await bytesOf(open()))).toBe(diffId);
        const blob = known.images[0]?.layers.find((layer) => layer.diffId === diffId);
        if (blob === undefined) throw new Error(`${diffId} is not known`);
        return blob;
      },
    });
    expect(asked).toEqual(tars.slice(0, 2).map((tar) => ({ diffId: sha256(tar), size: tar.byteLength })));
    expect(images[0]?.manifest).toEqual(known.images[0]?.manifest);
    expect(await store.list()).toHaveLength(2);
  });

  test('may have several images', async () => {
    const [one, two] = [await tarOf('one'), await tarOf('two')];
    const written = [imageOf([one], ['a:1']), imageOf([one, two], ['b:2'])];
    const { images } = await read(await bytesOf(writeDockerArchive(written)));
    expect(images.map(({ tags }) => tags)).toEqual([['a:1'], ['b:2']]);
    expect(images.map(({ layers }) => layers.length)).toEqual([1, 2]);
  });

  test('stops when its caller does, and leaves nothing', async () => {
    const { entries } = await classic();
    const signal = AbortSignal.abort(new Error('enough'));
    expect(await failure(entries, { signal })).toMatchObject({ message: 'enough' });
    const broken = async function* (): AsyncGenerator<Buffer> {
      yield (await bytesOf(writeTar(entries))).subarray(0, 5000);
      throw new Error('connection lost');
    };
    const store = openStore(temporaryDirectory('archive'));
    await expect(readDockerArchive(broken(), store, READING)).rejects.toThrow('connection lost');
    expect(readdirSync(store.root)).toEqual([]);
  });
});

describe('what is refused', () => {
  const without = (name: string) => (entries: TarEntry[]) => entries.filter(({ path }) => path !== name);
  const plus =
    (...more: TarEntry[]) =>
    (entries: TarEntry[]) => [...more, ...entries];
  const hex = hexOf(Buffer.from('else'));
  const manifest = (text: string) => (entries: TarEntry[]) => [
    ...without('manifest.json')(entries),
    entry('manifest.json', text),
  ];

  test.each<[string, string, (entries: TarEntry[]) => TarEntry[]]>([
    ['nothing at all', 'found no manifest.json', () => []],
    ['no manifest.json', 'found no manifest.json', without('manifest.json')],
    ['a manifest.json that is no JSON', 'expected JSON', manifest('[{')],
    ['one that is no list', 'expected an array', manifest('{}')],
    ['one that names nothing', 'expected at least one image', manifest('[]')],
    ['one without a config', 'the name of a config', manifest('[{"Layers":[]}]')],
    ['a name that is none', 'repository:tag', manifest('[{"Config":"x","RepoTags":["Big:x"]}]')],
    ['a config that is not there', 'names the config "../x"', manifest('[{"Config":"../x","Layers":[]}]')],
    ['a member of another name', 'found the file "etc/passwd"', plus(entry('etc/passwd', 'x'))],
    ['a member with a strange directory', 'found the directory "x"', plus(directory('x'))],
    ['a member that climbs', 'it leaves its root', plus({ ...entry('x'), path: 'a/../../x' })],
    ['a layer that nobody names', `names ${hex}/layer.tar`, plus(entry(`${hex}/layer.tar`, 'x'))],
    ['a config that nobody names', 'which is in the archive', plus(entry(`${hexOf(Buffer.from('{}'))}.json`, '{}'))],
    ['a link that leaves', 'found the link', plus(symbolic(`${hex}/layer.tar`, '/etc/passwd'))],
    ['a link that climbs', 'found the link', plus(symbolic(`${hex}/layer.tar`, '../../etc/passwd'))],
    ['a link in place of a document', 'found the link', plus(symbolic(`${hex}.json`, `${hex}/layer.tar`))],
    ['a device', 'found the character', plus(entry(`${hex}/layer.tar`, '', { type: 'character' }))],
    ['a large document', 'with 5.0 MB', plus(entry(`${hex}/json`, Buffer.alloc(5_000_000)))],
  ])('an archive with %s', async (_, message, change) => {
    const entries = change((await classic()).entries);
    // Names that our own writer would refuse are put into the header afterwards.
    const bad = entries.find(({ path }) => path.includes('..'))?.path;
    const tar = await bytesOf(writeTar(entries.map((e) => (e.path === bad ? { ...e, path: 'a/bb/bb/x' } : e))));
    if (bad !== undefined) patchName(tar, 'a/bb/bb/x', bad);
    expect(await failure(tar)).toMatchObject({
      code: 'IMAGE_INVALID',
      message: expect.stringContaining(message) as string,
    });
  });

  test('links that go in a circle', async () => {
    const { entries, ids } = await classic();
    const [a, b, c] = ids;
    const others = entries.filter(({ path }) => path !== `${a}/layer.tar` && path !== `${b}/layer.tar`);
    const circle = [symbolic(`${a}/layer.tar`, `../${b}/layer.tar`), symbolic(`${b}/layer.tar`, `../${c}/layer.tar`)];
    expect(await failure([...others, ...circle])).toMatchObject({
      code: 'IMAGE_INVALID',
      message: expect.stringContaining('which is not there') as string,
    });
  });

  test('bytes that are not what was promised for them', async () => {
    const { entries, ids } = await classic();
    const other = entries.map((e) => (e.path === `${ids[1]}/layer.tar` ? entry(e.path, 'other') : e));
    expect(await failure(other)).toMatchObject({ code: 'DIGEST_MISMATCH' });
    const config = entries.map((e) => (/json$/.test(e.path) && e.path.length > 68 ? entry(e.path, '{"a":1}') : e));
    expect(await failure(config)).toMatchObject({ code: 'DIGEST_MISMATCH' });
    const packed = await modern(true);
    const wrong = gzipSync(Buffer.from('other'));
    const [, , , , victim] = packed.entries;
    const text = JSON.stringify(packed.entries.find(({ path }) => path === 'manifest.json')?.content?.toString());
    expect(text).toContain(victim?.path);
    const swapped = packed.entries.map((e) => {
      if (e === victim) return entry(`blobs/sha256/${hexOf(wrong)}`, wrong);
      if (e.path !== 'manifest.json') return e;
      return entry(e.path, String(e.content).replace(victim?.path ?? '', `blobs/sha256/${hexOf(wrong)}`));
    });
    expect(await failure(swapped)).toMatchObject({ code: 'DIGEST_MISMATCH' });
  });

  test('a config that has more layers than the archive', async () => {
    const [tar] = [await tarOf('one')];
    const config = configOf([tar, tar]);
    const name = `${hexOf(config)}.json`;
    const manifest = JSON.stringify([{ Config: name, Layers: [`${hexOf(tar)}.tar`] }]);
    const entries = [entry(name, config), entry(`${hexOf(tar)}.tar`, tar), entry('manifest.json', manifest)];
    expect(await failure(entries)).toMatchObject({
      code: 'IMAGE_INVALID',
      message: expect.stringContaining('expected 2 layers') as string,
    });
  });

  test('more bytes than allowed, also when they are unpacked', async () => {
    const large = Buffer.alloc(2_000_000);
    const config = encodeDocument(JSON.parse(configOf([large]).toString()) as object);
    const packed = gzipSync(large);
    const manifest = [{ Config: `${hexOf(config)}.json`, Layers: [`${hexOf(packed)}.tar.gz`] }];
    const entries = [
      entry(`${hexOf(config)}.json`, config),
      entry(`${hexOf(packed)}.tar.gz`, packed),
      entry('manifest.json', JSON.stringify(manifest)),
    ];
    expect((await read(entries)).images).toHaveLength(1);
    const tooLarge = { code: 'IMAGE_INVALID', message: expect.stringContaining('100') as string };
    expect(await failure(entries, { limit: 100_000 })).toMatchObject(tooLarge);
    expect(await failure((await classic()).entries, { limit: 100 })).toMatchObject(tooLarge);
  });

  test('an archive that is cut off, anywhere, or changed, anywhere', async () => {
    const whole = await bytesOf(writeTar((await classic()).entries));
    const good = (await read(whole)).images[0]?.manifest.descriptor.digest;
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.byteLength - 1), fc.nat(255), fc.boolean(), async (at, byte, cut) => {
        const bytes = cut ? whole.subarray(0, at) : Buffer.from(whole);
        if (!cut) bytes.writeUInt8(byte, at);
        const store = openStore(temporaryDirectory('archive'));
        try {
          // What is still accepted is the same image: the change was in a date or an owner.
          const [image] = await readDockerArchive(pieces(bytes), store, READING);
          expect(image?.manifest.descriptor.digest).toBe(good);
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^(IMAGE_INVALID|DIGEST_MISMATCH)$/) as string });
          expect(readdirSync(store.root)).toEqual([]);
        }
      }),
      { numRuns: 150 },
    );
  });
});

/** Replaces the name in an entry's header and repairs its checksum. */
function patchName(tar: Buffer, name: string, other: string): void {
  const at = tar.indexOf(name);
  tar.fill(0, at, at + 100).write(other, at);
  tar.fill(' ', at + 148, at + 156);
  const sum = tar.subarray(at, at + 512).reduce((total, byte) => total + byte, 0);
  tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148, 'latin1');
}

needs('skopeo')('skopeo reads what we write, and we read what it writes', async () => {
  const tars = [await tarOf('one'), await tarOf('two'), await tarOf('one')];
  const dir = temporaryDirectory('archive');
  const [ours, theirs] = [join(dir, 'ours.tar'), join(dir, 'theirs.tar')];
  const image = imageOf(tars, ['agent:1'], { created: '1970-01-01T00:00:00Z', config: { Cmd: ['/x'] } });
  await pipeline(writeDockerArchive([image]), createWriteStream(ours));
  const raw = execFileSync('skopeo', ['inspect', '--config', '--raw', `docker-archive:${ours}`]);
  expect(sha256(raw)).toBe(sha256(image.config));
  const to = `docker-archive:${theirs}:r.example/agent:2`;
  execFileSync('skopeo', ['copy', '--quiet', '--insecure-policy', `docker-archive:${ours}`, to]);
  const store = openStore(temporaryDirectory('archive'));
  const [back] = await readDockerArchive(createReadStream(theirs), store, READING);
  expect(back?.tags).toEqual(['r.example/agent:2']);
  expect(back?.config.bytes).toEqual(Buffer.from(image.config));
  expect(back?.layers.map(({ diffId }) => diffId)).toEqual(tars.map((tar) => sha256(tar)));
});
