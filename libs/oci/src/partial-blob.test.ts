import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestHex, type Effect, observeEffects, ownerTag, sha256 } from '@baton/kernel';
import { needs, noise, startRegistryServer, temporaryDirectory, withTmpfs } from '@baton/testkit';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { type ContentStore, openStore } from './content-store.ts';
import { connectRegistry } from './registry-client.ts';
import { bytesOf, pieces } from './test-tar.ts';

const BYTES = noise(1_000_000);
const BLOB = { digest: sha256(BYTES), size: BYTES.byteLength };
const HEX = digestHex(BLOB.digest);

const fresh = (): ContentStore => openStore(join(temporaryDirectory('store'), 'cache'));
const partsOf = (store: ContentStore): string[] => {
  const folder = join(store.root, 'parts');
  return existsSync(folder) ? readdirSync(folder).sort() : [];
};
const stored = (store: ContentStore): Buffer => readFileSync(store.path(BLOB.digest));

afterEach(() => observeEffects(undefined));

/** Brings the bytes behind the part, and says how many were asked for; `fault` happens instead of the rest. */
function source(bytes: Buffer = BYTES, fault?: { after: number; error: Error }) {
  const asked: { part: Buffer | undefined; sent: number }[] = [];
  return {
    asked,
    bring: (part: AsyncIterable<Uint8Array> | undefined) =>
      (async function* (): AsyncGenerator<Uint8Array> {
        const here = part === undefined ? undefined : await bytesOf(part);
        const call = { part: here, sent: 0 };
        asked.push(call);
        const end = fault?.after ?? bytes.byteLength;
        for await (const chunk of pieces(bytes.subarray(here?.byteLength ?? 0, end), 10_000)) {
          call.sent += chunk.byteLength;
          yield chunk;
        }
        if (fault !== undefined) throw fault.error;
      })(),
  };
}

const broken = (after: number) => source(BYTES, { after, error: new Error('the line broke') });

describe('a download', () => {
  test('puts the blob into the store and leaves no part', async () => {
    const store = fresh();
    const { asked, bring } = source();
    await store.download(BLOB, bring);
    expect(stored(store).equals(BYTES)).toBe(true);
    expect(statSync(store.path(BLOB.digest)).mode & 0o777).toBe(0o644);
    expect(partsOf(store)).toEqual([]);
    expect(asked).toEqual([{ part: undefined, sent: BLOB.size }]);
    await store.download(BLOB, bring);
    expect(asked).toHaveLength(1);
  });

  test('that broke off goes on behind what came', async () => {
    const store = fresh();
    await expect(store.download(BLOB, broken(300_000).bring)).rejects.toThrow('the line broke');
    expect(partsOf(store)).toEqual([`${HEX}.part`]);
    expect(await store.has(BLOB.digest)).toBe(false);
    await expect(store.download(BLOB, broken(700_000).bring)).rejects.toThrow('the line broke');
    const { asked, bring } = source();
    await store.download(BLOB, bring);
    expect(asked.map(({ part, sent }) => [part?.equals(BYTES.subarray(0, 700_000)), sent])).toEqual([[true, 300_000]]);
    expect(stored(store).equals(BYTES)).toBe(true);
    expect(partsOf(store)).toEqual([]);
  });

  test('that broke off before the first byte leaves nothing', async () => {
    const store = fresh();
    await expect(store.download(BLOB, broken(0).bring)).rejects.toThrow('the line broke');
    expect(partsOf(store)).toEqual([]);
  });

  test.each([
    ['other bytes', noise(300_000, 5)],
    ['all bytes and some of them wrong', noise(BLOB.size, 6)],
    ['more bytes than there are', noise(BLOB.size + 1, 7)],
  ])('with a part of %s starts from the beginning', async (_, part) => {
    const store = fresh();
    mkdirSync(join(store.root, 'parts'), { recursive: true });
    writeFileSync(join(store.root, 'parts', `${HEX}.part`), part);
    const { asked, bring } = source();
    await store.download(BLOB, bring);
    expect(asked.map(({ part }) => part?.byteLength)).toEqual([part.byteLength, undefined]);
    expect(stored(store).equals(BYTES)).toBe(true);
    expect(partsOf(store)).toEqual([]);
  });

  test('with a part that is whole already asks for nothing more', async () => {
    const store = fresh();
    mkdirSync(join(store.root, 'parts'), { recursive: true });
    writeFileSync(join(store.root, 'parts', `${HEX}.part`), BYTES);
    const { asked, bring } = source();
    await store.download(BLOB, bring);
    expect(asked.map(({ sent }) => sent)).toEqual([0]);
    expect(stored(store).equals(BYTES)).toBe(true);
  });

  test.each([
    ['other bytes', noise(BLOB.size, 8)],
    ['too few', BYTES.subarray(0, 500)],
    ['too many', Buffer.concat([BYTES, BYTES])],
  ])('of %s is DIGEST_MISMATCH and leaves nothing', async (_, bytes) => {
    const store = fresh();
    await expect(store.download(BLOB, source(bytes).bring)).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    expect(partsOf(store)).toEqual([]);
    expect(await store.has(BLOB.digest)).toBe(false);
  });

  needs('tmpfs')('on a full disk is DISK_FULL and frees what it took', async () => {
    await withTmpfs('512k', async (small) => {
      const store = openStore(join(small, 'cache'));
      await expect(store.download(BLOB, source().bring)).rejects.toMatchObject({ code: 'DISK_FULL' });
      expect(partsOf(store)).toEqual([]);
    });
  });

  test('two at once in one process do not share a part', async () => {
    const store = fresh();
    await expect(store.download(BLOB, broken(300_000).bring)).rejects.toThrow();
    const [a, b] = [source(), source()];
    await Promise.all([store.download(BLOB, a.bring), store.download(BLOB, b.bring)]);
    expect([...a.asked, ...b.asked].map(({ part }) => part?.byteLength ?? 0).sort()).toEqual([0, 300_000]);
    expect(stored(store).equals(BYTES)).toBe(true);
    expect(partsOf(store)).toEqual([]);
  });
});

