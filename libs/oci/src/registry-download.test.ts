import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { type Digest, sha256 } from '@baton/kernel';
import {
  collect,
  fixedCredentials,
  instantWaits,
  noise,
  startRegistryServer,
  type TestRegistryOptions,
} from '@baton/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { connectRegistry, type RegistryOptions } from './registry-client.ts';

const bytes = noise(400_000);
const blob = { digest: sha256(bytes), size: bytes.byteLength };

async function setUp(options: TestRegistryOptions = {}, clientOptions: RegistryOptions = {}) {
  const registry = await startRegistryServer(options);
  onTestFinished(() => registry.stop());
  await registry.store.addBlob('acme/app', bytes);
  const client = connectRegistry(registry.host, {
    credentials: fixedCredentials(),
    waits: instantWaits(),
    ...clientOptions,
  });
  onTestFinished(() => client.close());
  const get = (wanted: { digest: Digest; size: number } = blob) => collect(client.getBlob('acme/app', wanted));
  return { registry, client, get };
}

test.each([
  ['a reset before the answer', { kind: 'reset', when: 'before' }],
  ['a reset in the body', { kind: 'reset', when: 'response', bytes: 150_000 }],
  ['an end in the body', { kind: 'truncate', bytes: 150_000 }],
  ['an end before the body', { kind: 'truncate', bytes: 0 }],
  ['a 502', { kind: 'status', status: 502 }],
] as const)('goes on after %s', async (_, fault) => {
  const { registry, get, client } = await setUp();
  registry.inject({ method: 'GET' }, fault, { times: 3 });
  expect((await get()).equals(bytes)).toBe(true);
  expect(registry.pendingFaults()).toBe(0);
  expect(client.stats.retries).toBeGreaterThan(1);
});

test('goes on behind the last byte with Range', async () => {
  const { registry, get } = await setUp();
  registry.inject({ method: 'GET' }, { kind: 'truncate', bytes: 150_000 });
  expect((await get()).equals(bytes)).toBe(true);
  const ranges = registry.log.map(({ headers, status }) => [headers.range, status]);
  expect(ranges).toEqual([
    [undefined, 200],
    ['bytes=150000-', 206],
  ]);
});

test('where Range is ignored, what was delivered is dropped from the second answer', async () => {
  const { registry, get } = await setUp({ ranges: false });
  registry.inject({ method: 'GET' }, { kind: 'truncate', bytes: 150_001 });
  expect((await get()).equals(bytes)).toBe(true);
  expect(registry.log.map(({ status }) => status)).toEqual([200, 200]);
});

test('a blob that changed in between is DIGEST_MISMATCH', async () => {
  const { registry, get } = await setUp({ ranges: false });
  registry.inject({ method: 'GET' }, { kind: 'corrupt' });
  await expect(get()).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
  registry.inject({ method: 'GET' }, { kind: 'truncate', bytes: 200_000 });
  registry.inject({ method: 'GET' }, { kind: 'status', status: 200, body: noise(400_000, 9) });
  await expect(get()).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
});

test.each([
  'bytes 0-399999/400000',
  'bytes 150000-399999/500000',
  'bytes 150000-299999/400000',
  'nonsense',
  undefined,
])('a 206 for another part is REGISTRY_PROTOCOL: %s', async (range) => {
  const { registry, get } = await setUp();
  registry.inject({ method: 'GET' }, { kind: 'truncate', bytes: 150_000 });
  registry.inject({ method: 'GET' }, { kind: 'headers', headers: { 'Content-Range': range } });
  await expect(get()).rejects.toMatchObject({ code: 'REGISTRY_PROTOCOL' });
});

test('more bytes than promised end it at once', async () => {
  const { registry, client, get } = await setUp();
  registry.inject({ method: 'GET' }, { kind: 'extend', bytes: 10 });
  let received = 0;
  const read = async () => {
    for await (const chunk of client.getBlob('acme/app', blob)) received += chunk.byteLength;
  };
  await expect(read()).rejects.toMatchObject({ code: 'DIGEST_MISMATCH', details: { found: 'more' } });
  expect(received).toBeLessThanOrEqual(blob.size);
  // Announced by its length: not even begun.
  await expect(get({ digest: blob.digest, size: 1000 })).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
  await expect(get({ digest: blob.digest, size: 500_000 })).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
});

