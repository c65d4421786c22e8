import { readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProgressEvent } from '@baton/kernel';
import { needs, temporaryDirectory } from '@baton/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lookUp, parseAnswer, updateProblems } from './apt-lookup.ts';
import { type Apt, openApt } from './apt-state.ts';
import { makeArchive, type TestArchive } from './debian-archive.fixture.ts';

const hex = 'ab'.repeat(32);

describe("apt's answer", () => {
  test('is read: names, versions with their escapes, hashes, sizes', () => {
    const stdout = `Get:1 something\n'copy:/x/libstdc++6_12.2.0-14%2bdeb12u1_amd64.deb' libstdc++6_12.2.0-14+deb12u1_amd64.deb 613508 SHA256:${hex}\n'http://h/one_1%253a4.13_all.deb' one_1%3a4.13_all.deb 12 SHA256:${hex.toUpperCase()}\n`;
    expect(parseAnswer(stdout, '', [])).toEqual({
      packages: [
        { package: 'libstdc++6', version: '12.2.0-14+deb12u1', sha256: hex, size: 613508 },
        { package: 'one', version: '1:4.13', sha256: hex, size: 12 },
      ],
      missing: [],
    });
  });

  test('tells what is missing', () => {
    const stderr =
      "W: something\nE: Unable to locate package nosuch\nE: Version '9' for 'libc6' was not found\nE: Can't select candidate version from package awk as it has no candidate\n";
    expect(parseAnswer('', stderr, []).missing).toEqual([
      'Unable to locate package nosuch',
      "Version '9' for 'libc6' was not found",
      "Can't select candidate version from package awk as it has no candidate",
    ]);
  });

  test('from an archive that is not authenticated, or without a sha256, is refused', () => {
    const line = (hash: string): string => `'http://a.example/pool/one_1_all.deb' one_1_all.deb 12 ${hash}\n`;
    for (const [text, unsigned] of [
      [line(`SHA256:${hex}`), ['http://a.example/pool']],
      [line('MD5Sum:0123'), []],
      [line(''), []],
    ] as const) {
      expect(() => parseAnswer(text, '', unsigned)).toThrow(
        expect.objectContaining({
          code: 'PACKAGE_UNAVAILABLE',
          message: expect.stringContaining('one is not authenticated'),
        }),
      );
    }
  });

  test('to an update is bad even when apt only warns', () => {
    expect(
      updateProblems('Hit:1 x\nReading package lists...\n', 'W: Download is performed unsandboxed as root\n'),
    ).toEqual([]);
    expect(
      updateProblems('Err:1 http://x stable InRelease\n', 'W: Failed to fetch http://x  Could not resolve\n'),
    ).toEqual(['Failed to fetch http://x  Could not resolve', 'Err:1 http://x stable InRelease']);
  });
});

