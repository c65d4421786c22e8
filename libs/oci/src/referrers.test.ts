import { type Digest, sha256 } from '@baton/kernel';
import {
  type FaultAction,
  fixedCredentials,
  instantWaits,
  needs,
  startDockerRegistry,
  startRegistryServer,
  streamOf,
  type TestRegistry,
  type TestRegistryOptions,
  tinyImage,
} from '@baton/testkit';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { encodeDocument, parseIndex } from './manifest.ts';
import { MEDIA_TYPES } from './media-types.ts';
import { connectRegistry, type RegistryClient } from './registry-client.ts';
import { nextLink } from './registry-pages.ts';

const REPOSITORY = 'acme/app';
const SPDX = 'application/spdx+json';
const PROVENANCE = 'application/vnd.in-toto+json';
const subject = { mediaType: MEDIA_TYPES.manifest, digest: sha256('the image'), size: 9 };
const tag = subject.digest.replace(':', '-');

function connect(host: string): RegistryClient {
  const client = connectRegistry(host, { credentials: fixedCredentials(), waits: instantWaits() });
  onTestFinished(() => client.close());
  return client;
}

async function setUp(options: TestRegistryOptions = {}) {
  const registry = await startRegistryServer(options);
  onTestFinished(() => registry.stop());
  await registry.store.addBlob(REPOSITORY, Buffer.from('{}'));
  return { registry, client: connect(registry.host) };
}

/** An attestation: an empty config, no layers, a type and a note that tells it from others. */
function attestation(artifactType: string | undefined, note: string, about: { digest: Digest } = subject): Buffer {
  return encodeDocument({
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    ...(artifactType === undefined ? {} : { artifactType }),
    config: { mediaType: MEDIA_TYPES.emptyJson, digest: sha256('{}'), size: 2 },
    layers: [],
    subject: { ...subject, digest: about.digest },
    annotations: { note },
  });
}

const attach = (client: RegistryClient, bytes: Buffer) => client.putReferrer(REPOSITORY, bytes, MEDIA_TYPES.manifest);
const list = (client: RegistryClient, type?: string) => client.listReferrers(REPOSITORY, subject.digest, type);
const notes = (found: Awaited<ReturnType<typeof list>>) => found.descriptors.map((one) => one.annotations?.note).sort();
const requests = ({ log }: TestRegistry) =>
  log.map(({ method, path, status }) => `${method} ${path.slice('/v2/acme/app/'.length).split(':')[0]} ${status}`);

test('where the registry lists referrers: two requests, nothing under the tag', async () => {
  const { registry, client } = await setUp();
  const bytes = attestation(SPDX, 'one');
  const descriptor = {
    mediaType: MEDIA_TYPES.manifest,
    digest: sha256(bytes),
    size: bytes.byteLength,
    artifactType: SPDX,
    annotations: { note: 'one' },
  };
  expect(await attach(client, bytes)).toEqual({ descriptor, by: 'api' });
  expect(await list(client)).toEqual({ descriptors: [descriptor], by: 'api' });
  expect(requests(registry)).toEqual(['PUT manifests/sha256 201', 'GET referrers/sha256 200']);
  expect(await registry.store.tags(REPOSITORY)).toEqual([]);
});

test('where it does not: the tag lists them, each once, and keeps what others wrote', async () => {
  const { registry, client } = await setUp({ referrers: false });
  const foreign = { mediaType: MEDIA_TYPES.manifest, digest: sha256('foreign'), size: 7, 'com.example.more': ['kept'] };
  await registry.store.putManifest(REPOSITORY, foreign.digest, Buffer.from('foreign'), MEDIA_TYPES.manifest);
  const old = { schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: [foreign], annotations: { by: 'others' } };
  await registry.store.putManifest(REPOSITORY, tag, Buffer.from(JSON.stringify(old)), MEDIA_TYPES.index);
  for (const note of ['one', 'two', 'one']) {
    expect(await attach(client, attestation(SPDX, note))).toMatchObject({
      by: 'tag',
      descriptor: { artifactType: SPDX },
    });
  }
  const found = await list(client);
  expect(found.by).toBe('tag');
  expect(notes(found)).toEqual(['one', 'two', undefined]);
  const stored = JSON.parse((await registry.store.manifest(REPOSITORY, tag))?.bytes.toString() ?? '');
  expect(stored).toMatchObject({ annotations: { by: 'others' }, manifests: [foreign, {}, {}] });
});

