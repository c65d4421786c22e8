import { join } from 'node:path';
import { openStore } from '@baton/oci';
import { startRegistryServer } from '@baton/testkit';
import { expect, test } from 'vitest';
import { type BaseBlobs, baseBlobs } from './base-blobs.ts';
import { imageSection } from './image-section.ts';
import { baseLayout, publishOptions, type TestProject, TWO_PLATFORMS, testProject } from './project.fixture.ts';
import { publishImage } from './publish-image.ts';
import { openRegistries } from './registries.ts';
import { readLayoutImage } from './sparse-layout.ts';

async function blobsOf(project: TestProject, registry?: string): Promise<BaseBlobs | undefined> {
  const loaded = await project.load();
  return await baseBlobs(loaded, imageSection(loaded).base, registry, openRegistries(project.io));
}

async function bytes(source: AsyncIterable<Uint8Array> | undefined): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of source ?? []) parts.push(part);
  return Buffer.concat(parts);
}

test('scratch has no layers to find', async () => {
  expect(await blobsOf(await testProject())).toBeUndefined();
});

test('a layout is read, and named as the manifest does', async () => {
  const project = await testProject({ ...TWO_PLATFORMS, base: { layout: '../base/dist/image' } });
  const dir = join(project.dir, '../base/dist/image');
  await baseLayout(dir);
  const { image } = await readLayoutImage(dir);
  const [layer] = image.platforms[0]?.manifest.layers ?? [];
  const found = await blobsOf(project, 'localhost:1');
  expect(found).toMatchObject({ title: '../base/dist/image', mountFrom: undefined, remote: false });
  expect(layer && (await bytes(found?.open(layer))).byteLength).toBe(layer?.size);
});

test('a layout without the layer is an error that says what to do', async () => {
  const project = await testProject({ ...TWO_PLATFORMS, base: { layout: '../base/dist/image' } });
  const store = openStore(join(project.dir, 'other'));
  const blob = await store.add(Buffer.from('no layer of the base'));
  const found = await blobsOf(project);
  await expect(bytes(found?.open(blob))).rejects.toMatchObject({ code: 'BASE_NOT_FOUND' });
});

test('a reference is linked on its own registry and read from others', async () => {
  const registry = await startRegistryServer();
  try {
    const base = await testProject({ ...TWO_PLATFORMS, repository: `${registry.host}/acme/base`, tags: ['one'] });
    await publishImage(await base.load(), publishOptions({ build: true }), base.io);
    const project = await testProject({ base: { ref: `${registry.host}/acme/base:one` } });
    expect(await blobsOf(project, registry.host)).toMatchObject({ mountFrom: 'acme/base', remote: true });
    const elsewhere = await blobsOf(project, 'ghcr.io');
    expect(elsewhere?.mountFrom).toBeUndefined();
    const { image } = await readLayoutImage(join(base.dir, 'dist/image'));
    const [layer] = image.platforms[0]?.manifest.layers ?? [];
    expect(layer && (await bytes(elsewhere?.open(layer))).byteLength).toBe(layer?.size);
  } finally {
    await registry.stop();
  }
});
