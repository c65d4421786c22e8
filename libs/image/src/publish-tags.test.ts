import { type Digest, sha256 } from '@baton/kernel';
import { startRegistryServer, type TestRegistry } from '@baton/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TestProject } from './project.fixture.ts';
import { build, digestOfTag, type ProjectParts, publish, publishProject, TAGS } from './publish.fixture.ts';

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

describe('version tags', () => {
  test('are written once', async () => {
    const p = await project();
    const first = await build(p, { release: '1.2.3' });
    await publish(p, { release: '1.2.3' });
    await p.write({ 'files/amd64/tool': 'another program\n' });
    await p.commit();
    const second = await build(p, { release: '1.2.3' });
    const error = await publish(p, { release: '1.2.3' }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'TAG_CONFLICT', exitCode: 1 });
    expect(String(error)).toContain(first.index.digest);
    expect(String(error)).toContain(second.index.digest);
    expect(await tagged('1.2.3')).toBe(first.index.digest);
    expect(await tagged('latest')).toBe(first.index.digest);
  });

  test('that somebody else writes meanwhile are not overwritten', async () => {
    const p = await project();
    await build(p, { release: '1.2.3' });
    const theirs = Buffer.from(
      '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}',
    );
    const digest = sha256(theirs);
    const write = async (): Promise<void> =>
      void (await registry.store.putManifest('acme/agent', '1.2.3', theirs, 'application/vnd.oci.image.index.v1+json'));
    // After the plan looked, before the tag is written.
    registry.inject({ method: 'PUT', path: /manifests\/sha256/ }, { kind: 'after', run: write });
    await expect(publish(p, { release: '1.2.3' })).rejects.toMatchObject({ code: 'TAG_CONFLICT' });
    expect(await tagged('1.2.3')).toBe(digest);
  });

  test('that somebody else writes at the very same time are noticed', async () => {
    const p = await project();
    await build(p, { release: '1.2.3' });
    const theirs = Buffer.from(
      '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}',
    );
    const type = 'application/vnd.oci.image.index.v1+json';
    const write = async (): Promise<void> =>
      void (await registry.store.putManifest('acme/agent', '1.2.3', theirs, type));
    // Third question about this tag: the one after our own PUT.
    registry.inject({ method: 'HEAD', path: /manifests\/1\.2\.3/ }, { kind: 'after', run: write }, { skip: 2 });
    await expect(publish(p, { release: '1.2.3' })).rejects.toMatchObject({ code: 'TAG_CONFLICT' });
  });

  test('that the registry itself keeps are a conflict too', async () => {
    await registry.stop();
    registry = await startRegistryServer({ immutableTags: true });
    const p = await project({ tags: ['{version}', 'edge'] });
    await build(p, { release: '1.0.0' });
    await publish(p, { release: '1.0.0' });
    await build(p, { release: '1.1.0' });
    await expect(publish(p, { release: '1.1.0' })).rejects.toMatchObject({ code: 'TAG_CONFLICT' });
  });

  test('of an older line leave the newer floating tags alone', async () => {
    const p = await project();
    await publish(p, { build: true, release: '0.3.0' });
    const newest = await tagged('latest');
    const { tags } = await publish(p, { build: true, release: '0.2.9', force: true, tag: TAGS.slice(0, 4) });
    expect(tags.map(({ tag, state }) => `${tag} ${state}`)).toEqual(['0.2.9 created', '0.2 created']);
    expect(await tagged('latest')).toBe(newest);
    expect(await tagged('0')).toBe(newest);
    const { tags: third } = await publish(p, { build: true, release: '0.3.1', tag: TAGS.slice(0, 4) });
    expect(third.map(({ tag, state }) => `${tag} ${state}`)).toEqual([
      '0.3.1 created',
      '0.3 moved',
      '0 moved',
      'latest moved',
    ]);
  });

  test('of candidates move nothing', async () => {
    const p = await project({ tags: TAGS.slice(0, 4) });
    await publish(p, { build: true, release: '1.0.0' });
    const { tags } = await publish(p, { build: true, release: '1.1.0-rc.1' });
    expect(tags).toEqual([{ tag: '1.1.0-rc.1', state: 'created' }]);
  });

  test('are compared over all pages of a long list', async () => {
    await registry.stop();
    registry = await startRegistryServer({ tagPage: 2 });
    const p = await project({ tags: TAGS.slice(0, 4) });
    for (const release of ['1.9.0', '1.10.0', '1.8.0', '1.9.1']) await publish(p, { build: true, release });
    expect(await tagged('latest')).toBe(await tagged('1.10.0'));
    expect(await tagged('1.9')).toBe(await tagged('1.9.1'));
    expect(await tagged('1')).toBe(await tagged('1.10.0'));
  });
});

