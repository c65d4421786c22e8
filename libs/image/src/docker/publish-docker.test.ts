import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseStatement, readStatement, subjectDigests } from '@baton/evidence';
import { canonicalJson, type Json } from '@baton/kernel';
import { parseIndex, parseManifest } from '@baton/oci';
import { needs, startDockerRegistry, startRegistryServer, type TestRegistry } from '@baton/testkit';
import { afterAll, beforeAll, expect } from 'vitest';
import { planPublish } from '../plan-publish.ts';
import { publishOptions, type TestProject } from '../project.fixture.ts';
import { build, digestOfTag, publish } from '../publish.fixture.ts';
import { imageVerifyOptions } from '../verify/options.ts';
import { verifyProject } from '../verify/verify-image.ts';
import { dockerProject, sharedEngine, withEngine } from './docker.fixture.ts';

const test = needs('dockerd', 'busybox');
const engine = sharedEngine();
let registry: TestRegistry;
let count = 0;
beforeAll(async () => {
  registry = await startRegistryServer();
});
afterAll(async () => {
  await registry.stop();
});

/** A project that is published to a repository of its own. */
async function project(image: Record<string, unknown> = {}): Promise<{ p: TestProject; name: string }> {
  count += 1;
  const name = `acme/agent-${count}`;
  const tags = ['latest', '{version}', '{major}.{minor}'];
  const p = await dockerProject(await engine(), {
    repository: `${registry.host}/${name}`,
    version: '1.2.3',
    tags,
    ...image,
  });
  return { p, name };
}

async function tagOf(name: string, tag: string) {
  return await registry.store.manifest(name, tag);
}

/** What changes the registry. */
function writes(from: number): string[] {
  return registry.log
    .slice(from)
    .filter(({ method }) => !['GET', 'HEAD'].includes(method))
    .map(({ method, path }) => `${method} ${path}`);
}

test('builds, pushes by the engine, proves it, and puts the same manifest under every tag', async () => {
  const { p, name } = await project();
  const result = await publish(p, { build: true });
  const [id] = subjectDigests(parseStatement(await p.read('dist/evidence/image.json'), 'image.json'));
  const manifest = await tagOf(name, '1.2.3');
  expect(parseManifest(manifest?.bytes ?? Buffer.alloc(0), 'manifest').config.digest).toBe(id);
  expect(result).toMatchObject({
    unchanged: false,
    reference: `${registry.host}/${name}:latest@${manifest?.digest}`,
    tags: [
      { tag: 'latest', state: 'created' },
      { tag: '1.2.3', state: 'created' },
      { tag: '1.2', state: 'created' },
    ],
  });
  for (const tag of ['latest', '1.2']) expect((await tagOf(name, tag))?.digest).toBe(manifest?.digest);
  const { statement } = await readStatement(join(p.dir, 'dist/evidence/publish.json'));
  expect(subjectDigests(statement)).toEqual([manifest?.digest]);
  expect(statement.predicate).toMatchObject({ result: 'published', publish: { tags: ['1.2', '1.2.3', 'latest'] } });

  await withEngine(await engine(), async (client) => {
    const reference = `${registry.host}/${name}:1.2.3`;
    for (const tag of ['latest', '1.2', '1.2.3']) await client.remove(`${registry.host}/${name}:${tag}`);
    expect(await client.inspect(reference)).toBeUndefined();
    const pulled = await client.pull(reference, { emit: p.io.emit });
    expect(pulled.id).toBe(id);
    const ran = await client.run({ image: reference, timeout: 60_000 }, { emit: p.io.emit });
    expect(ran).toMatchObject({ code: 0, stdout: Buffer.from('hello\n') });
  });
});

