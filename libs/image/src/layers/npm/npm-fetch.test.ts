import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProgressEvent } from '@baton/kernel';
import { temporaryDirectory, writeFiles } from '@baton/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SourceIo } from '../resolved-layer.ts';
import { archivePath, fetchNpm, integrityHex, knownIntegrity } from './npm-fetch.ts';
import { integrityOf, type NpmRegistry, npmArchive, startNpmRegistry } from './npm-registry.fixture.ts';

let registry: NpmRegistry;
beforeAll(async () => {
  registry = await startNpmRegistry();
});
beforeEach(() => {
  registry.requests.length = 0;
});
afterAll(() => registry.close());

/** A project whose npmrc names the registry, and a cache and a home of its own. */
async function place(npmrc = `registry=${registry.url}\n`) {
  const root = temporaryDirectory();
  await writeFiles(root, { 'project/.npmrc': npmrc, 'project/package.json': '{}', 'home/.keep': '' });
  const events: ProgressEvent[] = [];
  const io: SourceIo = {
    emit: (event) => void events.push(event),
    cacheDir: join(root, 'cache'),
    env: {
      ...process.env,
      HOME: join(root, 'home'),
      npm_config_cache: join(root, 'npm'),
      npm_config_fetch_retries: '0',
    },
    epoch: 0,
    locked: false,
  };
  return { dir: join(root, 'project'), io, events };
}

describe('fetching an npm package', () => {
  test('brings its archive once, under its integrity, and needs no registry afterwards', async () => {
    const archive = await npmArchive({ 'package.json': '{"name":"tool","version":"1.2.3"}', 'bin/tool*': 'program' });
    registry.publish('tool', '1.2.3', archive);
    const { dir, io, events } = await place();
    const spec = { name: 'tool', version: '1.2.3', dir };
    expect(await knownIntegrity(spec, io.cacheDir)).toBeUndefined();

    const first = await fetchNpm(spec, undefined, io);
    expect(first).toEqual({ integrity: integrityOf(archive), path: archivePath(io.cacheDir, integrityOf(archive)) });
    expect((await readFile(first.path)).equals(archive)).toBe(true);
    expect(await knownIntegrity(spec, io.cacheDir)).toBe(first.integrity);
    expect(events.map((e) => e.type)).toEqual(['fetch.start', 'fetch.end']);
    expect((await readdir(join(io.cacheDir, 'v1/npm'))).sort()).toEqual(
      [`${integrityHex(first.integrity)}.tgz`, 'tool%401.2.3.integrity'].sort(),
    );

    registry.requests.length = 0;
    expect(await fetchNpm(spec, undefined, io)).toEqual(first);
    expect(await fetchNpm(spec, first.integrity, io)).toEqual(first);
    expect(registry.requests).toEqual([]);
  });

  test('runs no script of the package and works for scopes', async () => {
    const root = temporaryDirectory();
    const scripts = Object.fromEntries(['prepack', 'prepare', 'install'].map((s) => [s, `touch ${root}/ran`]));
    const archive = await npmArchive({
      'package.json': JSON.stringify({ name: '@s/tool', version: '1.0.0', scripts }),
    });
    registry.publish('@s/tool', '1.0.0', archive);
    const { dir, io } = await place(`@s:registry=${registry.url}\nregistry=http://127.0.0.1:9/\n`);
    await fetchNpm({ name: '@s/tool', version: '1.0.0', dir }, integrityOf(archive), io);
    expect(await readdir(root)).toEqual([]);
  });

  test('other bytes than the lock wants are BASE_DRIFT, name both, and are not kept', async () => {
    const archive = await npmArchive({ 'package.json': '{"name":"moved","version":"1.0.0"}' });
    registry.publish('moved', '1.0.0', archive);
    const { dir, io } = await place();
    const wanted = integrityOf(Buffer.from('other'));
    await expect(fetchNpm({ name: 'moved', version: '1.0.0', dir }, wanted, io)).rejects.toMatchObject({
      code: 'BASE_DRIFT',
      message: expect.stringContaining(`${wanted} locked, ${integrityOf(archive)} found`),
    });
    expect(await readdir(join(io.cacheDir, 'v1/npm'))).toEqual([]);
  });

  test('a damaged archive in the cache is fetched again', async () => {
    const archive = await npmArchive({ 'package.json': '{"name":"tool","version":"2.0.0"}' });
    registry.publish('tool', '2.0.0', archive);
    const { dir, io, events } = await place();
    const spec = { name: 'tool', version: '2.0.0', dir };
    const { path, integrity } = await fetchNpm(spec, undefined, io);
    await writeFile(path, 'damaged');
    await fetchNpm(spec, integrity, io);
    expect((await readFile(path)).equals(archive)).toBe(true);
    expect(events.map((e) => e.type)).toContain('warn');
  });

  test('two at once bring it once', async () => {
    const archive = await npmArchive({ 'package.json': '{"name":"tool","version":"3.0.0"}' });
    registry.publish('tool', '3.0.0', archive);
    const { dir, io, events } = await place();
    const spec = { name: 'tool', version: '3.0.0', dir };
    const both = await Promise.all([fetchNpm(spec, undefined, io), fetchNpm(spec, undefined, io)]);
    expect(both[0]).toEqual(both[1]);
    expect(events.filter((e) => e.type === 'fetch.start')).toHaveLength(1);
  });

  test('a version that does not exist, or a registry that does not answer, is PACKAGE_UNAVAILABLE', async () => {
    registry.publish('tool', '1.2.3', await npmArchive({ 'package.json': '{"name":"tool","version":"1.2.3"}' }));
    const { dir, io } = await place();
    await expect(fetchNpm({ name: 'tool', version: '9.9.9', dir }, undefined, io)).rejects.toMatchObject({
      code: 'PACKAGE_UNAVAILABLE',
      message: expect.stringMatching(/^npm package tool@9\.9\.9 cannot be had: ETARGET/),
      retryable: false,
    });
    const away = await place('registry=http://127.0.0.1:9/\n');
    await expect(fetchNpm({ name: 'tool', version: '1.2.3', dir: away.dir }, undefined, away.io)).rejects.toMatchObject(
      {
        code: 'PACKAGE_UNAVAILABLE',
        message: expect.stringContaining('ECONNREFUSED'),
        hint: expect.stringContaining('could not reach'),
        retryable: true,
      },
    );
  });
});
