import { chmod, chown, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ProgressEvent, runProcess, silent, toolEnv } from '@baton/kernel';
import type { DebianLayer } from '@baton/manifest';
import { parsePlatform } from '@baton/oci';
import { needs, temporaryDirectory } from '@baton/testkit';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { emptyLock, type LockFile } from '../../lock-file.ts';
import { readEntries, tarDigest } from '../entries.fixture.ts';
import type { SourceIo } from '../resolved-layer.ts';
import { makeArchive, type TestArchive, type TestPackage } from './debian-archive.fixture.ts';
import { currentDebian, resolveDebianLayer } from './debian-layer.ts';

const amd64 = parsePlatform('linux/amd64');
const arm64 = parsePlatform('linux/arm64');

const CHILD = fileURLToPath(new URL('./debian-tar.fixture.ts', import.meta.url));

needs('apt', 'gpg').describe('a Debian layer', () => {
  const libc = (version: string, text: string): TestPackage[] =>
    ['amd64', 'arm64'].map((architecture) => ({
      name: 'libc6',
      version,
      architecture,
      files: { 'lib/libc.so.6': `${text} ${architecture}` },
    }));
  const certificates: TestPackage = {
    name: 'ca-certificates',
    version: '2024',
    files: { 'usr/share/ca-certificates/m/a.crt': 'A\n' },
  };
  let archive: TestArchive;
  let events: ProgressEvent[] = [];
  beforeAll(async () => {
    archive = await makeArchive(temporaryDirectory());
  });
  beforeEach(async () => {
    await archive.publish([...libc('1.0', 'one'), certificates]);
    events = [];
  });
  afterAll(() => archive.close());

  const world = (more: Partial<SourceIo> = {}): SourceIo => ({
    emit: (event) => void events.push(event),
    cacheDir: temporaryDirectory(),
    env: archive.env,
    epoch: 7,
    locked: false,
    ...more,
  });
  const layer = (more: Partial<DebianLayer> = {}): DebianLayer => ({
    debian: ['libc6', 'ca-certificates'],
    resolve: 'current',
    ...more,
  });
  async function lockOf(io: SourceIo): Promise<LockFile> {
    const names = layer().debian;
    return {
      ...emptyLock(),
      debian: { amd64: await currentDebian(names, amd64, io), arm64: await currentDebian(names, arm64, io) },
    };
  }

  test('holds the named packages of its architecture, and records them', async () => {
    const io = world();
    for (const [platform, architecture] of [
      [amd64, 'amd64'],
      [arm64, 'arm64'],
    ] as const) {
      const resolved = await resolveDebianLayer(emptyLock(), layer(), platform, io);
      expect(resolved.title).toBe(`debian ca-certificates libc6 (linux/${architecture})`);
      expect(resolved.materials).toEqual([
        {
          name: `debian:ca-certificates@2024?arch=${architecture}`,
          digest: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
          role: 'debian',
        },
        {
          name: `debian:libc6@1.0?arch=${architecture}`,
          digest: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
          role: 'debian',
        },
      ]);
      expect(resolved.notes).toEqual([`debian/${architecture}: not in the lock: ca-certificates, libc6`]);
      expect(resolved.stampInputs).toEqual([]);
      const entries = await readEntries(resolved.entries());
      expect(entries.find((e) => e.path === 'usr/lib/libc.so.6')).toMatchObject({
        text: `one ${architecture}`,
        mtime: 7,
        uid: 0,
      });
      expect(entries.find((e) => e.path === 'etc/ssl/certs/ca-certificates.crt')?.text).toBe('A\n');
      const status = entries.find((e) => e.path === 'var/lib/dpkg/status.d/libc6')?.text;
      expect(status).toMatch(/^Package: libc6\nStatus: install ok installed\nVersion: 1\.0\nArchitecture: /);
    }
  });

  test('has one key and one tar whatever the order of names, time zone and umask', async () => {
    const first = await resolveDebianLayer(emptyLock(), layer(), amd64, world());
    const old = process.umask(0o077);
    try {
      const env = { ...archive.env, TZ: 'Asia/Tokyo', LANG: 'tr_TR.UTF-8' };
      const second = await resolveDebianLayer(
        emptyLock(),
        layer({ debian: ['ca-certificates', 'libc6'] }),
        amd64,
        world({ env }),
      );
      expect(second.key).toBe(first.key);
      expect(await tarDigest(second)).toBe(await tarDigest(first));
    } finally {
      process.umask(old);
    }
    const keys = [
      first.key,
      (await resolveDebianLayer(emptyLock(), layer(), arm64, world())).key,
      (await resolveDebianLayer(emptyLock(), layer(), amd64, world({ epoch: 8 }))).key,
      (await resolveDebianLayer(emptyLock(), layer({ debian: ['libc6'] }), amd64, world())).key,
    ];
    expect(new Set(keys).size).toBe(4);
  });

  test('in mode current takes what the archive has and says what moved', async () => {
    const lock = await lockOf(world());
    const before = await resolveDebianLayer(lock, layer(), amd64, world());
    expect(before.notes).toEqual([]);
    await archive.publish([...libc('1.1', 'newer'), certificates]);
    const after = await resolveDebianLayer(lock, layer(), amd64, world());
    expect(after.notes).toEqual(['debian/amd64: libc6 1.0 is locked, the archive has 1.1, and that is taken']);
    expect(after.key).not.toBe(before.key);
  });

  for (const [how, wanted, more] of [
    ['the layer', { resolve: 'locked' }, {}],
    ['the build', {}, { locked: true }],
  ] as const) {
    test(`locked by ${how} takes what the lock says or fails and names what moved`, async () => {
      const lock = await lockOf(world());
      const current = await resolveDebianLayer(lock, layer(), amd64, world());
      const same = await resolveDebianLayer(lock, layer(wanted), amd64, world(more));
      expect([same.key, same.notes]).toEqual([current.key, []]);
      expect(await tarDigest(same)).toBe(await tarDigest(current));

      await archive.publish([...libc('1.0', 'one'), ...libc('1.1', 'newer'), certificates]);
      const beside = await resolveDebianLayer(lock, layer(wanted), amd64, world(more));
      expect(await tarDigest(beside)).toBe(await tarDigest(current));

      await archive.publish([...libc('1.1', 'newer'), certificates]);
      await expect(resolveDebianLayer(lock, layer(wanted), amd64, world(more))).rejects.toMatchObject({
        code: 'BASE_DRIFT',
        message: 'Debian packages for amd64 moved: libc6 1.0 is locked, the archive has 1.1',
        hint: expect.stringContaining('baton image lock'),
      });
      await archive.publish([certificates]);
      await expect(resolveDebianLayer(lock, layer(wanted), amd64, world(more))).rejects.toMatchObject({
        code: 'BASE_DRIFT',
        message: expect.stringContaining('the archive does not have it'),
      });
      await archive.publish([...libc('1.0', 'rebuilt'), certificates]);
      await expect(resolveDebianLayer(lock, layer(wanted), amd64, world(more))).rejects.toMatchObject({
        code: 'BASE_DRIFT',
        message: expect.stringContaining('libc6 1.0 has sha256'),
      });
    });
  }

  test('locked needs no archive for packages it has seen', async () => {
    const io = world();
    const lock = await lockOf(io);
    const first = await resolveDebianLayer(lock, layer(), amd64, io);
    const digest = await tarDigest(first);
    await archive.publish([]);
    await rm(join(io.cacheDir, 'v1/debian/amd64/lists'), { recursive: true });
    events = [];
    const again = await resolveDebianLayer(lock, layer({ resolve: 'locked' }), amd64, io);
    expect([await tarDigest(again), events]).toEqual([digest, []]);
  });

  test('locked without an entry is LOCK_MISSING and names the packages', async () => {
    await expect(resolveDebianLayer(emptyLock(), layer({ resolve: 'locked' }), amd64, world())).rejects.toMatchObject({
      code: 'LOCK_MISSING',
      message: 'image.lock.json has no entry for 2 Debian packages (amd64): ca-certificates, libc6',
    });
  });

  test('a package that is not there is PACKAGE_UNAVAILABLE', async () => {
    await expect(
      resolveDebianLayer(emptyLock(), layer({ debian: ['libc6', 'nosuch'] }), amd64, world()),
    ).rejects.toMatchObject({
      code: 'PACKAGE_UNAVAILABLE',
      message: "the host's archive does not have nosuch for amd64: Unable to locate package nosuch",
    });
  });

  test('two builds at once give the same and fetch once', async () => {
    const io = world();
    const both = await Promise.all(
      [1, 2].map(async () => {
        const resolved = await resolveDebianLayer(emptyLock(), layer(), amd64, io);
        return [resolved.key, await tarDigest(resolved)];
      }),
    );
    expect(both[1]).toEqual(both[0]);
    expect(events.filter((e) => e.type === 'lists.start')).toHaveLength(1);
    expect(events.filter((e) => e.type === 'fetch.start')).toHaveLength(1);
  });

  needs('root')('works for an ordinary user, with the same bytes', async () => {
    const first = await tarDigest(await resolveDebianLayer(emptyLock(), layer(), amd64, world()));
    const home = temporaryDirectory();
    await chown(home, 65534, 65534);
    // What the archive is made in belongs to root, who lets nobody in.
    await chmod(join(archive.dir, '..'), 0o755);
    const result = await runProcess({
      command: 'setpriv',
      args: ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, CHILD, ...layer().debian],
      cwd: home,
      env: toolEnv({ ...archive.env, HOME: home, TZ: 'Asia/Tokyo', BATON_CACHE_DIR: join(home, 'cache') }),
    });
    expect([result.stdout.toString(), result.stderr.toString()]).toEqual([first, '']);
  });
});

test('a platform without Debian is PLATFORM_UNSUPPORTED', async () => {
  const io: SourceIo = { emit: silent, cacheDir: temporaryDirectory(), env: {}, epoch: 0, locked: false };
  await expect(
    resolveDebianLayer(emptyLock(), { debian: ['libc6'], resolve: 'current' }, parsePlatform('windows/amd64'), io),
  ).rejects.toMatchObject({
    code: 'PLATFORM_UNSUPPORTED',
  });
});
