import { join } from 'node:path';
import { silent } from '@baton/kernel';
import type { NpmLayer } from '@baton/manifest';
import { parsePlatform } from '@baton/oci';
import { needs, temporaryDirectory, writeFiles } from '@baton/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { emptyLock } from '../../lock-file.ts';
import { listEntries, readEntries } from '../entries.fixture.ts';
import type { ResolvedLayer, SourceIo } from '../resolved-layer.ts';
import { integrityHex } from './npm-fetch.ts';
import { resolveNpmLayer } from './npm-layer.ts';
import { integrityOf, type NpmRegistry, npmArchive, startNpmRegistry } from './npm-registry.fixture.ts';

let registry: NpmRegistry;
beforeAll(async () => {
  registry = await startNpmRegistry();
});
afterAll(() => registry.close());

const amd64 = parsePlatform('linux/amd64');
const files = {
  'package.json': '{"name":"tool","version":"1.0.0"}',
  'bin/tool*': '#!',
  'bin/.data': 'd',
  'lib/b.js': 'b',
  'lib/a/x.js': 'x',
};

async function world() {
  const dir = temporaryDirectory();
  await writeFiles(dir, { '.npmrc': `registry=${registry.url}\n`, 'package.json': '{}' });
  const env = { ...process.env, HOME: dir, npm_config_cache: join(dir, 'npm'), npm_config_fetch_retries: '0' };
  const io: SourceIo = { emit: silent, cacheDir: join(dir, 'cache'), env, epoch: 7, locked: false };
  const project = { dir, root: dir };
  const resolve = (
    layer: Partial<NpmLayer>,
    lock = emptyLock(),
    more: Partial<SourceIo> = {},
  ): Promise<ResolvedLayer> => {
    const full: NpmLayer = { npm: 'tool', version: '1.0.0', from: '.', to: '/opt/tool', owner: '0:0', ...layer };
    return resolveNpmLayer(project, lock, full, amd64, { ...io, ...more });
  };
  return { resolve, cacheDir: io.cacheDir };
}

