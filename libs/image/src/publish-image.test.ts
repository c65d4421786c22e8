import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Digest, digestHex, sha256 } from '@baton/kernel';
import { parseIndex, parseManifest } from '@baton/oci';
import { startRegistryServer, type TestRegistry } from '@baton/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { planPublish } from './plan-publish.ts';
import { baseLayout, publishOptions, type TestProject, TWO_PLATFORMS } from './project.fixture.ts';
import { build, digestOfTag, type ProjectParts, publish, publishProject } from './publish.fixture.ts';
import { publishImage } from './publish-image.ts';
import { unchangedPublish } from './unchanged.ts';

let registry: TestRegistry;
beforeEach(async () => {
  registry = await startRegistryServer();
});
afterEach(async () => {
  expect(registry.pendingFaults()).toBe(0);
  await registry.stop();
});

const project = (...parts: ProjectParts): Promise<TestProject> => publishProject(registry, ...parts);
const tagged = (tag: string): Promise<Digest | undefined> => digestOfTag(registry, tag);
const requests = (): string[] => registry.log.map(({ method, path }) => `${method} ${path}`);

describe('a first publish', () => {
  test('puts the image and its tags there, whole', async () => {
    const p = await project();
    const built = await build(p, { release: '1.2.3' });
    const result = await publish(p, { release: '1.2.3' });
    const commit = await p.repository.git('rev-parse', 'HEAD');
    expect(result).toMatchObject({
      reference: `${registry.host}/acme/agent:1.2.3@${built.index.digest}`,
      repository: `${registry.host}/acme/agent`,
      index: built.index,
      unchanged: false,
      uploads: { blobs: 5, mounted: 0, present: 0, manifests: 3 },
    });
    expect(result.tags).toEqual(
      ['1.2.3', '1.2', '1', 'latest', `sha-${commit}`].map((tag) => ({ tag, state: 'created' })),
    );
    for (const { tag } of result.tags) expect(await tagged(tag)).toBe(built.index.digest);
    const index = parseIndex((await registry.store.manifest('acme/agent', '1.2.3'))?.bytes ?? Buffer.alloc(0), 'test');
    for (const { digest } of index.manifests) {
      const manifest = parseManifest(
        (await registry.store.manifest('acme/agent', digest))?.bytes ?? Buffer.alloc(0),
        'test',
      );
      for (const blob of [manifest.config, ...manifest.layers]) {
        expect(await registry.store.blobSize('acme/agent', blob.digest)).toBe(blob.size);
      }
    }
  });

  test('sends blobs, then manifests, then the index, then version tags, then the others', async () => {
    const p = await project();
    const built = await build(p, { release: '1.2.3' });
    await publish(p, { release: '1.2.3' });
    const puts = requests().filter((line) => line.startsWith('PUT'));
    const at = (part: string): number => puts.findLastIndex((line) => line.endsWith(part));
    const firstManifest = puts.findIndex((line) => line.includes('/manifests/'));
    expect(puts.slice(0, firstManifest).every((line) => line.includes('/blobs/uploads/'))).toBe(true);
    const children = built.platforms.map(({ manifest }) => at(manifest.digest));
    expect(Math.max(...children)).toBeLessThan(at(built.index.digest));
    expect(at(built.index.digest)).toBeLessThan(at('/1.2.3'));
    expect(at('/1.2.3')).toBeLessThan(at('/latest'));
  });

  test('without a version gives the commit tag alone', async () => {
    const p = await project();
    await build(p);
    const { tags } = await publish(p);
    expect(tags).toEqual([{ tag: `sha-${await p.repository.git('rev-parse', 'HEAD')}`, state: 'created' }]);
  });

  test('can build first', async () => {
    const p = await project();
    const { index } = await publish(p, { build: true, release: '1.2.3' });
    expect(await tagged('1.2.3')).toBe(index.digest);
  });

  test('can go elsewhere, under other tags', async () => {
    const p = await project();
    const built = await build(p);
    await publish(p, { repository: `${registry.host}/other/place`, tag: ['trial'] });
    expect((await registry.store.manifest('other/place', 'trial'))?.digest).toBe(built.index.digest);
    expect(await registry.store.repositories()).toEqual(['other/place']);
  });
});