test('what the engine pushed is verified like any other image, and started once', async () => {
  const { p } = await project({ verify: { output: 'hello' }, attest: ['statement', 'sbom', 'provenance'] });
  await publish(p, { build: true });
  const options = { ...imageVerifyOptions.parse({}), published: true };
  const verified = await verifyProject(await p.load(), options, p.io);
  expect(verified.checks.filter(({ result }) => result !== 'passed' && result !== 'noted')).toEqual([]);
  expect(verified.checks.find(({ id }) => id === 'run')).toMatchObject({ result: 'passed' });
  expect(verified.run?.how).toMatch(/engine/);
  await p.write({ 'main.txt': 'good bye\n' });
  await p.commit();
  await publish(p, { build: true, tag: ['next'] });
  const wrong = await verifyProject(await p.load(), options, p.io);
  expect(wrong.checks.find(({ id }) => id === 'run')).toMatchObject({ result: 'failed' });
});

test('a second publish changes nothing and says so, with and without building', async () => {
  const { p } = await project();
  const first = await publish(p, { build: true });
  const statement = readFileSync(join(p.dir, 'dist/evidence/publish.json'));
  for (const changes of [{ build: true }, {}, { force: true }, { build: true, force: true }]) {
    const seen = registry.log.length;
    const again = await publish(p, changes);
    expect(again).toMatchObject({ unchanged: true, reference: first.reference });
    expect(again.tags.map(({ state }) => state)).toEqual(['present', 'present', 'present']);
    expect(writes(seen)).toEqual([]);
    expect(readFileSync(join(p.dir, 'dist/evidence/publish.json'))).toEqual(statement);
  }
});

test('only the tags that are lacking are written, and the engine sends nothing again', async () => {
  const { p, name } = await project();
  await publish(p, { build: true });
  const seen = registry.log.length;
  const result = await publish(p, { tag: ['{version}', 'demo'] });
  expect(result.tags).toEqual([
    { tag: '1.2.3', state: 'present' },
    { tag: 'demo', state: 'created' },
  ]);
  expect(writes(seen)).toEqual([`PUT /v2/${name}/manifests/demo`]);
});

test('a version is never overwritten', async () => {
  const { p, name } = await project();
  await publish(p, { build: true });
  const before = await tagOf(name, '1.2.3');
  await p.write({ 'main.txt': 'other\n' });
  await p.commit();
  const seen = registry.log.length;
  await expect(publish(p, { build: true })).rejects.toMatchObject({ code: 'TAG_CONFLICT' });
  expect(writes(seen)).toEqual([]);
  expect((await tagOf(name, '1.2.3'))?.digest).toBe(before?.digest);
});

test('several platforms: each is pushed under its own tag, an index of them under the real ones', async () => {
  const { p, name } = await project({ platforms: ['linux/amd64', 'linux/arm64'] });
  const result = await publish(p, { build: true });
  const ids = subjectDigests(parseStatement(await p.read('dist/evidence/image.json'), 'image.json'));
  const top = await tagOf(name, '1.2.3');
  expect(result.index.digest).toBe(top?.digest);
  const { manifests } = parseIndex(top?.bytes ?? Buffer.alloc(0), 'index');
  expect(manifests.map(({ platform }) => platform?.architecture)).toEqual(['amd64', 'arm64']);
  const configs = await Promise.all(
    manifests.map(async ({ digest }) => {
      const child = await registry.store.manifest(name, digest);
      return parseManifest(child?.bytes ?? Buffer.alloc(0), 'manifest').config.digest;
    }),
  );
  expect(configs.sort()).toEqual([...ids].sort());
  for (const arch of ['amd64', 'arm64']) expect(await tagOf(name, `1.2.3-${arch}`)).toBeDefined();
  const seen = registry.log.length;
  expect(await publish(p, { force: true })).toMatchObject({ unchanged: true, index: result.index });
  expect(writes(seen)).toEqual([]);
});

test('one platform may be built to try it, and is not published for all', async () => {
  const { p } = await project({ platforms: ['linux/amd64', 'linux/arm64'] });
  const result = await build(p, { platform: 'linux/arm64' });
  expect(result.engine?.images.map(({ platform }) => platform)).toEqual(['linux/arm64']);
  const seen = registry.log.length;
  await expect(publish(p)).rejects.toMatchObject({
    code: 'IMAGE_NOT_BUILT',
    message: 'agent.yaml lists linux/amd64, linux/arm64, and the engine built linux/arm64 alone',
  });
  expect(writes(seen)).toEqual([]);
  await expect(build(p, { platform: 'linux/s390x' })).rejects.toMatchObject({ code: 'PLATFORM_MISSING' });
});