needs('apt', 'gpg').describe('asking an archive', () => {
  let archive: TestArchive;
  beforeAll(async () => {
    archive = await makeArchive(temporaryDirectory());
  });
  afterAll(() => archive.close());

  async function world(events: ProgressEvent[] = []): Promise<Apt> {
    const emit = (event: ProgressEvent): void => void events.push(event);
    return await openApt('amd64', { emit, cacheDir: temporaryDirectory(), env: archive.env, epoch: 0, locked: false });
  }

  test('gives newest and exact versions, and says what it does not have', async () => {
    await archive.publish([
      { name: 'one', version: '1:1.0-1' },
      { name: 'one', version: '1:1.0-2' },
      { name: 'two', version: '2.0', architecture: 'amd64' },
      { name: 'foreign', version: '2.0', architecture: 'arm64' },
    ]);
    const apt = await world();
    const newest = await lookUp(apt, ['one', 'two']);
    expect([...newest.found.values()].map((p) => `${p.package} ${p.version}`).sort()).toEqual([
      'one 1:1.0-2',
      'two 2.0',
    ]);
    expect(newest.missing).toEqual([]);
    expect(newest.notes).toEqual([]);
    const exact = await lookUp(apt, ['one=1:1.0-1']);
    expect(exact.found.get('one')?.version).toBe('1:1.0-1');
    const missing = await lookUp(apt, ['one', 'foreign', 'nosuch']);
    expect(missing.missing).toEqual(expect.arrayContaining(['Unable to locate package nosuch']));
    expect(missing.found.has('foreign')).toBe(false);
  });

  test('refreshes lists that are an hour old, come from other sources, or are asked to be', async () => {
    await archive.publish([{ name: 'one', version: '1.0' }]);
    const events: ProgressEvent[] = [];
    const apt = await world(events);
    const version = async (): Promise<string | undefined> => (await lookUp(apt, ['one'])).found.get('one')?.version;
    const refreshes = (): number => events.filter((e) => e.type === 'lists.end').length;
    expect(await version()).toBe('1.0');
    await archive.publish([{ name: 'one', version: '2.0' }]);
    expect([await version(), refreshes()]).toEqual(['1.0', 1]);
    expect(await readdir(join(apt.dir, 'answers'))).toHaveLength(1);

    const old = new Date(Date.now() - 61 * 60 * 1000);
    await utimes(join(apt.dir, 'refreshed'), old, old);
    expect([await version(), refreshes()]).toEqual(['2.0', 2]);

    await archive.publish([{ name: 'one', version: '3.0' }]);
    apt.io.refresh = true;
    expect([await version(), refreshes()]).toEqual(['3.0', 3]);
    apt.io.refresh = false;

    await archive.publish([{ name: 'one', version: '4.0' }]);
    await archive.trust({ stanza: `# a comment more\n` });
    expect([await version(), refreshes()]).toEqual(['4.0', 4]);
    await archive.trust();
    expect([await version(), refreshes()]).toEqual(['4.0', 5]);

    const future = new Date(Date.now() + 24 * 60 * 60 * 1000);
    await utimes(join(apt.dir, 'refreshed'), future, future);
    await version();
    expect(refreshes()).toBe(6);
  });

  test('goes on with the lists it has when the archive cannot be reached, and says so', async () => {
    await archive.publish([{ name: 'one', version: '1.0' }]);
    const events: ProgressEvent[] = [];
    const apt = await world(events);
    await lookUp(apt, ['one']);
    await archive.publish([{ name: 'one', version: '1.0' }], { sign: 'key' });
    await archive.trust({ line: `deb [signed-by=/nowhere.gpg] copy:/nowhere test main` });
    await archive.trust({ stanza: 'Types: deb\nURIs: copy:/nowhere\nSuites: test\nComponents: main\n' });
    const answer = await lookUp(apt, ['one']);
    expect(answer.found.get('one')?.version).toBe('1.0');
    expect(answer.notes).toEqual([
      expect.stringMatching(/^some package lists for amd64 were not refreshed: .*nowhere/),
    ]);
    expect(events.some((e) => e.type === 'warn')).toBe(true);
    await archive.trust();
  });

  for (const [what, sign] of [
    ['no signature', 'none'],
    ['the signature of another key', 'other'],
  ] as const) {
    test(`never uses an archive with ${what}`, async () => {
      await archive.publish([{ name: 'one', version: '1.0' }], { sign });
      const answer = await lookUp(await world(), ['one']);
      expect(answer.found.size).toBe(0);
      expect(answer.notes[0]).toMatch(/not signed|NO_PUBKEY|signatures? (couldn't|were invalid)|not valid/i);
      // A host that waives the signature does not change that.
      await archive.trust({ line: `deb [trusted=yes] copy:${archive.dir} test main` });
      await expect(lookUp(await world(), ['one'])).rejects.toMatchObject({
        code: 'PACKAGE_UNAVAILABLE',
        message: expect.stringContaining('is not authenticated'),
      });
      await archive.trust();
    });
  }

  test('stops using an archive whose signature becomes wrong', async () => {
    await archive.publish([{ name: 'one', version: '1.0' }]);
    const apt = await world();
    expect((await lookUp(apt, ['one'])).found.size).toBe(1);
    await archive.publish([{ name: 'one', version: '2.0' }], { sign: 'other' });
    apt.io.refresh = true;
    await expect(lookUp(apt, ['one'])).rejects.toMatchObject({ code: 'PACKAGE_UNAVAILABLE' });
  });
});
