import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProcess, toolEnv } from '@baton/kernel';
import { openLayout } from '@baton/oci';
import { needs, startRegistryServer, temporaryDirectory } from '@baton/testkit';
import { describe, expect, test } from 'vitest';
import { buildImage } from './build-image.ts';
import { exportImage } from './export-image.ts';
import { lockImage } from './lock-image.ts';
import { type ImageExportOptions, imageExportOptions } from './options.ts';
import {
  baseLayout,
  buildOptions,
  publishOptions,
  type TestProject,
  TWO_PLATFORMS,
  testProject,
} from './project.fixture.ts';
import { publishImage } from './publish-image.ts';
import { readLayoutImage } from './sparse-layout.ts';
import type { ExportResult } from './types.ts';

const BASE = '../base/dist/image';

async function built(image: Record<string, unknown> = {}): Promise<TestProject> {
  const project = await testProject({ ...TWO_PLATFORMS, base: { layout: BASE }, ...image });
  await baseLayout(join(project.dir, BASE));
  await buildImage(await project.load(), buildOptions(), project.io);
  return project;
}

async function run(project: TestProject, options: Partial<ImageExportOptions> & { to: string }): Promise<ExportResult> {
  return await exportImage(await project.load(), imageExportOptions.parse(options), project.io);
}

const target = (): string => join(temporaryDirectory('export'), 'out');

describe('a layout', () => {
  test('is complete', async () => {
    const project = await built();
    const to = target();
    const result = await run(project, { to });
    const { layout, image } = await readLayoutImage(to);
    expect(image.index.descriptor).toEqual(result.index);
    for (const { manifest } of image.platforms) {
      for (const blob of [manifest.config, ...manifest.layers]) {
        let size = 0;
        for await (const chunk of layout.blobs.stream(blob.digest, blob.size)) size += chunk.byteLength;
        expect(size).toBe(blob.size);
      }
    }
    expect(result.fetched).toBeGreaterThan(0);
  });

  test('shares no file with the project', async () => {
    const project = await built();
    const to = target();
    await run(project, { to });
    for (const digest of await (await openLayout(to)).blobs.list()) {
      expect(statSync((await openLayout(to)).blobs.path(digest)).nlink).toBe(1);
    }
  });

  test('may go into an empty directory, and nowhere else', async () => {
    const project = await built();
    const to = target();
    mkdirSync(to);
    await run(project, { to });
    const before = readdirSync(to);
    await expect(run(project, { to })).rejects.toMatchObject({ code: 'USAGE' });
    expect(readdirSync(to)).toEqual(before);
    const file = join(temporaryDirectory('export'), 'file');
    writeFileSync(file, 'mine');
    await expect(run(project, { to: file })).rejects.toMatchObject({ code: 'USAGE' });
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });

  test('appears whole or not at all', async () => {
    const project = await built();
    rmSync(join(project.dir, BASE), { recursive: true });
    const parent = temporaryDirectory('export');
    await expect(run(project, { to: join(parent, 'out') })).rejects.toMatchObject({ code: 'BASE_NOT_FOUND' });
    expect(readdirSync(parent)).toEqual([]);
  });
});

describe('an archive', () => {
  test('is the layout in one file, the same bytes each time', async () => {
    const project = await built();
    const [one, two] = [target(), target()];
    await run(project, { to: one, format: 'archive' });
    const umask = process.umask(0o077);
    await run(project, { to: two, format: 'archive' }).finally(() => process.umask(umask));
    expect(readFileSync(one).equals(readFileSync(two))).toBe(true);
    expect(statSync(two).mode & 0o777).toBe(0o644);
    const layout = target();
    await run(project, { to: layout });
    const listed = await runProcess({ command: 'tar', args: ['-tf', one], env: toolEnv() });
    const names = listed.stdout.toString().trim().split('\n');
    const blobs = (await (await openLayout(layout)).blobs.list()).map((digest) => `blobs/${digest.replace(':', '/')}`);
    expect(names).toEqual(['blobs/', 'blobs/sha256/', ...blobs, 'index.json', 'oci-layout']);
  });

  test('does not replace a file', async () => {
    const project = await built();
    const to = target();
    writeFileSync(to, 'mine');
    await expect(run(project, { to, format: 'archive' })).rejects.toMatchObject({ code: 'USAGE' });
    expect(readFileSync(to, 'utf8')).toBe('mine');
  });
});

