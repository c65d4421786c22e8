import { sha256 } from '@baton/kernel';
import {
  fixedCredentials,
  instantWaits,
  startRegistryServer,
  type TestRegistryOptions,
  tinyImage,
} from '@baton/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { connectRegistry } from './registry-client.ts';

const image = tinyImage();
const descriptor = { mediaType: image.mediaType, digest: image.digest, size: image.manifest.byteLength };
const error = (code: string, message = 'words') => JSON.stringify({ errors: [{ code, message }] });

/** A registry that has the image under v1, and a client of it. */
async function setUp(options: TestRegistryOptions = {}) {
  const registry = await startRegistryServer(options);
  onTestFinished(() => registry.stop());
  for (const { bytes } of [image.config, image.layer]) await registry.store.addBlob('acme/app', bytes);
  await registry.store.putManifest('acme/app', 'v1', image.manifest, image.mediaType);
  const waits = instantWaits();
  const client = connectRegistry(registry.host, {
    credentials: fixedCredentials({ username: 'u', password: 'pass-canary' }),
    waits,
  });
  onTestFinished(() => client.close());
  return { registry, client, waits };
}

test('HEAD: missing only on 404', async () => {
  const { client, registry } = await setUp();
  expect(await client.headManifest('acme/app', 'v1')).toEqual(descriptor);
  expect(await client.headManifest('acme/app', 'v2')).toBe(undefined);
  expect(await client.headManifest('acme/other', 'v1')).toBe(undefined);
  expect(registry.log.map(({ method }) => method)).toEqual(['HEAD', 'HEAD', 'HEAD']);
});

test.each([
  429, 500, 502, 503, 504, 408, 499, 522,
])('HEAD: %i is repeated and then an error, never "missing"', async (status) => {
  const { client, registry, waits } = await setUp();
  registry.inject({ method: 'HEAD' }, { kind: 'status', status }, { times: 4 });
  expect(await client.headManifest('acme/app', 'v1')).toEqual(descriptor);
  expect(waits.asked).toHaveLength(4);
  registry.inject({ method: 'HEAD' }, { kind: 'status', status }, { times: 5 });
  const code = status === 429 ? 'RATE_LIMITED' : 'REGISTRY_REJECTED';
  await expect(client.headManifest('acme/app', 'v1')).rejects.toMatchObject({ code });
  expect(registry.pendingFaults()).toBe(0);
});

test.each([400, 402, 410, 418, 451])('HEAD: %i is an error at once', async (status) => {
  const { client, registry, waits } = await setUp();
  registry.inject({ method: 'HEAD' }, { kind: 'status', status });
  await expect(client.headManifest('acme/app', 'v1')).rejects.toMatchObject({ code: 'REGISTRY_REJECTED' });
  expect(waits.asked).toEqual([]);
});

test('HEAD 403: GET tells what it means', async () => {
  const { client, registry } = await setUp();
  const headDenied = () => registry.inject({ method: 'HEAD' }, { kind: 'status', status: 403 });
  const getAnswers = (status: number, body: string) =>
    registry.inject({ method: 'GET' }, { kind: 'status', status, body });
  headDenied();
  expect(await client.headManifest('acme/app', 'v1')).toEqual(descriptor);
  headDenied();
  expect(await client.headManifest('acme/app', 'v9')).toBe(undefined);
  headDenied();
  getAnswers(403, error('NAME_UNKNOWN'));
  expect(await client.headManifest('acme/app', 'v1')).toBe(undefined);
  headDenied();
  getAnswers(403, error('DENIED', 'not yours'));
  await expect(client.headManifest('acme/app', 'v1')).rejects.toMatchObject({
    code: 'AUTH_DENIED',
    message: expect.stringContaining('DENIED: not yours'),
  });
});

test('HEAD without digest, size or type asks with GET', async () => {
  const { client, registry } = await setUp();
  for (const header of ['Docker-Content-Digest', 'Content-Type', 'Content-Length']) {
    registry.inject({ method: 'HEAD' }, { kind: 'headers', headers: { [header]: undefined } });
    expect(await client.headManifest('acme/app', 'v1')).toEqual(descriptor);
  }
  registry.inject({ method: 'HEAD' }, { kind: 'status', status: 405 });
  expect(await client.headManifest('acme/app', 'v1')).toEqual(descriptor);
});

test('GET: the digest of what was sent counts', async () => {
  const { client, registry } = await setUp();
  registry.inject({ method: 'GET' }, { kind: 'corrupt' }, { times: 2 });
  await expect(client.getManifest('acme/app', 'v1')).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
  await expect(client.getManifest('acme/app', image.digest)).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
  registry.inject({ method: 'GET' }, { kind: 'headers', headers: { 'Docker-Content-Digest': sha256('other') } });
  await expect(client.getManifest('acme/app', 'v1')).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
  registry.inject({ method: 'GET' }, { kind: 'headers', headers: { 'Docker-Content-Digest': undefined } });
  expect((await client.getManifest('acme/app', 'v1')).descriptor).toEqual(descriptor);
});

test('GET: a digest asks for its own bytes, whatever the headers say', async () => {
  const { client, registry } = await setUp();
  const other = tinyImage('another');
  const headers = { 'Content-Type': other.mediaType, 'Docker-Content-Digest': other.digest };
  registry.inject({ method: 'GET' }, { kind: 'status', status: 200, headers, body: other.manifest });
  await expect(client.getManifest('acme/app', image.digest)).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
  registry.inject({ method: 'HEAD' }, { kind: 'headers', headers });
  await expect(client.headManifest('acme/app', image.digest)).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
});