test('fewer bytes than promised, in good order, are DIGEST_MISMATCH', async () => {
  const { registry, get } = await setUp();
  const fault = { kind: 'headers', headers: { 'Content-Length': undefined, 'Transfer-Encoding': 'chunked' } } as const;
  registry.inject({ method: 'GET' }, fault);
  await expect(get({ digest: blob.digest, size: 500_000 })).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
});

test('a slow body is waited for, one that stalls is fetched on', async () => {
  const { registry, get } = await setUp({}, { timeouts: { idle: 150 } });
  registry.inject({ method: 'GET' }, { kind: 'slow', chunk: 30_000, pause: 20 });
  expect((await get()).equals(bytes)).toBe(true);
  registry.inject({ method: 'GET' }, { kind: 'stall', bytes: 100_000 });
  expect((await get()).equals(bytes)).toBe(true);
  expect(registry.log.at(-1)?.headers.range).toBe('bytes=100000-');
});

test('a connection that breaks again and again is given up, in the end', async () => {
  const { registry, get, client } = await setUp();
  registry.inject({ method: 'GET' }, { kind: 'truncate', bytes: 1000 }, { times: 1000 });
  await expect(get()).rejects.toMatchObject({ code: 'REGISTRY_UNREACHABLE', retryable: true });
  expect(client.stats.retries).toBeLessThan(30);
  registry.clearFaults();
  registry.inject({ method: 'GET' }, { kind: 'reset', when: 'before' }, { times: 1000 });
  await expect(get()).rejects.toMatchObject({ code: 'REGISTRY_UNREACHABLE' });
});

test('a reader that stops early frees the connection', async () => {
  const { client, registry } = await setUp();
  for await (const chunk of client.getBlob('acme/app', blob)) {
    expect(chunk.byteLength).toBeGreaterThan(0);
    break;
  }
  expect(await client.headBlob('acme/app', blob.digest)).toBe(blob.size);
  expect(registry.log).toHaveLength(2);
});

test('HEAD: missing only on 404, repeated on 5xx, an error on the rest', async () => {
  const { client, registry } = await setUp();
  expect(await client.headBlob('acme/app', sha256('nothing'))).toBe(undefined);
  registry.inject({ method: 'HEAD' }, { kind: 'status', status: 500 }, { times: 2 });
  expect(await client.headBlob('acme/app', blob.digest)).toBe(blob.size);
  for (const [status, code] of [
    [403, 'AUTH_DENIED'],
    [400, 'REGISTRY_REJECTED'],
  ] as const) {
    registry.inject({ method: 'HEAD' }, { kind: 'status', status });
    await expect(client.headBlob('acme/app', blob.digest)).rejects.toMatchObject({ code });
  }
  registry.inject({ method: 'HEAD' }, { kind: 'headers', headers: { 'Content-Length': undefined } });
  await expect(client.headBlob('acme/app', blob.digest)).rejects.toMatchObject({ code: 'REGISTRY_PROTOCOL' });
});

test('a reader that is slower than the registry holds it back', async () => {
  let given = 0;
  const size = 200_000_000;
  const source = async function* () {
    const chunk = Buffer.alloc(100_000);
    for (; given < size; given += chunk.byteLength) yield chunk;
  };
  const server = createServer((_, response) => {
    response.writeHead(200, { 'Content-Length': size });
    // The reader breaks off: that the pipeline fails then is what it should do.
    pipeline(source, response).catch(() => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = connectRegistry(host, { credentials: fixedCredentials() });
  onTestFinished(() => client.close());
  let received = 0;
  let most = 0;
  for await (const chunk of client.getBlob('acme/app', { digest: blob.digest, size })) {
    received += chunk.byteLength;
    most = Math.max(most, given - received);
    if (received > 20_000_000) break;
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(most).toBeLessThan(40_000_000);
});
