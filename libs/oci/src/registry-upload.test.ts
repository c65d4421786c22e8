import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BatonError, sha256 } from '@baton/kernel';
import {
  fixedCredentials,
  instantWaits,
  noise,
  startRegistryServer,
  streamOf,
  type TestRegistry,
  type TestRegistryOptions,
} from '@baton/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { connectRegistry, type RegistryOptions } from './registry-client.ts';

const bytes = noise(400_000);
const blob = { digest: sha256(bytes), size: bytes.byteLength };

async function setUp(options: TestRegistryOptions = {}, clientOptions: RegistryOptions = {}) {
  const registry = await startRegistryServer(options);
  onTestFinished(() => registry.stop());
  const client = connect(registry.host, clientOptions);
  const opened = { times: 0 };
  const open = () => {
    opened.times += 1;
    return streamOf(bytes)();
  };
  return { registry, client, opened, open };
}

function connect(host: string, options: RegistryOptions = {}) {
  const client = connectRegistry(host, { credentials: fixedCredentials(), waits: instantWaits(), ...options });
  onTestFinished(() => client.close());
  return client;
}

const steps = ({ log }: TestRegistry): string[] => log.map(({ method, status }) => `${method} ${status}`);

test('two requests on one connection', async () => {
  const { registry, client, open } = await setUp();
  for (let i = 0; i < 5; i += 1) await client.putBlob(`acme/app${i}`, blob, open);
  expect(steps(registry)).toEqual(Array.from({ length: 5 }, () => ['POST 202', 'PUT 201']).flat());
  expect(new Set(registry.log.map(({ connection }) => connection)).size).toBe(1);
  expect(client.stats).toMatchObject({ requests: 10, retries: 0, sent: 5 * blob.size });
});

test('the query of a Location comes back as it was, relative or absolute', async () => {
  for (const location of ['relative', 'absolute'] as const) {
    const { registry, client, open } = await setUp({ location });
    expect(await client.putBlob('acme/app', blob, open)).toBe('uploaded');
    const session = registry.log[1]?.path.split('/').at(-1);
    expect(registry.log[1]?.query).toBe(`?_state=s%2F${session}%3D&digest=${encodeURIComponent(blob.digest)}`);
  }
});

test.each([
  ['a reset before anything', { kind: 'reset', when: 'before' }],
  ['a reset in the middle of the body', { kind: 'reset', when: 'request', bytes: 100_000 }],
  ['a 500 after the body', { kind: 'status', status: 500 }],
  ['a 503 before the body', { kind: 'status', status: 503, early: true }],
] as const)('%s starts again with a new session and a new body', async (_, fault) => {
  const { registry, client, opened, open } = await setUp();
  registry.inject({ method: 'PUT' }, fault, { times: 2 });
  expect(await client.putBlob('acme/app', blob, open)).toBe('uploaded');
  expect(opened.times).toBeGreaterThan(1);
  expect(steps(registry).filter((step) => step === 'POST 202')).toHaveLength(3);
  expect(await registry.store.blobSize('acme/app', blob.digest)).toBe(blob.size);
});

test('a blob that arrived although its answer was lost is not sent again', async () => {
  const { registry, client, opened, open } = await setUp();
  registry.inject({ method: 'PUT' }, { kind: 'reset', when: 'after' });
  expect(await client.putBlob('acme/app', blob, open)).toBe('uploaded');
  expect(opened.times).toBe(1);
  expect(steps(registry)).toEqual(['POST 202', 'PUT 0', 'HEAD 200']);
});

test('a lost session starts again twice, then UPLOAD_LOST', async () => {
  const { registry, client, opened, open } = await setUp();
  const lostOnce = ['POST 202', 'PUT 404', 'HEAD 404'];
  registry.inject({ method: 'PUT' }, { kind: 'lose-session' }, { times: 2 });
  expect(await client.putBlob('acme/app', blob, open)).toBe('uploaded');
  expect(opened.times).toBe(3);
  expect(steps(registry)).toEqual([...lostOnce, ...lostOnce, 'POST 202', 'PUT 201']);
  registry.inject({ method: 'PUT' }, { kind: 'lose-session' }, { times: 3 });
  await expect(client.putBlob('acme/other', blob, open)).rejects.toMatchObject({
    code: 'UPLOAD_LOST',
    retryable: true,
  });
  expect(client.stats.retries).toBe(0);
  expect(registry.pendingFaults()).toBe(0);
});

test('sessions that a restarted registry forgot', async () => {
  const { registry, client, open } = await setUp();
  registry.inject({ method: 'PUT' }, { kind: 'after', run: () => registry.store.dropUploads() });
  expect(await client.putBlob('acme/app', blob, open)).toBe('uploaded');
});

test('an early refusal ends it without hanging and without a retry', async () => {
  const { registry, client, opened, open } = await setUp();
  const body = JSON.stringify({ errors: [{ code: 'SIZE_LIMIT', message: 'too large for this plan' }] });
  registry.inject({ method: 'PUT' }, { kind: 'status', status: 413, early: true, body });
  await expect(client.putBlob('acme/app', blob, open)).rejects.toMatchObject({
    code: 'REGISTRY_REJECTED',
    message: expect.stringContaining('status 413'),
    details: { registryCode: 'SIZE_LIMIT' },
  });
  expect(opened.times).toBe(1);
  expect(client.stats.retries).toBe(0);
});