describe('what is there already', () => {
  test('the same image is not sent again, and it says so', async () => {
    const p = await project();
    await build(p, { release: '1.2.3' });
    const first = await publish(p, { release: '1.2.3' });
    const before = registry.log.length;
    const second = await publish(p, { release: '1.2.3' });
    expect(second).toMatchObject({ unchanged: true, reference: first.reference, index: first.index });
    expect(second.tags.every(({ state }) => state === 'present')).toBe(true);
    // With the memory of the first publish it is a single question.
    expect(requests().slice(before)).toEqual(['HEAD /v2/acme/agent/manifests/1.2.3']);
    expect(p.events).toContainEqual(
      expect.objectContaining({ type: 'done', label: `already published: ${first.reference}` }),
    );
  });

  test('the same without a memory asks more and sends as little', async () => {
    const p = await project();
    await build(p, { release: '1.2.3' });
    await publish(p, { release: '1.2.3' });
    const statement = await p.read('dist/evidence/publish.json');
    const before = registry.log.length;
    const second = await publish(p, { release: '1.2.3', force: true });
    expect(second.unchanged).toBe(true);
    expect(registry.log.slice(before).every(({ method }) => method === 'HEAD' || method === 'GET')).toBe(true);
    expect(await p.read('dist/evidence/publish.json')).toEqual(statement);
  });

  test('a memory does not hide that the registry lost the tag', async () => {
    const p = await project();
    await build(p, { release: '1.2.3' });
    await publish(p, { release: '1.2.3' });
    await registry.store.removeManifest('acme/agent', '1.2.3');
    const again = await publish(p, { release: '1.2.3' });
    expect(again.unchanged).toBe(false);
    expect(again.tags).toContainEqual({ tag: '1.2.3', state: 'created' });
  });

  test('blobs that are there are not sent', async () => {
    const p = await project();
    await build(p);
    await publish(p);
    await p.write({ 'files/amd64/tool': 'another program\n' });
    await p.commit();
    const before = registry.log.length;
    const { uploads } = await publish(p, { build: true });
    // One layer, and both configs, which carry the new revision.
    expect(uploads).toMatchObject({ blobs: 3, present: 2, manifests: 3 });
    // And what is attached to the new image: a statement, provenance, and an SBOM for each platform.
    expect(registry.log.slice(before).filter(({ method }) => method === 'POST')).toHaveLength(7);
  });

  test('a publish that was cut short goes on', async () => {
    const p = await project();
    const built = await build(p, { release: '1.2.3' });
    registry.inject({ method: 'PUT', path: /manifests\/1\.2\.3/ }, { kind: 'status', status: 400 });
    await expect(publish(p, { release: '1.2.3' })).rejects.toMatchObject({ code: 'REGISTRY_REJECTED' });
    expect(await tagged('latest')).toBeUndefined();
    expect(existsSync(join(p.dir, 'dist/evidence/publish.json'))).toBe(false);
    const { uploads } = await publish(p, { release: '1.2.3' });
    expect(uploads).toMatchObject({ blobs: 0, manifests: 0 });
    expect(await tagged('latest')).toBe(built.index.digest);
  });
});