describe('an npm layer', () => {
  test('of one file has that file alone, where `to` says', async () => {
    const archive = await npmArchive(files);
    registry.publish('tool', '1.0.0', archive);
    const { resolve } = await world();
    const layer = await resolve({ from: 'bin/tool', to: '/usr/local/bin/tool' });
    expect(layer.title).toBe('npm tool@1.0.0 bin/tool -> /usr/local/bin/tool');
    expect(layer.notes).toEqual([expect.stringContaining(integrityOf(archive))]);
    expect(layer.materials).toEqual([
      { name: 'npm:tool@1.0.0', digest: { sha512: expect.stringMatching(/^[0-9a-f]{128}$/) }, role: 'npm' },
    ]);
    expect(await listEntries(layer.entries())).toEqual([
      'directory 0755 0:0 usr',
      'directory 0755 0:0 usr/local',
      'directory 0755 0:0 usr/local/bin',
      'file 0755 0:0 usr/local/bin/tool',
    ]);
    const [file] = (await readEntries(layer.entries())).slice(-1);
    expect(file).toMatchObject({ text: '#!', mtime: 7, size: 2 });
    expect(file).not.toHaveProperty('uname');
  });

  test('of a directory or the whole package is sorted, with owner, mode and globs', async () => {
    registry.publish('tool', '1.0.0', await npmArchive(files));
    const { resolve } = await world();
    const all = await resolve({ owner: '10:20' });
    expect(await listEntries(all.entries())).toEqual([
      'directory 0755 0:0 opt',
      'directory 0755 10:20 opt/tool',
      'directory 0755 10:20 opt/tool/bin',
      'file 0644 10:20 opt/tool/bin/.data',
      'file 0755 10:20 opt/tool/bin/tool',
      'directory 0755 10:20 opt/tool/lib',
      'directory 0755 10:20 opt/tool/lib/a',
      'file 0644 10:20 opt/tool/lib/a/x.js',
      'file 0644 10:20 opt/tool/lib/b.js',
      'file 0644 10:20 opt/tool/package.json',
    ]);
    const some = await resolve({ from: './lib', to: '/', include: ['**/*.js'], exclude: ['a'], mode: '0600' });
    expect(await listEntries(some.entries())).toEqual(['file 0600 0:0 b.js']);
  });

  test('has a key that follows everything that decides its bytes', async () => {
    registry.publish('tool', '1.0.0', await npmArchive(files));
    const { resolve } = await world();
    const base = (await resolve({})).key;
    expect((await resolve({})).key).toBe(base);
    const others = [
      await resolve({ from: 'bin' }),
      await resolve({ to: '/opt' }),
      await resolve({ mode: '0644' }),
      await resolve({ owner: '1:1' }),
      await resolve({ exclude: ['bin'] }),
      await resolve({}, emptyLock(), { epoch: 8 }),
    ];
    expect(new Set([base, ...others.map((layer) => layer.key)]).size).toBe(7);
  });

  test('that is locked needs no registry until its files are wanted', async () => {
    const archive = await npmArchive(files);
    registry.publish('tool', '1.0.0', archive);
    registry.requests.length = 0;
    const { resolve } = await world();
    const lock = { ...emptyLock(), npm: { 'tool@1.0.0': { integrity: integrityOf(archive) } } };
    const layer = await resolve({}, lock, { locked: true });
    expect([layer.notes, registry.requests]).toEqual([[], []]);
    expect((await listEntries(layer.entries())).length).toBe(10);
    expect(registry.requests.length).toBeGreaterThan(0);
  });

  test('that must be locked and is not is LOCK_MISSING; one that moved is BASE_DRIFT', async () => {
    registry.publish('tool', '1.0.0', await npmArchive(files));
    const { resolve } = await world();
    await expect(resolve({}, emptyLock(), { locked: true })).rejects.toMatchObject({
      code: 'LOCK_MISSING',
      message: expect.stringContaining('tool@1.0.0'),
      hint: expect.stringContaining('baton image lock'),
    });
    const lock = { ...emptyLock(), npm: { 'tool@1.0.0': { integrity: integrityOf(Buffer.from('x')) } } };
    const layer = await resolve({}, lock);
    await expect(listEntries(layer.entries())).rejects.toMatchObject({ code: 'BASE_DRIFT' });
  });

  test('of what the package does not have is LAYER_SOURCE_MISSING and says what it has', async () => {
    registry.publish('tool', '1.0.0', await npmArchive(files));
    const { resolve } = await world();
    const cases: [Partial<NpmLayer>, RegExp, RegExp][] = [
      [{ from: 'bin/tol' }, /has no bin\/tol$/, /Did you mean bin\/tool\?/],
      [{ from: 'zzzzzzzzzzz' }, /has no zzz/, /It holds package\.json, bin\/tool/],
      [{ include: ['*.md'] }, /include "\*\.md" matches/, /It holds/],
      [{ exclude: ['**'] }, /has no file that `exclude` leaves/, /It holds/],
    ];
    for (const [layer, message, hint] of cases) {
      const resolved = await resolve(layer);
      await expect(listEntries(resolved.entries()), JSON.stringify(layer)).rejects.toMatchObject({
        code: 'LAYER_SOURCE_MISSING',
        message: expect.stringMatching(message),
        hint: expect.stringMatching(hint),
      });
    }
  });

  const own = { mode: 0o644, uid: 0, gid: 0, mtime: 0, size: 0 };
  const hostile: [what: string, archive: () => Promise<Buffer>, layer: Partial<NpmLayer>][] = [
    [
      'a link',
      () => npmArchive(files, [{ ...own, path: 'package/link', type: 'symlink', linkTarget: '/etc/passwd' }]),
      {},
    ],
    [
      'a device',
      () => npmArchive(files, [{ ...own, path: 'package/null', type: 'character', device: { major: 1, minor: 3 } }]),
      {},
    ],
    ['one path below two roots', () => npmArchive(files, [{ ...own, path: 'other/lib/b.js', type: 'file' }]), {}],
    [
      'the chosen file twice',
      () => npmArchive(files, [{ ...own, path: 'other/bin/tool', type: 'file' }]),
      { from: 'bin/tool' },
    ],
    ['an end before its end', async () => (await npmArchive(files)).subarray(0, 150), {}],
    ['no archive', async () => Buffer.from('hello'), {}],
  ];
  for (const [what, archive, layer] of hostile) {
    test(`of a package with ${what} is LAYER_INVALID`, async () => {
      const bytes = await archive();
      const { resolve, cacheDir } = await world();
      // As if npm had let it pass.
      await writeFiles(cacheDir, { [`v1/npm/${integrityHex(integrityOf(bytes))}.tgz`]: bytes });
      const lock = { ...emptyLock(), npm: { 'tool@1.0.0': { integrity: integrityOf(bytes) } } };
      const resolved = await resolve(layer, lock);
      await expect(listEntries(resolved.entries())).rejects.toMatchObject({
        code: 'LAYER_INVALID',
        message: expect.stringContaining('npm package tool@1.0.0'),
      });
    });
  }
});

needs('npm')(
  'a real package: the integrity npm states is the one it delivers',
  async () => {
    const dir = temporaryDirectory();
    const io: SourceIo = { emit: silent, cacheDir: join(dir, 'cache'), env: process.env, epoch: 0, locked: false };
    const layer: NpmLayer = { npm: 'p-limit', version: '7.3.3', from: 'index.js', to: '/app/p-limit.js', owner: '0:0' };
    const resolved = await resolveNpmLayer({ dir, root: dir }, emptyLock(), layer, amd64, io);
    const text = (await readEntries(resolved.entries())).at(-1)?.text;
    expect(text).toContain('export default function pLimit');
  },
  60_000,
);
