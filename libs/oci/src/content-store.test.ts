import {
  appendFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Digest, digestHex, type Effect, observeEffects, ownerTag, sha256 } from '@baton/kernel';
import { needs, temporaryDirectory, withTmpfs } from '@baton/testkit';
import { afterEach, describe, expect, test } from 'vitest';
import { type ContentStore, openStore } from './content-store.ts';
import { bytesOf, pieces } from './test-tar.ts';

const HELLO = Buffer.from('hello');
const LARGE = Buffer.from('0123456789abcdef'.repeat(100_000));
const fresh = (): ContentStore => openStore(join(temporaryDirectory('store'), 'cache'));
const names = (store: ContentStore): string[] => readdirSync(join(store.root, 'blobs', 'sha256'));

afterEach(() => observeEffects(undefined));

describe('taking in', () => {
  test('a blob is where its digest says, and reads back', async () => {
    const store = fresh();
    expect(await store.add(HELLO)).toEqual({ digest: sha256(HELLO), size: 5 });
    expect(await store.ingest(pieces(LARGE, 7777))).toEqual({ digest: sha256(LARGE), size: LARGE.byteLength });
    expect(store.path(sha256(HELLO))).toBe(join(store.root, 'blobs', 'sha256', digestHex(sha256(HELLO))));
    expect(readFileSync(store.path(sha256(HELLO)))).toEqual(HELLO);
    expect(await store.read(sha256(HELLO), 5)).toEqual(HELLO);
    expect(await bytesOf(store.stream(sha256(LARGE), LARGE.byteLength))).toEqual(LARGE);
    expect(await store.list()).toEqual([sha256(HELLO), sha256(LARGE)].sort());
    expect(lstatSync(store.path(sha256(HELLO))).mode & 0o777).toBe(0o644);
  });

  test('nothing is a blob too', async () => {
    const store = fresh();
    const { digest } = await store.ingest(pieces(Buffer.alloc(0)));
    expect(await store.read(digest, 0)).toEqual(Buffer.alloc(0));
    expect(await bytesOf(store.stream(digest, 0))).toEqual(Buffer.alloc(0));
  });

  test('a store without a directory is empty, and asking makes none', async () => {
    const store = fresh();
    expect(await store.list()).toEqual([]);
    expect(await store.has(sha256(HELLO))).toBe(false);
    await store.sweep();
    await store.remove(sha256(HELLO));
    expect(() => lstatSync(store.root)).toThrow('ENOENT');
  });

  test('has() counts the size where it is told', async () => {
    const store = fresh();
    const { digest } = await store.add(HELLO);
    expect([await store.has(digest), await store.has(digest, 5), await store.has(digest, 6)]).toEqual([
      true,
      true,
      false,
    ]);
  });

  test.each<[string, { digest?: Digest; size?: number }]>([
    ['another digest', { digest: sha256('other') }],
    ['another digest of the right size', { digest: sha256('other'), size: 5 }],
    ['fewer bytes', { digest: sha256(HELLO), size: 6 }],
    ['more bytes', { size: 4 }],
  ])('%s than expected is DIGEST_MISMATCH and leaves nothing', async (_, expected) => {
    const store = fresh();
    await expect(store.ingest(pieces(HELLO), expected)).rejects.toMatchObject({
      code: 'DIGEST_MISMATCH',
      retryable: true,
    });
    expect(names(store)).toEqual([]);
  });

  test('a source with more bytes than expected is not read to its end', async () => {
    let read = 0;
    const endless = async function* (): AsyncGenerator<Buffer> {
      for (;;) {
        read += 1;
        yield HELLO;
      }
    };
    await expect(fresh().ingest(endless(), { size: 12 })).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    expect(read).toBe(3);
  });

  test('what is expected and there already is kept, and the source is not read', async () => {
    const store = fresh();
    const blob = await store.add(HELLO);
    const before = statSync(store.path(blob.digest)).ino;
    const never = async function* (): AsyncGenerator<Buffer> {
      yield await Promise.reject(new Error('was read'));
    };
    expect(await store.ingest(never(), { digest: blob.digest })).toEqual(blob);
    expect(await store.ingest(never(), blob)).toEqual(blob);
    await store.add(HELLO);
    await store.ingest(pieces(HELLO));
    expect(statSync(store.path(blob.digest)).ino).toBe(before);
    expect(names(store)).toHaveLength(1);
  });

  test('a blob that was cut short is replaced', async () => {
    const store = fresh();
    const blob = await store.add(HELLO);
    truncateSync(store.path(blob.digest), 2);
    expect(await store.ingest(pieces(HELLO), blob)).toEqual(blob);
    expect(await store.read(blob.digest, 5)).toEqual(HELLO);
  });

  test('what the source throws comes out as it is, and nothing is left', async () => {
    const store = fresh();
    const failing = async function* (): AsyncGenerator<Buffer> {
      yield HELLO;
      throw new RangeError('connection lost');
    };
    await expect(store.ingest(failing())).rejects.toThrow(new RangeError('connection lost'));
    expect(names(store)).toEqual([]);
  });

  test('many writers of one blob at once all succeed', async () => {
    const store = fresh();
    const all = await Promise.all(
      Array.from({ length: 12 }, (_, i) => (i % 2 === 0 ? store.add(LARGE) : store.ingest(pieces(LARGE)))),
    );
    expect(new Set(all.map(({ digest }) => digest))).toEqual(new Set([sha256(LARGE)]));
    expect(names(store)).toEqual([digestHex(sha256(LARGE))]);
  });

  test('every change goes through effects, the rename only after the bytes are on disk', async () => {
    const seen: Effect[] = [];
    observeEffects({ before: (effect) => void seen.push(effect) });
    await fresh().add(HELLO);
    expect(seen.map(({ kind }) => kind)).toEqual(['mkdir', 'write', 'rename', 'fsync']);
  });
});