test('a refusal that the first try could not hear is heard by asking before sending', async () => {
  // Closes right after its answer, with the body unread: the connection is reset, and the answer with it.
  const answered: string[] = [];
  const server = createServer((request, response) => {
    if (request.method === 'POST') {
      response.writeHead(202, { Location: '/v2/acme/app/blobs/uploads/1' });
      response.end();
    } else if (request.method === 'HEAD') {
      response.writeHead(404);
      response.end();
    } else {
      answered.push('reset');
      request.socket.resetAndDestroy();
    }
  });
  server.on('checkContinue', (_, response) => {
    answered.push('asked');
    response.writeHead(413, { Connection: 'close' });
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const client = connect(`127.0.0.1:${(server.address() as AddressInfo).port}`);
  await expect(client.putBlob('acme/app', blob, streamOf(bytes))).rejects.toMatchObject({
    code: 'REGISTRY_REJECTED',
    details: { status: 413 },
  });
  expect(answered).toEqual(['reset', 'asked']);
});

test('what the source throws is no reason to try again', async () => {
  const { client } = await setUp();
  const fault = new BatonError('STORE_CORRUPT', 'a blob is damaged');
  let times = 0;
  const open = async function* () {
    times += 1;
    yield bytes.subarray(0, 1000);
    throw fault;
  };
  await expect(client.putBlob('acme/app', blob, open)).rejects.toBe(fault);
  expect(times).toBe(1);
});

test('a mount that is not granted becomes an upload', async () => {
  for (const status of [400, 403, 404, 405]) {
    const { registry, client, open } = await setUp();
    registry.inject({ path: /mount=/ }, { kind: 'status', status });
    expect(await client.putBlob('acme/app', blob, open, { mountFrom: 'acme/base' })).toBe('uploaded');
    expect(steps(registry)).toEqual([`POST ${status}`, 'POST 202', 'PUT 201']);
  }
  const { registry, client, open } = await setUp({ mounts: false });
  await registry.store.addBlob('acme/base', bytes);
  expect(await client.putBlob('acme/app', blob, open, { mountFrom: 'acme/base' })).toBe('uploaded');
  expect(steps(registry)).toEqual(['POST 202', 'PUT 201']);
});

test('a blob is not mounted from its own repository', async () => {
  const { registry, client, open } = await setUp();
  expect(await client.putBlob('acme/app', blob, open, { mountFrom: 'acme/app' })).toBe('uploaded');
  expect(registry.log[0]?.query).toBe('');
});

test('another digest stored than sent is DIGEST_MISMATCH', async () => {
  const { registry, client, open } = await setUp();
  registry.inject({ method: 'PUT' }, { kind: 'headers', headers: { 'Docker-Content-Digest': sha256('other') } });
  await expect(client.putBlob('acme/app', blob, open)).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
});

test.each([
  [undefined],
  ['http://'],
  ['ftp://127.0.0.1/x'],
])('a Location that is none is REGISTRY_PROTOCOL: %s', async (Location) => {
  const { registry, client, open } = await setUp();
  registry.inject({ method: 'POST' }, { kind: 'headers', headers: { Location } });
  const work = client.putBlob('acme/app', blob, open);
  await expect(work).rejects.toMatchObject({ code: 'REGISTRY_PROTOCOL' });
});

test('a Location on another host gets the bytes, but no credentials', async () => {
  const headers: unknown[] = [];
  const other = createServer((request, response) => {
    headers.push(request.headers.authorization);
    request.resume().on('end', () => {
      response.writeHead(201);
      response.end();
    });
  });
  await new Promise<void>((resolve) => other.listen(0, 'localhost', resolve));
  onTestFinished(() => void other.close());
  const user = { username: 'robot', password: 'password-canary' };
  const credentials = fixedCredentials(user);
  const { registry, client, open } = await setUp({ auth: { scheme: 'basic', ...user } }, { credentials });
  const Location = `http://localhost:${(other.address() as AddressInfo).port}/upload?token=location-canary`;
  registry.inject({ method: 'POST' }, { kind: 'headers', headers: { Location } }, { skip: 1 });
  expect(await client.putBlob('acme/app', blob, open)).toBe('uploaded');
  expect(headers).toEqual([undefined]);
});

test('what is in flight is bounded: the source is read no faster than the registry takes it', async () => {
  let received = 0;
  const server = createServer((request, response) => {
    if (request.method === 'POST') {
      response.writeHead(202, { Location: '/v2/acme/app/blobs/uploads/1' });
      response.end();
      return;
    }
    request.on('data', (chunk: Buffer) => {
      received += chunk.byteLength;
    });
    request.on('end', () => {
      response.writeHead(201);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const client = connect(`127.0.0.1:${(server.address() as AddressInfo).port}`);
  const size = 200_000_000;
  const chunk = Buffer.alloc(100_000);
  let given = 0;
  let most = 0;
  const open = async function* () {
    for (; given < size; given += chunk.byteLength) {
      most = Math.max(most, given - received);
      yield chunk;
    }
  };
  expect(await client.putBlob('acme/app', { digest: sha256('unchecked here'), size }, open)).toBe('uploaded');
  expect(received).toBe(size);
  // What kernel and Node buffer on loopback; without back-pressure it would be all of it.
  expect(most).toBeLessThan(40_000_000);
});