test('no referrers, no repository: an empty list', async () => {
  for (const referrers of [true, false]) {
    const { client } = await setUp({ referrers });
    expect((await list(client)).descriptors).toEqual([]);
    expect((await client.listReferrers('acme/none', subject.digest)).descriptors).toEqual([]);
  }
});

test.each([
  ['by the registry', {}],
  ['by the client, where the registry does not filter', { referrerFilter: false }],
  ['by the client, from the tag', { referrers: false }],
])('one type is asked for: filtered %s', async (_, habits) => {
  const { client } = await setUp(habits);
  await attach(client, attestation(SPDX, 'sbom'));
  await attach(client, attestation(PROVENANCE, 'provenance'));
  await attach(client, attestation(undefined, 'the type of its config'));
  expect(notes(await list(client, PROVENANCE))).toEqual(['provenance']);
  expect(notes(await list(client, MEDIA_TYPES.emptyJson))).toEqual(['the type of its config']);
  expect(notes(await list(client))).toHaveLength(3);
});

test('page after page', async () => {
  const { registry, client } = await setUp({ referrerPage: 2 });
  const all = Array.from({ length: 7 }, (_, i) => `n${i}`);
  for (const note of all) await attach(client, attestation(SPDX, note));
  registry.log.length = 0;
  expect(notes(await list(client, SPDX))).toEqual(all);
  expect(registry.log.map(({ query }) => new URLSearchParams(query).get('artifactType'))).toEqual([
    SPDX,
    SPDX,
    SPDX,
    SPDX,
  ]);
});

const next = (target: string): FaultAction => ({ kind: 'headers', headers: { Link: `<${target}>; rel="next"` } });
test.each([
  ['in a circle', next(`/v2/acme/app/referrers/${subject.digest}`), 'links its pages in a circle'],
  ['elsewhere', next('http://other.example.com/v2/'), 'links to another host'],
  ['to nothing', next('/v2/acme/app/nothing'), 'links to a page that it does not have'],
])('pages that lead %s are REGISTRY_PROTOCOL', async (_, fault, message) => {
  const { registry, client } = await setUp();
  registry.inject({ path: '/referrers/' }, fault, { times: 9 });
  await expect(list(client)).rejects.toMatchObject({
    code: 'REGISTRY_PROTOCOL',
    message: expect.stringContaining(message),
  });
});

test.each([
  ['404', { kind: 'status', status: 404 }],
  ['400', { kind: 'status', status: 400 }],
  ['405', { kind: 'status', status: 405 }],
  ['a redirect to a web page', { kind: 'status', status: 303, headers: { Location: 'https://example.com/' } }],
  ['a web page', { kind: 'status', status: 200, headers: { 'Content-Type': 'text/html' }, body: '<html>' }],
  ['JSON that is no index', { kind: 'status', status: 200, body: '{}' }],
] as const)('%s means that the tag is to be asked', async (_, fault) => {
  const { registry, client } = await setUp({ referrers: false });
  await attach(client, attestation(SPDX, 'one'));
  registry.inject({ path: '/referrers/' }, fault);
  expect(await list(client)).toMatchObject({ by: 'tag', descriptors: [{ annotations: { note: 'one' } }] });
});

test.each([
  ['the question', '/referrers/', 503, 'REGISTRY_REJECTED'],
  ['the question', '/referrers/', 501, 'REGISTRY_REJECTED'],
  ['the tag', '/manifests/', 500, 'REGISTRY_REJECTED'],
  ['the tag', '/manifests/', 403, 'AUTH_DENIED'],
] as const)('a registry that cannot answer %s is an error, not "none": %s %i', async (_, path, status, code) => {
  const { registry, client } = await setUp({ referrers: false });
  registry.inject({ path }, { kind: 'status', status }, { times: 99 });
  await expect(list(client)).rejects.toMatchObject({ code });
  if (path === '/manifests/') await expect(attach(client, attestation(SPDX, 'one'))).rejects.toMatchObject({ code });
});