test('GET: a body that breaks off is fetched again', async () => {
  const { client, registry } = await setUp();
  registry.inject({ method: 'GET' }, { kind: 'truncate', bytes: 100 });
  registry.inject({ method: 'GET' }, { kind: 'reset', when: 'response', bytes: 50 });
  registry.inject({ method: 'GET' }, { kind: 'reset', when: 'before' });
  expect((await client.getManifest('acme/app', 'v1')).bytes.equals(image.manifest)).toBe(true);
  expect(registry.pendingFaults()).toBe(0);
});

test('GET: the type comes from the header, else from the document', async () => {
  const { client, registry } = await setUp();
  for (const type of [undefined, 'application/json', 'text/plain', 'application/octet-stream']) {
    registry.inject({ method: 'GET' }, { kind: 'headers', headers: { 'Content-Type': type } });
    expect((await client.getManifest('acme/app', 'v1')).descriptor.mediaType).toBe(image.mediaType);
  }
  registry.inject({ method: 'GET' }, { kind: 'headers', headers: { 'Content-Type': 'application/x; charset=utf-8' } });
  expect((await client.getManifest('acme/app', 'v1')).descriptor.mediaType).toBe('application/x');
  registry.inject({ method: 'GET' }, { kind: 'status', status: 200, body: 'no json' });
  await expect(client.getManifest('acme/app', 'v1')).rejects.toMatchObject({ code: 'REGISTRY_PROTOCOL' });
});

test('GET: more than 4 MiB is refused', async () => {
  const { client, registry } = await setUp();
  registry.inject({ method: 'GET' }, { kind: 'status', status: 200, body: Buffer.alloc(4 * 1024 * 1024 + 1, '{') });
  await expect(client.getManifest('acme/app', 'v1')).rejects.toMatchObject({ code: 'REGISTRY_PROTOCOL' });
});

test('PUT: what the registry stored must be what was sent', async () => {
  const { client, registry } = await setUp();
  await client.putManifest('acme/app', 'v2', image.manifest, image.mediaType);
  expect(await registry.store.manifest('acme/app', 'v2')).toEqual({
    ...descriptor,
    bytes: image.manifest,
    size: undefined,
  });
  registry.inject({ method: 'PUT' }, { kind: 'headers', headers: { 'Docker-Content-Digest': sha256('other') } });
  const work = client.putManifest('acme/app', 'v3', image.manifest, image.mediaType);
  await expect(work).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
  const wrong = client.putManifest('acme/app', sha256('other'), image.manifest, image.mediaType);
  await expect(wrong).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
});

test('PUT: an answer that was lost is repeated', async () => {
  const { client, registry } = await setUp({ immutableTags: true });
  registry.inject({ method: 'PUT' }, { kind: 'reset', when: 'after' });
  await client.putManifest('acme/app', 'v2', image.manifest, image.mediaType);
  expect((await registry.store.manifest('acme/app', 'v2'))?.digest).toBe(image.digest);
  expect(client.stats.retries).toBe(1);
});

test.each([
  [true],
  [{ status: 409, code: 'CONFLICT', message: 'no' }],
  [{ status: 412, code: 'PRECONDITION', message: 'configured as immutable' }],
  [{ status: 403, code: 'DENIED', message: 'tag cannot be overwritten' }],
  [{ status: 400, code: 'TAG_IMMUTABLE', message: '' }],
])('PUT: a tag that must not move is TAG_CONFLICT: %j', async (immutableTags) => {
  const { client } = await setUp({ immutableTags });
  const other = tinyImage('a layer');
  const changed = Buffer.from(`${other.manifest.toString('utf8')} `);
  const work = client.putManifest('acme/app', 'v1', changed, other.mediaType);
  await expect(work).rejects.toMatchObject({
    code: 'TAG_CONFLICT',
    details: { expected: sha256(changed), found: image.digest },
  });
});

test('PUT: a refusal of the tag that already has these bytes is no conflict', async () => {
  const { client, registry } = await setUp();
  registry.inject(
    { method: 'PUT' },
    { kind: 'status', status: 400, body: error('TAG_INVALID', 'tag v1 is immutable') },
  );
  await client.putManifest('acme/app', 'v1', image.manifest, image.mediaType);
});

test('PUT: a refusal for other reasons is not a conflict', async () => {
  const { client, registry } = await setUp();
  const put = (reference: string) => client.putManifest('acme/app', reference, image.manifest, image.mediaType);
  registry.inject(
    { method: 'PUT' },
    { kind: 'status', status: 403, body: error('DENIED', 'requested access is denied') },
  );
  await expect(put('v2')).rejects.toMatchObject({ code: 'AUTH_DENIED' });
  registry.inject({ method: 'PUT' }, { kind: 'status', status: 400, body: error('MANIFEST_INVALID', 'bad') });
  await expect(put('v2')).rejects.toMatchObject({ code: 'REGISTRY_REJECTED' });
  registry.inject({ method: 'PUT' }, { kind: 'status', status: 404, body: error('MANIFEST_BLOB_UNKNOWN', 'sha256:x') });
  await expect(put('v2')).rejects.toMatchObject({ code: 'REGISTRY_REJECTED' });
  registry.inject({ method: 'PUT' }, { kind: 'status', status: 409, body: error('X', 'immutable') });
  await expect(put(image.digest)).rejects.toMatchObject({ code: 'REGISTRY_REJECTED' });
});