describe('the version', () => {
  test('comes from the git tag on this commit', async () => {
    const p = await project({}, { release: { tag: '{name}/v{version}' } });
    await p.repository.git('tag', 'agent/v2.0.0');
    await p.repository.git('tag', 'other/v9.0.0');
    const { index } = await publish(p, { build: true });
    expect(await tagged('2.0.0')).toBe(index.digest);
    expect(await tagged('latest')).toBe(index.digest);
  });

  test('from a git tag is for the image of that commit', async () => {
    const p = await project();
    await build(p);
    await p.write({ 'files/amd64/tool': 'another program\n' });
    await p.commit();
    await p.repository.git('tag', 'agent/v2.0.0');
    await expect(publish(p)).rejects.toMatchObject({ code: 'VERSION_MISMATCH' });
  });

  test('that appears as a git tag later is seen', async () => {
    const p = await project();
    await publish(p, { build: true });
    expect((await publish(p, { build: true })).unchanged).toBe(true);
    await p.repository.git('tag', 'agent/v2.0.0');
    const { tags } = await publish(p, { build: true });
    expect(tags).toContainEqual({ tag: '2.0.0', state: 'created' });
  });

  test.each([
    ['--release', {}, { release: '1.2.4' }],
    ['image.version', { version: '1.2.4' }, {}],
  ])('of %s must be the one on the label', async (_, image, options) => {
    const p = await project(image);
    await build(p, { release: '1.2.3' });
    await expect(publish(p, options)).rejects.toMatchObject({
      code: 'VERSION_MISMATCH',
      message: expect.stringMatching(/1\.2\.4.*1\.2\.3/),
    });
  });

  test.each(['1.2.3+build.7', 'v1.2.3', 'latest'])('%s is refused', async (release) => {
    const p = await project();
    await build(p);
    await expect(publish(p, { release })).rejects.toMatchObject({ code: 'VERSION_INVALID' });
  });

  test('is refused on an unclean tree, which may have a tag of its own', async () => {
    const p = await project();
    await p.write({ 'files/amd64/tool': 'uncommitted\n' });
    await build(p, { release: '1.2.3' });
    await expect(publish(p, { release: '1.2.3' })).rejects.toMatchObject({ code: 'REVISION_DIRTY', exitCode: 1 });
    expect((await publish(p, { release: '1.2.3', tag: ['demo'] })).tags).toEqual([{ tag: 'demo', state: 'created' }]);
    await build(p);
    const commit = await p.repository.git('rev-parse', 'HEAD');
    expect((await publish(p)).tags).toEqual([{ tag: `sha-${commit}-dirty`, state: 'created' }]);
    await p.write({ 'files/amd64/tool': 'uncommitted still\n' });
    expect((await publish(p, { build: true })).tags).toEqual([{ tag: `sha-${commit}-dirty`, state: 'moved' }]);
  });
});

test('two versions at once leave the floating tags at the newer one', async () => {
  const [older, newer] = [
    await project({ tags: TAGS.slice(0, 4) }),
    await project({ tags: TAGS.slice(0, 4), user: '1:1' }),
  ];
  await build(older, { release: '1.0.0' });
  await build(newer, { release: '1.0.1' });
  await Promise.all([publish(older, { release: '1.0.0' }), publish(newer, { release: '1.0.1' })]);
  expect(await tagged('latest')).toBe(await tagged('1.0.1'));
  expect(await tagged('1.0')).toBe(await tagged('1.0.1'));
});