describe('reading', () => {
  test('a missing blob is BLOB_MISSING', async () => {
    const store = fresh();
    const digest = sha256('nowhere');
    await expect(store.read(digest, 10)).rejects.toMatchObject({ code: 'BLOB_MISSING', details: { digest } });
    await expect(bytesOf(store.stream(digest, 10))).rejects.toMatchObject({ code: 'BLOB_MISSING' });
    await expect(store.copyTo(digest, fresh())).rejects.toMatchObject({ code: 'BLOB_MISSING' });
  });

  test('a blob above the limit is refused and stays', async () => {
    const store = fresh();
    const { digest } = await store.add(HELLO);
    await expect(store.read(digest, 4)).rejects.toMatchObject({
      code: 'IMAGE_INVALID',
      message: expect.stringContaining('4 B') as string,
    });
    expect(await store.has(digest)).toBe(true);
  });

  test.each<[string, (path: string) => void]>([
    ['changed', (path) => writeFileSync(path, 'jello')],
    ['cut short', (path) => truncateSync(path, 3)],
    ['grown', (path) => appendFileSync(path, '!')],
  ])('a blob that has %s goes to quarantine as STORE_CORRUPT, and can be taken in again', async (_, damage) => {
    for (const read of [
      (store: ContentStore, digest: Digest) => store.read(digest, 100),
      (store: ContentStore, digest: Digest) => bytesOf(store.stream(digest, 5)),
      (store: ContentStore, digest: Digest) => store.copyTo(digest, fresh()),
    ]) {
      const store = fresh();
      const { digest } = await store.add(HELLO);
      for (const n of [0, 1]) {
        damage(store.path(digest));
        const damaged = readFileSync(store.path(digest));
        // A copy is made of what is there, so a blob of another size has to be told by its digest as well.
        await expect(read(store, digest)).rejects.toMatchObject({ code: 'STORE_CORRUPT', retryable: true });
        const kept = join(store.root, 'quarantine', `${digestHex(digest)}.${n}`);
        expect(readFileSync(kept)).toEqual(damaged);
        expect(await store.has(digest)).toBe(false);
        await store.add(HELLO);
        expect(await store.read(digest, 5)).toEqual(HELLO);
      }
    }
  });

  test('a good blob that took the place of the damaged one meanwhile is left alone', async () => {
    const store = fresh();
    const { digest } = await store.add(LARGE);
    writeFileSync(store.path(digest), Buffer.alloc(LARGE.byteLength));
    const reading = store.stream(digest, LARGE.byteLength);
    await reading.next();
    await store.remove(digest);
    await store.add(LARGE);
    await expect(bytesOf(reading)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    expect(await store.has(digest, LARGE.byteLength)).toBe(true);
  });

  test('a stream that is left early is no verdict', async () => {
    const store = fresh();
    const { digest } = await store.add(LARGE);
    for await (const _ of store.stream(digest, LARGE.byteLength)) break;
    expect(await store.has(digest)).toBe(true);
  });
});

describe('copyTo', () => {
  test('makes another name of the same file', async () => {
    const [from, to] = [fresh(), fresh()];
    const { digest } = await from.add(HELLO);
    await from.copyTo(digest, to);
    expect(statSync(to.path(digest)).ino).toBe(statSync(from.path(digest)).ino);
  });

  test('leaves what is there, and replaces what has another size', async () => {
    const [from, to] = [fresh(), fresh()];
    const { digest } = await from.add(HELLO);
    await to.add(HELLO);
    const own = statSync(to.path(digest)).ino;
    await from.copyTo(digest, to);
    expect(statSync(to.path(digest)).ino).toBe(own);
    truncateSync(to.path(digest), 1);
    await from.copyTo(digest, to);
    expect(await to.read(digest, 5)).toEqual(HELLO);
  });

  test.each(['EXDEV', 'EPERM', 'EMLINK', 'EOPNOTSUPP'])('copies where a link is refused with %s', async (code) => {
    const [from, to] = [fresh(), fresh()];
    const { digest } = await from.add(LARGE);
    observeEffects({
      before({ kind }) {
        if (kind === 'link') throw Object.assign(new Error(code), { code });
      },
    });
    await from.copyTo(digest, to);
    expect(await to.read(digest, LARGE.byteLength)).toEqual(LARGE);
    expect(statSync(to.path(digest)).nlink).toBe(1);
  });

  test('passes on any other refusal', async () => {
    const [from, to] = [fresh(), fresh()];
    const { digest } = await from.add(HELLO);
    observeEffects({
      before({ kind }) {
        if (kind === 'link') throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
      },
    });
    await expect(from.copyTo(digest, to)).rejects.toThrow('EACCES');
  });
});

describe('sweep', () => {
  test('removes what a dead process left, and nothing else', async () => {
    const store = fresh();
    const { digest } = await store.add(HELLO);
    const [pid, start, place] = ownerTag().split('-');
    const dead = `.ingest.${pid}-${Number(start) + 1}-${place}.0123456789ab.tmp`;
    const ours = `.ingest.${ownerTag()}.0123456789ab.tmp`;
    const elsewhere = `.ingest.${pid}-${start}-${place === '00000000' ? '11111111' : '00000000'}.0123456789ab.tmp`;
    for (const name of [dead, ours, elsewhere, 'README']) writeFileSync(join(store.root, 'blobs', 'sha256', name), 'x');
    await store.sweep();
    expect(names(store).sort()).toEqual([ours, elsewhere, 'README', digestHex(digest)].sort());
    expect(await store.list()).toEqual([digest]);
  });
});

needs('tmpfs').describe('a full disk', () => {
  test('is DISK_FULL, leaves nothing half-written, and the blobs that fit', async () => {
    await withTmpfs('1m', async (directory) => {
      const store = openStore(join(directory, 'store'));
      const small = await store.add(HELLO);
      await expect(store.ingest(pieces(Buffer.alloc(3_000_000, 'x')))).rejects.toMatchObject({
        code: 'DISK_FULL',
        exitCode: 3,
      });
      await expect(store.add(Buffer.alloc(3_000_000, 'y'))).rejects.toMatchObject({ code: 'DISK_FULL' });
      expect(names(store)).toEqual([digestHex(small.digest)]);
      expect(await store.read(small.digest, 5)).toEqual(HELLO);
    });
  });

  test('another disk takes a copy', async () => {
    await withTmpfs('8m', async (directory) => {
      const [from, to] = [fresh(), openStore(join(directory, 'store'))];
      const { digest } = await from.add(LARGE);
      await from.copyTo(digest, to);
      expect(await to.read(digest, LARGE.byteLength)).toEqual(LARGE);
    });
  });
});

test('a directory in the place of a blob is not one', async () => {
  const store = fresh();
  mkdirSync(store.path(sha256(HELLO)), { recursive: true });
  expect(await store.has(sha256(HELLO))).toBe(false);
});
