import { join } from 'node:path';
import { runProcess, toolEnv } from '@baton/kernel';
import { type DockerRegistry, needs, runNode, startDockerRegistry, temporaryDirectory } from '@baton/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildImage } from './build-image.ts';
import { lockImage } from './lock-image.ts';
import {
  baseLayout,
  buildOptions,
  publishOptions,
  type TestProject,
  TWO_PLATFORMS,
  testProject,
} from './project.fixture.ts';
import { publishImage } from './publish-image.ts';
import type { PublishResult } from './types.ts';

const withRegistry = needs('docker-registry');

withRegistry.describe('against docker-registry', () => {
  let registry: DockerRegistry;
  beforeAll(async () => {
    registry = await startDockerRegistry();
  });
  afterAll(async () => {
    await registry.stop();
  });

  async function publish(p: TestProject, changes: Parameters<typeof publishOptions>[0] = {}): Promise<PublishResult> {
    return await publishImage(await p.load(), publishOptions({ build: true, ...changes }), p.io);
  }

  test('an image on a base layout is published, and again without sending anything', async () => {
    const base = { layout: '../base/dist/image' };
    const p = await testProject({
      ...TWO_PLATFORMS,
      base,
      repository: `${registry.host}/one/agent`,
      tags: ['{version}', 'latest'],
    });
    await baseLayout(join(p.dir, base.layout));
    const first = await publish(p, { release: '1.0.0' });
    expect(first.uploads).toMatchObject({ blobs: 7, manifests: 3 });
    expect(await publish(p, { release: '1.0.0' })).toMatchObject({ unchanged: true });
    expect(await publish(p, { release: '1.0.0', force: true })).toMatchObject({
      unchanged: true,
      uploads: { blobs: 0 },
    });
  });

  test('layers of a base on the same registry are linked, never fetched', async () => {
    const base = await testProject({ ...TWO_PLATFORMS, repository: `${registry.host}/two/base`, tags: ['one'] });
    await publish(base);
    const ref = `${registry.host}/two/base:one`;
    const p = await testProject({ base: { ref }, repository: `${registry.host}/two/agent`, tags: ['one'] });
    await lockImage(await p.load(), { check: false }, p.io);
    await p.commit();
    const { uploads } = await publish(p);
    // Its own config alone is sent; it has no layer of its own.
    expect(uploads).toMatchObject({ blobs: 1, mounted: 2 });
  });

  test('layers of a base on another registry are passed on', async () => {
    const other = await startDockerRegistry();
    try {
      const base = await testProject({ ...TWO_PLATFORMS, repository: `${other.host}/base`, tags: ['one'] });
      await publish(base);
      const image = { base: { ref: `${other.host}/base:one` }, repository: `${registry.host}/three`, tags: ['one'] };
      const p = await testProject(image);
      await lockImage(await p.load(), { check: false }, p.io);
      const { uploads } = await publish(p);
      expect(uploads).toMatchObject({ blobs: 3, mounted: 0 });
      expect((await publish(p)).unchanged).toBe(true);
    } finally {
      await other.stop();
    }
  });

  test('a version under another digest is a conflict', async () => {
    const image = { ...TWO_PLATFORMS, repository: `${registry.host}/four`, tags: ['{version}'] };
    const [one, two] = [await testProject(image), await testProject({ ...image, user: '1:1' })];
    await publish(one, { release: '1.0.0' });
    await expect(publish(two, { release: '1.0.0' })).rejects.toMatchObject({ code: 'TAG_CONFLICT' });
  });

  test('several processes that publish at once end in one image', async () => {
    const p = await testProject({ ...TWO_PLATFORMS, repository: `${registry.host}/five`, tags: ['sha-{commit}'] });
    await p.load();
    const script = new URL('./child.fixture.ts', import.meta.url);
    const cache = temporaryDirectory('cache');
    const children = await Promise.all([1, 2, 3].map(() => runNode(script, [p.dir, cache, '022', 'publish'])));
    const results = children.map((child) => {
      expect(child.stderr.toString()).toBe('');
      return JSON.parse(child.stdout.toString()) as PublishResult;
    });
    expect(new Set(results.map(({ reference }) => reference)).size).toBe(1);
    expect(results.filter(({ unchanged }) => !unchanged)).toHaveLength(1);
  });

  needs('skopeo')('skopeo reads and copies what was published', async () => {
    const p = await testProject({ ...TWO_PLATFORMS, repository: `${registry.host}/six`, tags: ['one'] });
    const { index } = await publish(p);
    const name = `docker://${registry.host}/six:one`;
    const run = async (...args: string[]): Promise<string> => {
      const result = await runProcess({ command: 'skopeo', args, env: toolEnv() });
      expect(result.stderr.toString()).toBe('');
      expect(result.code).toBe(0);
      return result.stdout.toString();
    };
    const seen = JSON.parse(await run('inspect', '--tls-verify=false', '--override-arch', 'arm64', name)) as {
      Architecture: string;
      Labels: Record<string, string>;
    };
    expect(seen.Architecture).toBe('arm64');
    expect(seen.Labels['org.opencontainers.image.title']).toBe('agent');
    const to = join(temporaryDirectory('copy'), 'layout');
    await run('copy', '--quiet', '--all', '--insecure-policy', '--src-tls-verify=false', name, `oci:${to}:one`);
    expect((await buildImage(await p.load(), buildOptions(), p.io)).index).toEqual(index);
  });

  needs('crane')('crane finds every layer to be what its manifest and config say', async () => {
    const p = await testProject({ ...TWO_PLATFORMS, repository: `${registry.host}/seven`, tags: ['one'] });
    await publish(p);
    for (const platform of TWO_PLATFORMS.platforms) {
      const args = ['validate', '--platform', platform, '--remote', `${registry.host}/seven:one`];
      const result = await runProcess({ command: 'crane', args, env: toolEnv() });
      expect(result.stdout.toString() + result.stderr.toString()).toContain('PASS');
    }
  });
});