describe('an image on a base', () => {
  const BASE = '../base/dist/image';

  test('takes the layers of a layout from there', async () => {
    const p = await project({ base: { layout: BASE } });
    await baseLayout(join(p.dir, BASE));
    const { uploads, index } = await publish(p, { build: true });
    expect(uploads).toMatchObject({ blobs: 7, mounted: 0 });
    expect((await registry.store.manifest('acme/agent', index.digest))?.digest).toBe(index.digest);
  });

  test('links them where the base was published to the same registry', async () => {
    const p = await project({ base: { layout: BASE } });
    await baseLayout(join(p.dir, BASE));
    await p.write({
      '../base/agent.yaml': JSON.stringify({
        version: 1,
        name: 'base',
        image: { repository: `${registry.host}/acme/base` },
      }),
    });
    const base = { ...p, dir: join(p.dir, '../base') };
    const { loadManifest } = await import('@baton/manifest');
    await publishImage(
      await loadManifest(base.dir),
      publishOptions({ tag: ['one'], acceptUnproven: 'made by a test' }),
      p.io,
    );
    const { uploads } = await publish(p, { build: true });
    expect(uploads).toMatchObject({ blobs: 5, mounted: 2 });
  });

  test('that is gone is an error that says so', async () => {
    const p = await project({ base: { layout: BASE } });
    await baseLayout(join(p.dir, BASE));
    await build(p);
    rmSync(join(p.dir, BASE, 'blobs'), { recursive: true });
    await expect(publish(p)).rejects.toMatchObject({ code: 'BASE_NOT_FOUND' });
  });
});

describe('trouble', () => {
  test('a damaged blob is refused, and the next build repairs it', async () => {
    const p = await project();
    const built = await build(p);
    const digest = built.platforms[0]?.layers[0]?.digest ?? sha256('');
    const path = join(built.layout, 'blobs/sha256', digestHex(digest));
    const bytes = readFileSync(path);
    bytes[bytes.length - 9] = (bytes[bytes.length - 9] ?? 0) ^ 1;
    // In place, as a failing disk does: the cache's name for the same file is damaged with it.
    writeFileSync(path, bytes);
    await expect(publish(p)).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
      hint: expect.stringContaining('baton image build'),
    });
    const { index } = await publish(p, { build: true });
    expect(index).toEqual(built.index);
    expect(await tagged(`sha-${await p.repository.git('rev-parse', 'HEAD')}`)).toBe(built.index.digest);
  });

  test('a blob that was cut is missing', async () => {
    const p = await project();
    const built = await build(p);
    const digest = built.platforms[0]?.layers[0]?.digest ?? sha256('');
    truncateSync(join(built.layout, 'blobs/sha256', digestHex(digest)), 3);
    await expect(publish(p)).rejects.toMatchObject({ code: 'BLOB_MISSING' });
    await expect(publish(p, { build: true })).resolves.toMatchObject({ unchanged: false });
  });

  test('a blob that vanishes from the registry meanwhile is sent once more', async () => {
    const p = await project();
    const built = await build(p);
    const digest = built.platforms[0]?.layers[0]?.digest ?? sha256('');
    registry.inject(
      { method: 'PUT', path: /manifests\/sha256/ },
      { kind: 'after', run: () => registry.store.removeBlob('acme/agent', digest) },
    );
    registry.inject(
      { method: 'PUT', path: /manifests\/sha256/ },
      {
        kind: 'status',
        status: 404,
        body: JSON.stringify({ errors: [{ code: 'MANIFEST_BLOB_UNKNOWN', message: 'blob unknown' }] }),
        headers: { 'Content-Type': 'application/json' },
      },
    );
    await publish(p);
    expect(await registry.store.blobSize('acme/agent', digest)).toBeGreaterThan(0);
    expect(p.events).toContainEqual(expect.objectContaining({ type: 'retry' }));
  });

  test.each([
    ['nothing was built', {}, 'IMAGE_NOT_BUILT'],
    ['there is no repository', { repository: undefined }, 'USAGE'],
    ['there is no tag', { tags: ['{version}'] }, 'USAGE'],
  ])('%s', async (_, image, code) => {
    const p = await project(image);
    if (code !== 'IMAGE_NOT_BUILT') await build(p);
    await expect(publish(p)).rejects.toMatchObject({ code });
    expect(registry.log).toEqual([]);
  });

  test('a repository with a tag is not a repository', async () => {
    const p = await project();
    await build(p);
    await expect(publish(p, { repository: `${registry.host}/a:1` })).rejects.toMatchObject({
      code: 'INVALID_REFERENCE',
    });
  });

  test('a registry that is restarted in the middle', async () => {
    const p = await project();
    const built = await build(p);
    registry.inject({ method: 'PUT', path: 'blobs/uploads' }, { kind: 'after', run: () => registry.restart() });
    await publish(p);
    expect(await tagged(`sha-${await p.repository.git('rev-parse', 'HEAD')}`)).toBe(built.index.digest);
  });
});

