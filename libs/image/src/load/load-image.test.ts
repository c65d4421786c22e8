import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { connectEngine, type Engine } from '@baton/engine';
import { BatonError } from '@baton/kernel';
import { loadManifest } from '@baton/manifest';
import {
  needs,
  startEngine,
  startFakeEngine,
  startRegistryServer,
  type TestEngine,
  temporaryDirectory,
} from '@baton/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildImage } from '../build-image.ts';
import { exportImage } from '../export-image.ts';
import { lockImage } from '../lock-image.ts';
import { imageExportOptions } from '../options.ts';
import {
  baseLayout,
  buildOptions,
  publishOptions,
  type TestProject,
  TWO_PLATFORMS,
  testProject,
} from '../project.fixture.ts';
import { publishImage } from '../publish-image.ts';
import { readLayoutImage } from '../sparse-layout.ts';
import { loadImage } from './load-image.ts';
import { type ImageLoadOptions, imageLoadOptions } from './options.ts';
import { reportLoad } from './report-load.ts';
import type { LoadResult } from './types.ts';

const BASE = { layout: '../base/dist/image' };
const NO_ENGINE = { DOCKER_HOST: 'unix:///nowhere/docker.sock' };

async function built(image: Record<string, unknown> = {}, text = 'base'): Promise<TestProject> {
  const project = await testProject({ ...TWO_PLATFORMS, base: BASE, ...image });
  await baseLayout(join(project.dir, BASE.layout), undefined, undefined, text);
  await buildImage(await project.load(), buildOptions(), project.io);
  return project;
}

async function load(p: TestProject, host: string, options: Partial<ImageLoadOptions> = {}): Promise<LoadResult> {
  const io = { ...p.io, env: { ...p.io.env, DOCKER_HOST: host } };
  return await loadImage(imageLoadOptions.parse({ image: p.dir, ...options }), io);
}

test('without an engine it says where one was looked for, before anything is read', async () => {
  const p = await testProject();
  await expect(load(p, NO_ENGINE.DOCKER_HOST)).rejects.toMatchObject({
    code: 'ENGINE_UNAVAILABLE',
    message: expect.stringContaining('/nowhere/docker.sock') as string,
  });
});

describe('an engine that is not what it seems', () => {
  const version = { Version: '20.10.24', Os: 'linux', Arch: 'amd64', ApiVersion: '1.41' };
  const answers = { 'GET /version': { send: [version] }, 'GET /info': { send: [{ DriverStatus: [] }] } };

  test('which takes the image and does not have it then is found out', async () => {
    const p = await built();
    const none = (request: { path: string }) => ({
      status: 404,
      send: [{ message: `No such image: ${request.path}` }],
    });
    const { image } = await readLayoutImage(join(p.dir, 'dist', 'image'));
    const config = image.platforms[0]?.manifest.config.digest ?? '';
    const fake = await startFakeEngine({
      ...answers,
      [`GET /images/${config}/json`]: none,
      'GET /images/agent:dev/json': none,
      'POST /images/load': { send: [{ stream: 'Loaded image: agent:dev\n' }] },
    });
    try {
      await expect(load(p, fake.host, { name: ['agent:dev'] })).rejects.toMatchObject({ code: 'ENGINE_FAILED' });
    } finally {
      await fake.stop();
    }
  });

  test('which has other layers under our ID is found out', async () => {
    const p = await built();
    const { image } = await readLayoutImage(join(p.dir, 'dist', 'image'));
    const config = image.platforms[0]?.manifest.config.digest ?? '';
    const other = { Id: config, Os: 'linux', Architecture: 'amd64', RepoTags: [], RootFS: { Layers: ['sha256:1'] } };
    const fake = await startFakeEngine({ ...answers, [`GET /images/${config}/json`]: { send: [other] } });
    try {
      const loading = load(p, fake.host, { name: ['agent:dev'] });
      await expect(loading).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
      expect(fake.requests.filter(({ method }) => method === 'POST')).toEqual([]);
    } finally {
      await fake.stop();
    }
  });
});