describe('whose part it is', () => {
  /** A tag like that of a process that has ended. */
  function gone(): string {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    const [, start, place] = ownerTag().split('-');
    return `${pid}-${start}-${place}`;
  }
  function lay(store: ContentStore, owner: string, size: number, age = 0): void {
    const folder = join(store.root, 'parts');
    mkdirSync(folder, { recursive: true });
    const path = join(folder, `.${HEX}.${owner}.${'0'.repeat(11)}${partsOf(store).length}.part`);
    writeFileSync(path, BYTES.subarray(0, size));
    const time = Date.now() / 1000 - age;
    utimesSync(path, time, time);
  }
  const HOUR = 3600;

  test('the longest of the dead ones is taken, the others are removed', async () => {
    const store = fresh();
    lay(store, gone(), 100);
    lay(store, gone(), 400_000);
    lay(store, gone(), 5000);
    const { asked, bring } = source();
    await store.download(BLOB, bring);
    expect(asked[0]?.part?.byteLength).toBe(400_000);
    expect(partsOf(store)).toEqual([]);
  });

  test.runIf(process.platform === 'linux')(
    'that of a living process is left alone, and of unknown ones until they were silent for an hour',
    async () => {
      const store = fresh();
      lay(store, `1-${readStart(1)}-${ownerTag().split('-')[2]}`, 900_000);
      lay(store, '77-7-00000000', 800_000, HOUR - 60);
      lay(store, '77-7-11111111', 200_000, HOUR + 60);
      const before = partsOf(store);
      const { asked, bring } = source();
      await store.download(BLOB, bring);
      expect(asked[0]?.part?.byteLength).toBe(200_000);
      expect(partsOf(store)).toEqual(before.slice(0, 2));
    },
  );

  test('a sweep removes those that nobody went on with for a week', async () => {
    const store = fresh();
    lay(store, gone(), 100, 6 * 24 * HOUR);
    lay(store, gone(), 100, 8 * 24 * HOUR);
    lay(store, ownerTag(), 100, 8 * 24 * HOUR);
    await store.sweep();
    expect(partsOf(store)).toHaveLength(2);
  });

  const readStart = (pid: number): string =>
    readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ')[19] ?? '';
});

test('every change is an effect', async () => {
  const store = fresh();
  await expect(store.download(BLOB, broken(300_000).bring)).rejects.toThrow();
  const effects: Effect[] = [];
  observeEffects({ before: (effect) => void effects.push(effect) });
  await store.download(BLOB, source().bring);
  expect(effects.map(({ kind }) => kind)).toEqual(['rename', 'write', 'rename', 'fsync']);
});

describe('from a registry', () => {
  async function registryWith(ranges: boolean) {
    const registry = await startRegistryServer({ ranges });
    onTestFinished(() => registry.stop());
    await registry.store.addBlob('acme/app', BYTES);
    const client = connectRegistry(registry.host, { retries: 0 });
    onTestFinished(() => client.close());
    return { registry, get: (part: AsyncIterable<Uint8Array> | undefined) => client.getBlob('acme/app', BLOB, part) };
  }

  test.each([true, false])('only the rest is asked for where it answers ranges (%s)', async (ranges) => {
    const { registry, get } = await registryWith(ranges);
    const store = fresh();
    await expect(store.download(BLOB, broken(600_000).bring)).rejects.toThrow();
    await store.download(BLOB, get);
    expect(stored(store).equals(BYTES)).toBe(true);
    expect(registry.log.map(({ headers, status }) => [headers.range, status])).toEqual([
      ['bytes=600000-', ranges ? 206 : 200],
    ]);
  });

  test('a wrong part costs one more request', async () => {
    const { registry, get } = await registryWith(true);
    const store = fresh();
    mkdirSync(join(store.root, 'parts'), { recursive: true });
    writeFileSync(join(store.root, 'parts', `${HEX}.part`), noise(1000, 3));
    await store.download(BLOB, get);
    expect(stored(store).equals(BYTES)).toBe(true);
    expect(registry.log.map(({ headers, status }) => [headers.range, status])).toEqual([
      ['bytes=1000-', 206],
      [undefined, 200],
    ]);
  });

  test('a part that is whole costs none', async () => {
    const { registry, get } = await registryWith(true);
    const store = fresh();
    mkdirSync(join(store.root, 'parts'), { recursive: true });
    writeFileSync(join(store.root, 'parts', `${HEX}.part`), BYTES);
    await store.download(BLOB, get);
    expect(registry.log).toEqual([]);
    expect(stored(store).equals(BYTES)).toBe(true);
  });
});