describe('a plan', () => {
  test('says what would be done, changes nothing and is plain data', async () => {
    const p = await project({ base: { layout: '../base/dist/image' } });
    await baseLayout(join(p.dir, '../base/dist/image'));
    await build(p, { release: '1.2.3' });
    const plan = await planPublish(await p.load(), publishOptions({ release: '1.2.3' }), p.io);
    expect(registry.log.every(({ method }) => method === 'HEAD' || method === 'GET')).toBe(true);
    expect(JSON.parse(JSON.stringify(plan))).toMatchObject({
      version: '1.2.3',
      indexAction: 'put',
      unchanged: false,
      tags: [{ tag: '1.2.3', kind: 'version', action: 'create' }, {}, {}, { tag: 'latest', action: 'create' }, {}],
    });
    expect(plan.blobs.filter(({ action }) => action === 'upload').map(({ from }) => from)).toContain(
      '../base/dist/image',
    );
    await publish(p, { release: '1.2.3' });
    const after = await planPublish(await p.load(), publishOptions({ release: '1.2.3' }), p.io);
    expect(after).toMatchObject({ unchanged: true, indexAction: 'present' });
    expect(after.blobs.every(({ action }) => action === 'present')).toBe(true);
  });

  test('shows a tag that stays where it is, and why', async () => {
    const p = await project();
    await publish(p, { build: true, release: '0.3.0', tag: ['{version}', 'latest'] });
    await build(p, { release: '0.2.9' });
    const plan = await planPublish(await p.load(), publishOptions({ release: '0.2.9', tag: ['latest'] }), p.io);
    expect(plan.tags).toEqual([expect.objectContaining({ tag: 'latest', action: 'keep', reason: '0.3.0 is newer' })]);
  });
});

test('two publishes at once end in one image', async () => {
  const p = await project();
  await build(p, { release: '1.2.3' });
  const loaded = await p.load();
  const results = await Promise.all(
    [1, 2, 3].map(() => publishImage(loaded, publishOptions({ release: '1.2.3' }), p.io)),
  );
  expect(results.filter(({ unchanged }) => !unchanged)).toHaveLength(1);
  expect(new Set(results.map(({ index }) => index.digest)).size).toBe(1);
});

describe('the memory of a publish', () => {
  test.each<[string, (p: TestProject) => unknown]>([
    ['the manifest', (p) => p.manifest({ ...TWO_PLATFORMS, repository: `${registry.host}/acme/agent`, tags: ['x'] })],
    ['the image', (p) => build(p, { release: '1.2.4' })],
    ['the statement', (p) => rmSync(join(p.dir, 'dist/evidence/publish.json'))],
  ])('is not used when %s changed', async (_, change) => {
    const p = await project();
    await build(p, { release: '1.2.3' });
    await publish(p, { release: '1.2.3' });
    expect(await unchangedPublish(p.dir, publishOptions({ release: '1.2.3' }), p.io)).toMatchObject({
      unchanged: true,
    });
    await change(p);
    expect(await unchangedPublish(p.dir, publishOptions({ release: '1.2.3' }), p.io)).toBeUndefined();
  });

  test('with `build` also asks whether the image is up to date', async () => {
    const p = await project();
    const options = publishOptions({ release: '1.2.3', build: true });
    await publish(p, options);
    expect(await unchangedPublish(p.dir, options, p.io)).toMatchObject({ unchanged: true });
    writeFileSync(join(p.dir, 'files/shared/main.txt'), 'edited');
    expect(await unchangedPublish(p.dir, options, p.io)).toBeUndefined();
    expect(await unchangedPublish(p.dir, { ...options, build: false }, p.io)).toMatchObject({ unchanged: true });
  });
});