needs('dockerd').describe('into a real engine', () => {
  let started: TestEngine;
  let engine: Engine;
  beforeAll(async () => {
    started = await startEngine();
    engine = connectEngine({ DOCKER_HOST: started.host });
  }, 60_000);
  afterAll(async () => {
    engine.close();
    await started.stop();
  }, 60_000);

  test("a project's image gets there under its own name, its ID and layers as they were built", async () => {
    const p = await built();
    const result = await load(p, started.host);
    const { image } = await readLayoutImage(join(p.dir, 'dist', 'image'));
    const ours = image.platforms.find(({ platform }) => platform.architecture === 'amd64');
    const revision = ours?.config.config?.Labels?.['org.opencontainers.image.revision'];
    expect(result).toMatchObject({
      platform: 'linux/amd64',
      id: ours?.manifest.config.digest,
      names: [{ name: `agent:sha-${revision}`, state: 'added' }],
      present: false,
      layers: 3,
    });
    expect(result.sent).toBeGreaterThan(0);
    expect(result.fetched).toBeGreaterThan(0);
    const there = await engine.inspect(`agent:sha-${revision}`);
    expect(there).toMatchObject({ id: result.config, diffIds: ours?.config.rootfs.diff_ids, platform: 'linux/amd64' });
    const progress = p.events.filter(({ type }) => type.startsWith('load.'));
    expect(progress.at(-1)).toMatchObject({ type: 'load.end', unit: 'bytes' });
    expect(progress.at(-1)?.done).toBe(progress.at(-1)?.total);
    expect(reportLoad(result)).toContain(`loaded agent:sha-${revision} (linux/amd64)`);
  });

  test('again it is not sent; a name that it lacks is given', async () => {
    const p = await built({}, 'another base');
    const names = ['agent:dev', 'docker.io/library/agent:dev2'];
    await load(p, started.host, { name: names.slice(0, 1) });
    const again = await load(p, started.host, { name: names });
    expect(again).toMatchObject({
      present: true,
      sent: 0,
      fetched: 0,
      names: [
        { name: names[0], state: 'present' },
        { name: names[1], state: 'added' },
      ],
    });
    expect((await engine.inspect('agent:dev2'))?.id).toBe(again.config);
    expect(await load(p, started.host, { name: names })).toMatchObject({ names: [{}, { state: 'present' }] });
    expect(reportLoad(again)).toContain('nothing was sent');
  });

  test('a version, a repository and a platform are what it is called and what is taken', async () => {
    const repository = 'registry.example/acme/agent';
    const p = await built({ repository, version: '1.2.0' }, 'third base');
    const result = await load(p, started.host, { platform: 'linux/arm64' });
    expect(result).toMatchObject({ platform: 'linux/arm64', names: [{ name: `${repository}:1.2.0` }] });
    expect((await engine.inspect(`${repository}:1.2.0`))?.platform).toMatch(/^linux\/arm64/);
    const strange = await built({ platforms: ['linux/s390x'], layers: [], base: 'scratch' });
    await expect(load(strange, started.host)).rejects.toMatchObject({
      code: 'PLATFORM_MISSING',
      message: expect.stringContaining('it has linux/s390x') as string,
    });
    await expect(load(p, started.host, { platform: 'linux/s390x' })).rejects.toMatchObject({
      code: 'PLATFORM_MISSING',
    });
  });

  test('names must have a tag, and a layout says none unless it is labelled', async () => {
    const p = await built({}, 'fourth base');
    for (const name of ['agent', 'Agent:1', 'agent@sha256:0']) {
      await expect(load(p, started.host, { name: [name] })).rejects.toMatchObject({ code: 'INVALID_REFERENCE' });
    }
    const layout = join(temporaryDirectory('layout'), 'base');
    await baseLayout(layout, ['linux/amd64'], {}, 'unnamed');
    await expect(load(p, started.host, { image: layout })).rejects.toMatchObject({ code: 'USAGE' });
    const named = await load(p, started.host, { image: layout, name: ['base:1'] });
    expect(named).toMatchObject({ image: layout, layers: 1 });
    expect((await engine.inspect('base:1'))?.id).toBe(named.config);
  });

  test('an image comes from a registry through the cache, and what its base lacks here from there', async () => {
    const registry = await startRegistryServer();
    try {
      const repository = `${registry.host}/acme/base`;
      const base = await testProject({ ...TWO_PLATFORMS, repository, tags: ['one'], labels: { of: 'registry' } });
      await publishImage(await base.load(), publishOptions({ build: true }), base.io);
      const p = await testProject({ ...TWO_PLATFORMS, base: { ref: `${repository}:one` }, user: '7:7' });
      const direct = await load(p, started.host, { image: `${repository}:one` });
      expect(direct.names).toEqual([{ name: `${repository}:one`, state: 'added' }]);
      await expect(load(p, started.host, { image: repository })).rejects.toMatchObject({ code: 'USAGE' });
      const byDigest = `${repository}@${(await registry.store.manifest('acme/base', 'one'))?.digest}`;
      await expect(load(p, started.host, { image: byDigest })).rejects.toMatchObject({ code: 'USAGE' });
      expect(await load(p, started.host, { image: byDigest, name: ['x:1'] })).toMatchObject({ present: true });
      await lockImage(await p.load(), { check: false }, p.io);
      await buildImage(await p.load(), buildOptions(), p.io);
      const before = registry.log.filter(({ path }) => path.includes('/blobs/')).length;
      expect((await load(p, started.host)).present).toBe(false);
      // Its layers are in the cache since the first load.
      expect(registry.log.filter(({ path }) => path.includes('/blobs/'))).toHaveLength(before);
    } finally {
      await registry.stop();
    }
  });

  test('a layer that is not what the config says reaches no engine', async () => {
    const p = await built({}, 'fifth base');
    // Another base of the same shape under the digest that the image wants.
    const { image, layout } = await readLayoutImage(join(p.dir, 'dist', 'image'));
    const own = image.platforms[0]?.manifest.layers.at(-1);
    const { writeFileSync } = await import('node:fs');
    writeFileSync(layout.blobs.path(own?.digest ?? 'sha256:'), Buffer.alloc(own?.size ?? 0));
    const error: unknown = await load(p, started.host, { name: ['bad:1'] }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BatonError);
    expect((error as BatonError).code).toMatch(/^(STORE_CORRUPT|LAYER_INVALID)$/);
    expect(await engine.inspect('bad:1')).toBeUndefined();
  });

  test('an abort ends it and leaves no image', async () => {
    const p = await built({}, 'sixth base');
    const controller = new AbortController();
    const emit = p.io.emit;
    const io = {
      ...p.io,
      env: { ...p.io.env, DOCKER_HOST: started.host },
      signal: controller.signal,
      emit: (event: Parameters<typeof emit>[0]) => {
        if (event.type === 'load.start' && event.label?.startsWith('loading')) controller.abort();
      },
    };
    await expect(loadImage(imageLoadOptions.parse({ image: p.dir, name: ['gone:1'] }), io)).rejects.toThrow();
    expect(await engine.inspect('gone:1')).toBeUndefined();
    expect((await load(p, started.host, { name: ['gone:1'] })).present).toBe(false);
  });

  test('an export as docker archive is what it loads', async () => {
    const p = await built({ version: '3.0.0' }, 'seventh base');
    const dir = temporaryDirectory('export');
    const to = join(dir, 'agent.tar');
    const options = { to, format: 'docker-archive', platform: 'linux/amd64' };
    const result = await exportImage(await loadManifest(p.dir), imageExportOptions.parse(options), p.io);
    expect(result).toMatchObject({ format: 'docker-archive', platform: 'linux/amd64', names: ['agent:3.0.0'] });
    expect(readdirSync(dir)).toEqual(['agent.tar']);
    const { createReadStream } = await import('node:fs');
    expect(await engine.load(createReadStream(to), { emit: () => undefined })).toEqual(['agent:3.0.0']);
    expect(await load(p, started.host)).toMatchObject({ present: true, names: [{ state: 'present' }] });
    await expect(exportImage(await loadManifest(p.dir), imageExportOptions.parse(options), p.io)).rejects.toMatchObject(
      { code: 'USAGE' },
    );
  });
});
