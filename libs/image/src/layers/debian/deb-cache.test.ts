import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProgressEvent } from '@baton/kernel';
import { needs, temporaryDirectory } from '@baton/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AptPackage, lookUp } from './apt-lookup.ts';
import { type Apt, openApt } from './apt-state.ts';
import { absentDebs, debPath, ensureDebs } from './deb-cache.ts';
import { makeArchive, type TestArchive } from './debian-archive.fixture.ts';

needs('apt', 'gpg').describe('the cache of packages', () => {
  let archive: TestArchive;
  beforeAll(async () => {
    archive = await makeArchive(temporaryDirectory());
    await archive.publish([
      { name: 'one', version: '1:1.0-1', files: { 'etc/one': 'one' } },
      { name: 'two', version: '2.0', files: { 'etc/two': 'two' } },
    ]);
  });
  afterAll(() => archive.close());

  async function world(): Promise<{ apt: Apt; items: AptPackage[]; events: ProgressEvent[] }> {
    const events: ProgressEvent[] = [];
    const emit = (event: ProgressEvent): void => void events.push(event);
    const apt = await openApt('amd64', {
      emit,
      cacheDir: temporaryDirectory(),
      env: archive.env,
      epoch: 0,
      locked: false,
    });
    const { found } = await lookUp(apt, ['one', 'two']);
    events.length = 0;
    return { apt, items: [...found.values()], events };
  }

  test('brings what is missing, once, and counts it', async () => {
    const { apt, items, events } = await world();
    expect(await absentDebs(apt, items)).toEqual(items);
    await ensureDebs(apt, items);
    expect(await absentDebs(apt, items)).toEqual([]);
    expect((await readdir(join(apt.dir, 'debs'))).map((name) => name.replace(/[0-9a-f]{64}/, 'SHA'))).toEqual([
      'one_1%3A1.0-1_SHA.deb',
      'two_2.0_SHA.deb',
    ]);
    expect(events[0]).toMatchObject({ type: 'fetch.start', total: 2, label: '2 Debian packages for amd64' });
    expect(events.at(-1)).toMatchObject({ type: 'fetch.end', done: 2, total: 2 });
    events.length = 0;
    await ensureDebs(apt, items);
    expect(events).toEqual([]);
  });

  test('fetches only what is missing or damaged', async () => {
    const { apt, items, events } = await world();
    await ensureDebs(apt, items);
    const [one, two] = items.map((item) => debPath(apt, item));
    if (one === undefined || two === undefined) throw new Error('two packages expected');
    const good = await readFile(one);
    await writeFile(one, Buffer.alloc(good.byteLength));
    await chmod(two, 0o600);
    events.length = 0;
    await ensureDebs(apt, items);
    expect((await readFile(one)).equals(good)).toBe(true);
    expect(events.map((e) => e.type)).toEqual(['warn', 'fetch.start', 'fetch.progress', 'fetch.end']);
    expect(events[1]).toMatchObject({ total: 1 });
  });

  test('a file that changed behind the signed lists is refused by apt and not kept', async () => {
    const { apt, items } = await world();
    const pool = join(archive.dir, 'pool', 'two_2.0_all.deb');
    const good = await readFile(pool);
    const bad = Buffer.from(good);
    bad[good.byteLength - 1] = (bad.at(-1) ?? 0) ^ 1;
    await writeFile(pool, bad);
    try {
      await expect(ensureDebs(apt, items)).rejects.toMatchObject({ code: 'PACKAGE_UNAVAILABLE' });
      await expect(readdir(join(apt.dir, 'debs'))).rejects.toThrow(/ENOENT/);
    } finally {
      await writeFile(pool, good);
    }
  });

  test('other bytes than the lock expects under the same version are BASE_DRIFT', async () => {
    const { apt, items } = await world();
    const [first] = items;
    if (first === undefined) throw new Error('a package expected');
    await expect(ensureDebs(apt, [{ ...first, sha256: '0'.repeat(64) }])).rejects.toMatchObject({
      code: 'BASE_DRIFT',
      message: expect.stringContaining(`${first.package} ${first.version} has other bytes`),
    });
  });

  test('an archive that went away is PACKAGE_UNAVAILABLE and leaves nothing behind', async () => {
    const { apt, items } = await world();
    const moved = items.map((item) => ({ ...item, version: '9.9' }));
    await expect(ensureDebs(apt, moved)).rejects.toMatchObject({
      code: 'PACKAGE_UNAVAILABLE',
      message: expect.stringContaining('9.9'),
    });
    expect((await readdir(apt.dir)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    await rm(apt.dir, { recursive: true });
  });
});

test('a package is named by version and content', () => {
  const apt = { dir: '/c' } as Apt;
  const item = { package: 'libstdc++6', version: '1:12.2~x', sha256: 'ab'.repeat(32), size: 1 };
  expect(debPath(apt, item)).toBe(`/c/debs/libstdc++6_1%3A12.2~x_${'ab'.repeat(32)}.deb`);
});