test('a broken index is IMAGE_INVALID, from the registry and from the tag, and is not written over', async () => {
  const body = JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: [{ digest: 'x' }] });
  const { registry, client } = await setUp();
  const headers = { 'Content-Type': MEDIA_TYPES.index };
  registry.inject({ path: '/referrers/' }, { kind: 'status', status: 200, headers, body });
  await expect(list(client)).rejects.toMatchObject({ code: 'IMAGE_INVALID' });
  const old = await setUp({ referrers: false });
  const image = tinyImage();
  await old.registry.store.putManifest(REPOSITORY, tag, image.manifest, image.mediaType);
  await expect(list(old.client)).rejects.toMatchObject({ code: 'IMAGE_INVALID' });
  await expect(attach(old.client, attestation(SPDX, 'one'))).rejects.toMatchObject({ code: 'IMAGE_INVALID' });
  expect((await old.registry.store.manifest(REPOSITORY, tag))?.digest).toBe(image.digest);
});

test('a manifest without subject is refused before anything is sent', async () => {
  const { registry, client } = await setUp();
  await expect(attach(client, tinyImage().manifest)).rejects.toMatchObject({
    code: 'IMAGE_INVALID',
    message: expect.stringContaining('expected a subject'),
  });
  expect(registry.log).toEqual([]);
});

test('writers in one process wait for each other', async () => {
  const { client } = await setUp({ referrers: false });
  const all = Array.from({ length: 8 }, (_, i) => `n${i}`);
  await Promise.all(all.map((note) => attach(client, attestation(SPDX, note))));
  expect(notes(await list(client))).toEqual(all);
});

test('an entry that another writer replaced is written again; at last it is an error', async () => {
  const { registry, client } = await setUp({ referrers: false });
  const other = encodeDocument({ schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: [] });
  const replace = async () => void (await registry.store.putManifest(REPOSITORY, tag, other, MEDIA_TYPES.index));
  // Every second GET of the tag is the look after the write.
  registry.inject({ method: 'GET', path: `/manifests/${tag}` }, { kind: 'after', run: replace }, { skip: 1, times: 2 });
  await attach(client, attestation(SPDX, 'one'));
  expect(notes(await list(client))).toEqual(['one']);
  registry.inject({ method: 'GET', path: `/manifests/${tag}` }, { kind: 'after', run: replace }, { times: 99 });
  await expect(attach(client, attestation(SPDX, 'two'))).rejects.toMatchObject({
    code: 'REGISTRY_REJECTED',
    message: expect.stringContaining('written 5 times'),
  });
});

test('an immutable tag is TAG_CONFLICT', async () => {
  const { client } = await setUp({ referrers: false, immutableTags: true });
  await attach(client, attestation(SPDX, 'one'));
  await expect(attach(client, attestation(SPDX, 'two'))).rejects.toMatchObject({ code: 'TAG_CONFLICT' });
});

needs('docker-registry')('distribution 2.8 does not list them: the tag does', async () => {
  const registry = await startDockerRegistry();
  onTestFinished(() => registry.stop());
  const client = connect(registry.host);
  const image = tinyImage();
  const empty = Buffer.from('{}');
  for (const blob of [image.config, image.layer, { digest: sha256(empty), size: 2, bytes: empty }]) {
    await client.putBlob(REPOSITORY, blob, streamOf(blob.bytes));
  }
  await client.putManifest(REPOSITORY, 'v1', image.manifest, image.mediaType);
  for (const note of ['one', 'two']) {
    expect((await attach(client, attestation(SPDX, note, image))).by).toBe('tag');
  }
  const found = await client.listReferrers(REPOSITORY, image.digest, SPDX);
  expect([found.by, notes(found)]).toEqual(['tag', ['one', 'two']]);
  const { bytes } = await client.getManifest(REPOSITORY, image.digest.replace(':', '-'));
  expect(parseIndex(bytes, 'the tag').manifests).toHaveLength(2);
});

test('a Link header never throws; what it names as next is found among others', () => {
  const from = new URL('https://registry.example.com/v2/a/referrers/x');
  fc.assert(fc.property(fc.string(), (text) => void nextLink(text, from)));
  const part = fc.stringMatching(/^[a-z0-9._~=&?-][a-z0-9/._~%=&?-]{0,20}$/);
  fc.assert(
    fc.property(part, part, fc.boolean(), (path, other, quoted) => {
      const rel = quoted ? 'rel="next"' : 'rel=next';
      const header = `</${other}>; rel="prev", </${path}>; ${rel}; title="x"`;
      expect(nextLink(header, from)?.href).toBe(new URL(`/${path}`, from).href);
    }),
  );
});