describe('a root file system', () => {
  test('has the files of the base and of the layers', async () => {
    const project = await built();
    const to = target();
    const result = await run(project, { to, format: 'rootfs', platform: 'linux/arm64' });
    expect(result.platform).toBe('linux/arm64');
    expect(readFileSync(join(to, 'etc-base'), 'utf8')).toBe('base of linux/arm64\n');
    expect(readFileSync(join(to, 'app/main.txt'), 'utf8')).toBe('hello\n');
    expect(readFileSync(join(to, 'bin/tool'), 'utf8')).toBe('arm64 program\n');
  });

  test('is of the only platform without being told', async () => {
    const project = await built({ platforms: ['linux/riscv64'], layers: [], base: 'scratch' });
    expect((await run(project, { to: target(), format: 'rootfs' })).platform).toBe('linux/riscv64');
  });

  test('asks where it cannot know', async () => {
    const project = await built();
    await expect(run(project, { to: target(), format: 'rootfs', platform: 'linux/s390x' })).rejects.toMatchObject({
      code: 'PLATFORM_MISSING',
    });
    const strange = await built({ platforms: ['linux/riscv64', 'linux/s390x'], layers: [], base: 'scratch' });
    await expect(run(strange, { to: target(), format: 'rootfs' })).rejects.toMatchObject({ code: 'USAGE' });
  });
});

test('the platform belongs to the root file system', async () => {
  const project = await built();
  await expect(run(project, { to: target(), platform: 'linux/amd64' })).rejects.toMatchObject({ code: 'USAGE' });
});

test('without an image there is nothing to export', async () => {
  const project = await testProject();
  await expect(run(project, { to: target() })).rejects.toMatchObject({ code: 'IMAGE_NOT_BUILT' });
});

test('layers of a base in a registry are fetched once', async () => {
  const registry = await startRegistryServer();
  try {
    const base = await testProject({ ...TWO_PLATFORMS, repository: `${registry.host}/base`, tags: ['one'] });
    await publishImage(await base.load(), publishOptions({ build: true }), base.io);
    const project = await testProject({ ...TWO_PLATFORMS, layers: [], base: { ref: `${registry.host}/base:one` } });
    await lockImage(await project.load(), { check: false }, project.io);
    await buildImage(await project.load(), buildOptions(), project.io);
    expect(registry.log.filter(({ method, path }) => method === 'GET' && path.includes('/blobs/'))).toHaveLength(2);
    const to = target();
    await run(project, { to, format: 'rootfs', platform: 'linux/amd64' });
    expect(readFileSync(join(to, 'bin/tool'), 'utf8')).toBe('amd64 program\n');
    const before = registry.log.length;
    await run(project, { to: target(), format: 'rootfs', platform: 'linux/amd64' });
    expect(registry.log.length).toBe(before);
    expect(existsSync(to)).toBe(true);
  } finally {
    await registry.stop();
  }
});

const withSkopeo = needs('skopeo');
withSkopeo('skopeo accepts the layout and the archive', async () => {
  const project = await built();
  const [layout, archive] = [target(), target()];
  await run(project, { to: layout });
  await run(project, { to: archive, format: 'archive' });
  for (const from of [`oci:${layout}`, `oci-archive:${archive}`]) {
    const to = target();
    const args = ['copy', '--quiet', '--all', '--insecure-policy', from, `oci:${to}:copy`];
    const result = await runProcess({ command: 'skopeo', args, env: toolEnv() });
    expect(result.stderr.toString()).toBe('');
    expect(result.code).toBe(0);
    const copied = await openLayout(to);
    expect(copied.index.manifests[0]?.digest).toBe((await openLayout(layout)).index.manifests[0]?.digest);
  }
});
