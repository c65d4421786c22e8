import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { silent } from '@baton/kernel';
import { loadManifest } from '@baton/manifest';
import { needs, startRegistryServer, type TestRegistry, temporaryDirectory, writeFiles } from '@baton/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeImage, makeIndex, noPieces } from './base-image.fixture.ts';
import { makeArchive, type TestArchive } from './layers/debian/debian-archive.fixture.ts';
import { integrityOf, type NpmRegistry, npmArchive, startNpmRegistry } from './layers/npm/npm-registry.fixture.ts';
import { emptyLock, readLock } from './lock-file.ts';
import { changesBetween, describeChange, type LockIo, lockImage } from './lock-image.ts';

const integrity = (letter: string): string => `sha512-${letter.repeat(86)}==`;

async function world(image: object | undefined, more: { npm?: NpmRegistry; archive?: TestArchive } = {}) {
  const dir = temporaryDirectory();
  await writeFiles(dir, {
    'agent.yaml': JSON.stringify({ version: 1, name: 'agent', ...(image === undefined ? {} : { image }) }),
    'package.json': '{}',
    '.npmrc': more.npm === undefined ? '' : `registry=${more.npm.url}\n`,
  });
  const env = {
    ...(more.archive?.env ?? process.env),
    HOME: dir,
    DOCKER_CONFIG: dir,
    npm_config_cache: join(dir, 'npm'),
    npm_config_fetch_retries: '0',
  };
  const io: LockIo = { emit: silent, cacheDir: join(dir, 'cache'), env };
  const lock = async (check = false) => await lockImage(await loadManifest(dir), { check }, io);
  return { dir, lock, path: join(dir, 'image.lock.json') };
}

describe('locking', () => {
  test('an image that takes nothing from outside writes nothing', async () => {
    const { lock, path } = await world({ layers: [{ from: 'src', to: '/app' }] });
    expect(await lock()).toEqual({ path, changes: [], unchanged: true, entries: 0 });
    expect(await lock(true)).toMatchObject({ unchanged: true });
    await expect(stat(path)).rejects.toThrow(/ENOENT/);
  });

  test('a project without an image is MANIFEST_INVALID; a damaged lock is LOCK_INVALID', async () => {
    const none = await world(undefined);
    await expect(none.lock()).rejects.toMatchObject({ code: 'MANIFEST_INVALID' });
    const { lock, path } = await world({});
    await writeFile(path, '{');
    await expect(lock()).rejects.toMatchObject({ code: 'LOCK_INVALID' });
  });
});

describe('locking npm packages', () => {
  let npm: NpmRegistry;
  beforeAll(async () => {
    npm = await startNpmRegistry();
  });
  afterAll(() => npm.close());
  const layer = { npm: 'tool', version: '1.0.0', to: '/opt' };

  test('records what the registry states, without fetching; says what moved; a second run changes nothing', async () => {
    const archive = await npmArchive({ 'package.json': '{"name":"tool","version":"1.0.0"}' });
    npm.publish('tool', '1.0.0', archive);
    const { dir, lock, path } = await world({ layers: [layer, { ...layer, to: '/other' }] }, { npm });
    const first = await lock();
    expect(first).toEqual({
      path,
      changes: [{ kind: 'npm', name: 'tool@1.0.0', to: integrityOf(archive) }],
      unchanged: false,
      entries: 1,
    });
    expect(await readLock(dir)).toEqual({ ...emptyLock(), npm: { 'tool@1.0.0': { integrity: integrityOf(archive) } } });
    expect(npm.requests.filter((path) => path.endsWith('.tgz'))).toEqual([]);
    const before = await readFile(path);
    expect(await lock()).toMatchObject({ changes: [], unchanged: true, entries: 1 });
    expect((await readFile(path)).equals(before)).toBe(true);
    expect(await lock(true)).toMatchObject({ unchanged: true });
  });

  test('with check, a lock that is behind is BASE_DRIFT, an absent one LOCK_MISSING, and nothing is written', async () => {
    const archive = await npmArchive({ 'package.json': '{"name":"tool","version":"1.0.0"}', x: 'x' });
    npm.publish('tool', '1.0.0', archive);
    const { lock, path } = await world({ layers: [layer] }, { npm });
    await expect(lock(true)).rejects.toMatchObject({
      code: 'LOCK_MISSING',
      hint: expect.stringContaining('baton image lock'),
    });
    const stale = JSON.stringify({
      lockVersion: 1,
      npm: { 'tool@1.0.0': { integrity: integrity('A') }, 'gone@1.0.0': { integrity: integrity('B') } },
    });
    await writeFile(path, stale);
    await expect(lock(true)).rejects.toMatchObject({
      code: 'BASE_DRIFT',
      message: `image.lock.json is behind: npm gone@1.0.0: ${integrity('B')} -> not needed any more (and 1 more)`,
      details: {
        changes: [{ name: 'gone@1.0.0' }, { name: 'tool@1.0.0', from: integrity('A'), to: integrityOf(archive) }],
      },
    });
    expect(await readFile(path, 'utf8')).toBe(stale);
    expect((await lock()).changes).toHaveLength(2);
    expect(await lock(true)).toMatchObject({ unchanged: true });
  });

  test('a package that does not exist is PACKAGE_UNAVAILABLE and leaves the lock alone', async () => {
    const { lock, path } = await world({ layers: [{ ...layer, npm: 'nosuch' }] }, { npm });
    await expect(lock()).rejects.toMatchObject({ code: 'PACKAGE_UNAVAILABLE' });
    await expect(stat(path)).rejects.toThrow(/ENOENT/);
  });
});

