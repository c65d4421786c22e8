import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { silent } from '@baton/kernel';
import { needs, temporaryDirectory } from '@baton/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AptPackage, lookUp } from './apt-lookup.ts';
import { type Apt, openApt } from './apt-state.ts';
import { readControl, readFiles } from './deb-archive.ts';
import { debPath, ensureDebs } from './deb-cache.ts';
import { makeArchive, type TestArchive } from './debian-archive.fixture.ts';

needs('apt', 'gpg').describe('reading a package', () => {
  let archive: TestArchive;
  let apt: Apt;
  let item: AptPackage;
  beforeAll(async () => {
    archive = await makeArchive(temporaryDirectory());
    await archive.publish([
      {
        name: 'one',
        version: '1.0',
        architecture: 'amd64',
        files: { 'bin/one': { mode: 0o4755, text: 'x' }, 'lib/l': { link: 'one' }, 'lib/m': { hardlink: 'bin/one' } },
      },
    ]);
    apt = await openApt('amd64', {
      emit: silent,
      cacheDir: temporaryDirectory(),
      env: archive.env,
      epoch: 0,
      locked: false,
    });
    const found = (await lookUp(apt, ['one'])).found.get('one');
    if (found === undefined) throw new Error('the archive has no package "one"');
    item = found;
    await ensureDebs(apt, [item]);
  });
  afterAll(() => archive.close());

  test('gives its files with owners and permissions of its maker', async () => {
    const lines: string[] = [];
    for await (const { header } of readFiles(apt, item)) {
      lines.push(
        `${header.type} ${header.mode.toString(8)} ${header.uid}:${header.gid} ${header.path} ${header.linkTarget ?? ''}`.trim(),
      );
    }
    expect(lines.filter((line) => !line.startsWith('directory')).sort()).toEqual([
      'file 4755 0:0 bin/one',
      'hardlink 4755 0:0 lib/m bin/one',
      'symlink 777 0:0 lib/l one',
    ]);
  });

  test('gives its control paragraph, and refuses another package under its name', async () => {
    expect(await readControl(apt, item)).toMatchObject({ package: 'one', version: '1.0', architecture: 'amd64' });
    const other = { ...item, version: '2.0' };
    await symlink(debPath(apt, item), debPath(apt, other));
    await expect(readControl(apt, other)).rejects.toMatchObject({
      code: 'BASE_DRIFT',
      message: expect.stringContaining('is one 1.0 for amd64, expected one 2.0 for amd64'),
    });
  });

  test('that is no package is an error with what dpkg-deb says', async () => {
    const broken = { ...item, version: '3.0' };
    await writeFile(debPath(apt, broken), 'hello');
    await expect(readControl(apt, broken)).rejects.toMatchObject({
      code: 'PACKAGE_UNAVAILABLE',
      message: expect.stringContaining('dpkg-deb'),
    });
    await expect(readFiles(apt, broken).next()).rejects.toMatchObject({
      code: 'TOOL_FAILED',
      message: expect.stringContaining('dpkg-deb ended with 2'),
    });
  });
});

test('a host without dpkg-deb is TOOL_MISSING', async () => {
  const root = temporaryDirectory();
  await mkdir(join(root, 'bin'));
  const io = { emit: silent, cacheDir: join(root, 'cache'), env: { PATH: join(root, 'bin') }, epoch: 0, locked: false };
  const apt = await openApt('amd64', io);
  const item = { package: 'one', version: '1', sha256: '0'.repeat(64), size: 1 };
  const expected = { code: 'TOOL_MISSING', hint: expect.stringContaining('base: { ref:') };
  await expect(readControl(apt, item)).rejects.toMatchObject(expected);
  await expect(readFiles(apt, item).next()).rejects.toMatchObject(expected);
});