test('without the statement of the build, or with one of another image, nothing is pushed', async () => {
  const { p } = await project();
  await build(p);
  const statement = await p.read('dist/evidence/image.json');
  await p.write({ 'main.txt': 'other\n' });
  await build(p);
  await p.write({ 'dist/evidence/image.json': statement });
  const seen = registry.log.length;
  await expect(publish(p)).rejects.toMatchObject({ code: 'EVIDENCE_MISMATCH' });
  await p.write({ 'dist/evidence/image.json': '{}' });
  await expect(publish(p)).rejects.toMatchObject({ code: 'EVIDENCE_INVALID' });
  expect(writes(seen)).toEqual([]);
  expect(await publish(p, { acceptUnproven: 'a test', tag: ['try'] })).toMatchObject({
    tags: [{ tag: 'try', state: 'created' }],
  });
});

test('the statement must be about the image of every platform', async () => {
  const { p } = await project({ platforms: ['linux/amd64', 'linux/arm64'] });
  const built = await build(p);
  const statement = parseStatement(await p.read('dist/evidence/image.json'), 'image.json');
  const first = statement.subject.filter(({ digest }) => built.index.digest.endsWith(digest.sha256 ?? 'none'));
  expect(first).toHaveLength(1);
  await p.write({ 'dist/evidence/image.json': canonicalJson({ ...statement, subject: first } as Json) });
  const seen = registry.log.length;
  await expect(publish(p)).rejects.toMatchObject({ code: 'EVIDENCE_MISMATCH' });
  expect(writes(seen)).toEqual([]);
});

test('an engine that lost the image, or does not answer, is named', async () => {
  const { p } = await project({ version: '5.0.0' });
  const result = await build(p);
  await withEngine(await engine(), async (client) => await client.remove(result.engine?.images[0]?.name ?? ''));
  await expect(publish(p)).rejects.toMatchObject({ code: 'IMAGE_NOT_BUILT' });
  p.io.env.DOCKER_HOST = 'unix:///nowhere/docker.sock';
  await expect(publish(p)).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
  await expect(publish(p, { build: true })).rejects.toMatchObject({
    code: 'ENGINE_UNAVAILABLE',
    message: 'no container engine at unix:///nowhere/docker.sock: there is no socket',
  });
});

test('a dry run asks the registry and not the engine', async () => {
  const { p, name } = await project();
  await build(p);
  p.io.env.DOCKER_HOST = 'unix:///nowhere/docker.sock';
  const seen = registry.log.length;
  const plan = await planPublish(await p.load(), publishOptions({ dryRun: true }), p.io);
  expect(plan).toMatchObject({
    unchanged: false,
    indexAction: 'put',
    tags: [{ tag: 'latest', action: 'create' }, {}, {}],
  });
  expect(writes(seen)).toEqual([]);
  expect(await digestOfTag(registry, name)).toBeUndefined();
});

needs(
  'dockerd',
  'busybox',
  'docker-registry',
)('into distribution 2.8, with an account', async () => {
  const server = await startDockerRegistry({ auth: 'basic' });
  try {
    const p = await dockerProject(await engine(), {
      repository: `${server.host}/agent`,
      version: '1.0.0',
      tags: ['{version}', 'latest'],
      attest: ['statement', 'provenance'],
    });
    await expect(publish(p, { build: true })).rejects.toMatchObject({ code: 'AUTH_MISSING' });
    const auth = Buffer.from('baton:baton-test').toString('base64');
    const config = join(p.io.env.DOCKER_CONFIG ?? '', 'config.json');
    await writeFile(config, JSON.stringify({ auths: { [server.host]: { auth } } }));
    const result = await publish(p, { build: true });
    expect(result.tags.map(({ state }) => state)).toEqual(['created', 'created']);
    expect(result.attached.map(({ kind }) => kind).sort()).toEqual(['provenance', 'statement']);
    expect(await publish(p, { force: true })).toMatchObject({ unchanged: true });
  } finally {
    await server.stop();
  }
});
