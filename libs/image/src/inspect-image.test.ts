import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startRegistryServer } from '@baton/testkit';
import { expect, test } from 'vitest';
import { buildImage } from './build-image.ts';
import { inspectImage } from './inspect-image.ts';
import { imageInspectOptions } from './options.ts';
import { baseLayout, buildOptions, publishOptions, TWO_PLATFORMS, testProject } from './project.fixture.ts';
import { publishImage } from './publish-image.ts';
import { reportInspection } from './report-inspection.ts';
import type { ImageIo, Inspection } from './types.ts';

const look = (image: string, io: ImageIo, platform?: string): Promise<Inspection> =>
  inspectImage(imageInspectOptions.parse({ image, platform }), io);

test('the same image looks the same in a project, a layout and a registry', async () => {
  const registry = await startRegistryServer();
  try {
    const repository = `${registry.host}/acme/agent`;
    const project = await testProject({ ...TWO_PLATFORMS, repository, tags: ['edge'] });
    const built = await buildImage(await project.load(), buildOptions(), project.io);
    await publishImage(await project.load(), publishOptions(), project.io);
    const here = await look(project.dir, project.io);
    const layout = await look(built.layout, project.io);
    const there = await look(`${repository}:edge`, project.io);
    const byDigest = await look(`${repository}@${built.index.digest}`, project.io);
    expect([here.kind, layout.kind, there.kind]).toEqual(['project', 'layout', 'registry']);
    for (const other of [layout, there, byDigest]) {
      expect(other.index).toEqual(here.index);
      expect(other.platforms).toEqual(here.platforms);
      expect(other.statements).toEqual([]);
    }
    expect(here.platforms.map(({ platform }) => platform)).toEqual(['linux/amd64', 'linux/arm64']);
    expect(here.statements.map(({ capability, result }) => `${capability} ${result}`)).toEqual([
      'image built',
      'publish published',
    ]);
    const text = reportInspection(here);
    for (const part of [
      built.index.digest,
      'linux/arm64',
      'entrypoint ["/bin/tool","/app/main.txt"]',
      'env MODE=test',
      'baton: files',
    ]) {
      expect(text).toContain(part);
    }
  } finally {
    await registry.stop();
  }
});

test('layers of a base are marked as being elsewhere', async () => {
  const project = await testProject({ ...TWO_PLATFORMS, base: { layout: '../base/dist/image' } });
  await baseLayout(join(project.dir, '../base/dist/image'));
  await buildImage(await project.load(), buildOptions(), project.io);
  const inspection = await look(project.dir, project.io, 'linux/amd64');
  expect(inspection.platforms.map(({ layers }) => layers.map(({ here }) => here))).toEqual([[false, true, true]]);
  expect(reportInspection(inspection)).toContain('(in the base)');
});

test('a statement about another image is shown as such', async () => {
  const project = await testProject();
  await buildImage(await project.load(), buildOptions(), project.io);
  const old = await project.read('dist/evidence/image.json');
  await project.write({ 'files/shared/main.txt': 'changed' });
  await buildImage(await project.load(), buildOptions(), project.io);
  writeFileSync(join(project.dir, 'dist/evidence/image.json'), old);
  expect(reportInspection(await look(project.dir, project.io))).toContain('about another image');
});

test('a single manifest in a registry is an image of one platform', async () => {
  const registry = await startRegistryServer();
  try {
    const project = await testProject({ ...TWO_PLATFORMS, repository: `${registry.host}/a`, tags: ['edge'] });
    const { index } = await publishImage(await project.load(), publishOptions({ build: true }), project.io);
    const whole = await look(`${registry.host}/a@${index.digest}`, project.io);
    const one = await look(`${registry.host}/a@${whole.platforms[1]?.manifest.digest}`, project.io);
    expect(one.platforms.map(({ platform }) => platform)).toEqual(['linux/arm64']);
  } finally {
    await registry.stop();
  }
});

test.each([
  ['a project that was not built', async () => (await testProject()).dir, 'IMAGE_NOT_BUILT'],
  ['a path where nothing is', async () => './no/such/place', 'IMAGE_NOT_BUILT'],
  ['a repository without tag', async () => 'localhost:1/acme/agent', 'USAGE'],
  ['text that is no reference', async () => 'UPPER/case:x', 'INVALID_REFERENCE'],
])('%s is an error', async (_, image, code) => {
  const project = await testProject();
  await expect(look(await image(), project.io)).rejects.toMatchObject({ code });
});

test('an absent platform is an error that names the others', async () => {
  const project = await testProject();
  await buildImage(await project.load(), buildOptions(), project.io);
  await expect(look(project.dir, project.io, 'linux/s390x')).rejects.toMatchObject({
    code: 'PLATFORM_MISSING',
    message: expect.stringContaining('linux/amd64, linux/arm64'),
    hint: expect.stringContaining('--platform'),
  });
  rmSync(join(project.dir, 'dist'), { recursive: true });
});

test("a damaged blob of somebody else's layout is reported and stays where it is", async () => {
  const project = await testProject(TWO_PLATFORMS);
  const { index, layout } = await buildImage(await project.load(), buildOptions(), project.io);
  const copy = join(project.dir, 'copy');
  cpSync(layout, copy, { recursive: true });
  const blob = join(copy, 'blobs/sha256', index.digest.slice('sha256:'.length));
  writeFileSync(blob, readFileSync(blob, 'utf8').replace('amd64', 'amd65'));
  const refused = { code: 'STORE_CORRUPT', hint: expect.stringMatching(/copy it again/) };
  await expect(look(copy, project.io)).rejects.toMatchObject(refused);
  expect(readFileSync(blob, 'utf8')).toContain('amd65');
  expect(existsSync(join(copy, 'quarantine'))).toBe(false);
});