describe('locking bases', () => {
  let registry: TestRegistry;
  beforeAll(async () => {
    registry = await startRegistryServer();
  });
  afterAll(() => registry.stop());

  async function push(tag: string, text: string): Promise<string> {
    const pieces = noPieces();
    const index = makeIndex(pieces, [
      makeImage(pieces, 'linux/arm64', { text }),
      makeImage(pieces, 'linux/amd64', { text }),
      { ...makeImage(pieces, 'linux/s390x'), platform: { os: 'unknown', architecture: 'unknown' } },
    ]);
    for (const [digest, { bytes, mediaType }] of pieces.documents) {
      await registry.store.putManifest('team/base', digest, bytes, mediaType);
      if (digest === index.digest) await registry.store.putManifest('team/base', tag, bytes, mediaType);
    }
    return index.digest;
  }

  test('records what a tag is, and says when it moved', async () => {
    const ref = `${registry.host}/team/base:1.0`;
    const old = await push('1.0', 'old');
    const { dir, lock } = await world({ base: { ref } });
    await lock();
    expect((await readLock(dir)).bases).toEqual({
      [ref]: {
        digest: old,
        mediaType: 'application/vnd.oci.image.index.v1+json',
        platforms: ['linux/amd64', 'linux/arm64'],
      },
    });
    const moved = await push('1.0', 'new');
    await expect(lock(true)).rejects.toMatchObject({
      code: 'BASE_DRIFT',
      message: `image.lock.json is behind: base ${ref}: ${old} -> ${moved}`,
    });
    expect((await lock()).changes).toEqual([{ kind: 'base', name: ref, from: old, to: moved }]);
  });

  test('a digest pins by itself; a name without tag is refused; an absent tag is BASE_NOT_FOUND', async () => {
    const digest = await push('2.0', 'two');
    registry.log.length = 0;
    const pinned = await world({ base: { ref: `${registry.host}/team/base@${digest}` } });
    expect(await pinned.lock()).toMatchObject({ entries: 0, unchanged: true });
    expect(registry.log).toEqual([]);
    const bare = await world({ base: { ref: `${registry.host}/team/base` } });
    await expect(bare.lock()).rejects.toMatchObject({
      code: expect.stringMatching(/^(INVALID_REFERENCE|MANIFEST_INVALID)$/),
    });
    const absent = await world({ base: { ref: `${registry.host}/team/base:nope` } });
    await expect(absent.lock()).rejects.toMatchObject({
      code: 'BASE_NOT_FOUND',
      hint: expect.stringContaining('Check the name'),
    });
  });
});

needs('apt', 'gpg').describe('locking Debian packages', () => {
  let archive: TestArchive;
  beforeAll(async () => {
    archive = await makeArchive(temporaryDirectory());
  });
  afterAll(() => archive.close());

  test('records them for each platform that has the layer, and always asks the archive afresh', async () => {
    await archive.publish([
      { name: 'one', version: '1.0' },
      { name: 'two', version: '1:2.0', architecture: 'arm64' },
    ]);
    const { dir, lock } = await world(
      {
        platforms: ['linux/amd64', 'linux/arm64'],
        layers: [{ debian: ['one'] }, { debian: ['two'], platform: 'linux/arm64' }],
      },
      { archive },
    );
    await lock();
    const pins = (await readLock(dir)).debian;
    expect(
      Object.entries(pins).map(([arch, packages]) => [
        arch,
        ...Object.entries(packages).map(([name, p]) => `${name} ${p.version}`),
      ]),
    ).toEqual([
      ['amd64', 'one 1.0'],
      ['arm64', 'one 1.0', 'two 1:2.0'],
    ]);
    await archive.publish([
      { name: 'one', version: '1.1' },
      { name: 'two', version: '1:2.0', architecture: 'arm64' },
    ]);
    expect((await lock()).changes).toEqual([
      { kind: 'debian', name: 'one (amd64)', from: '1.0', to: '1.1' },
      { kind: 'debian', name: 'one (arm64)', from: '1.0', to: '1.1' },
    ]);
  });
});

test('a change with one version shows what is different all the same', () => {
  const pin = (sha256: string) => ({ ...emptyLock(), debian: { amd64: { one: { version: '1', sha256, size: 1 } } } });
  const [change, ...more] = changesBetween(pin('a'.repeat(64)), pin('b'.repeat(64)));
  expect(more).toEqual([]);
  expect(change).toEqual({
    kind: 'debian',
    name: 'one (amd64)',
    from: `1 ${'a'.repeat(64)} 1`,
    to: `1 ${'b'.repeat(64)} 1`,
  });
  expect(describeChange({ kind: 'npm', name: 'a@1', to: 'x' })).toBe('npm a@1: not pinned -> x');
});
