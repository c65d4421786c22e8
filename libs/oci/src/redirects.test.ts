import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BatonError, sha256 } from '@baton/kernel';
import { collect, fixedCredentials, instantWaits, needs, noise, startRegistryServer } from '@baton/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { connectRegistry } from './registry-client.ts';

const bytes = noise(100_000);
const blob = { digest: sha256(bytes), size: bytes.byteLength };
const user = { username: 'robot', password: 'password-canary' };

/** An object storage on another origin, and a registry that sends readers there. */
async function setUp(
  storage: RequestListener,
  target = (origin: string) => `${origin}/blob?X-Signature=signature-canary`,
) {
  const seen: { url: string; authorization: string | undefined; range: string | undefined }[] = [];
  const server = createServer((request, response) => {
    seen.push({ url: request.url ?? '', authorization: request.headers.authorization, range: request.headers.range });
    storage(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const registry = await startRegistryServer({
    auth: { scheme: 'basic', ...user },
    redirectBlobs: () => target(origin),
  });
  onTestFinished(() => registry.stop());
  await registry.store.addBlob('acme/app', bytes);
  const client = connectRegistry(registry.host, { credentials: fixedCredentials(user), waits: instantWaits() });
  onTestFinished(() => client.close());
  return { client, registry, seen, get: () => collect(client.getBlob('acme/app', blob)) };
}

const serveBlob: RequestListener = (request, response) => {
  const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const part = bytes.subarray(start);
  response.writeHead(start === 0 ? 200 : 206, {
    'Content-Length': part.byteLength,
    'Content-Range': `bytes ${start}-${bytes.byteLength - 1}/${bytes.byteLength}`,
  });
  response.end(request.method === 'HEAD' ? undefined : part);
};

test('a blob is read where the registry keeps it, without credentials', async () => {
  const { get, seen, client } = await setUp(serveBlob);
  expect((await get()).equals(bytes)).toBe(true);
  expect(await client.headBlob('acme/app', blob.digest)).toBe(blob.size);
  expect(seen.map(({ authorization }) => authorization)).toEqual([undefined, undefined]);
});

test('a break goes on with Range through a new redirect', async () => {
  let first = true;
  const { get, seen, registry } = await setUp((request, response) => {
    if (!first) return serveBlob(request, response);
    first = false;
    response.writeHead(200, { 'Content-Length': blob.size });
    response.write(bytes.subarray(0, 30_000), () => response.socket?.end());
  });
  expect((await get()).equals(bytes)).toBe(true);
  expect(seen.map(({ range }) => range)).toEqual([undefined, 'bytes=30000-']);
  expect(registry.log.filter(({ status }) => status === 307)).toHaveLength(2);
});

test('a signed URL that ran out is asked for again', async () => {
  let refused = 0;
  const { get } = await setUp((request, response) => {
    refused += 1;
    if (refused > 2) return serveBlob(request, response);
    response.writeHead(403, { 'WWW-Authenticate': 'Basic realm="give me your password"' });
    response.end('<Error><Code>AccessDenied</Code></Error>');
  });
  expect((await get()).equals(bytes)).toBe(true);
});

test('a storage that keeps refusing is named by its host only', async () => {
  const { get, seen } = await setUp((_, response) => {
    response.writeHead(403);
    response.end();
  });
  const error = await get().catch((e: unknown) => e);
  expect(error).toBeInstanceOf(BatonError);
  expect(error).toMatchObject({ code: 'REGISTRY_REJECTED', message: expect.stringContaining('status 403') });
  expect(JSON.stringify(error)).not.toContain('canary');
  expect(seen.every(({ authorization }) => authorization === undefined)).toBe(true);
});

test('five redirects are followed, six are not', async () => {
  const hops = (limit: number): RequestListener => {
    let n = 1;
    return (request, response) => {
      n += 1;
      if (n > limit) return serveBlob(request, response);
      response.writeHead(302, { Location: `/hop${n}` });
      response.end();
    };
  };
  const five = await setUp(hops(5));
  expect((await five.get()).equals(bytes)).toBe(true);
  const six = await setUp(hops(6));
  await expect(six.get()).rejects.toMatchObject({
    code: 'REDIRECT_REFUSED',
    message: expect.stringContaining('more than 5 times'),
  });
});

test.each([
  'ftp://127.0.0.1/x',
  'http://',
  'file:///etc/passwd',
])('a redirect to %s is REGISTRY_PROTOCOL', async (location) => {
  const { get } = await setUp(serveBlob, () => location);
  await expect(get()).rejects.toMatchObject({ code: 'REGISTRY_PROTOCOL' });
});

test('user information in a redirect is not sent', async () => {
  const { get, seen } = await setUp(serveBlob, (origin) => origin.replace('http://', 'http://robot:password-canary@'));
  expect((await get()).equals(bytes)).toBe(true);
  expect(seen[0]?.authorization).toBe(undefined);
});

test('a storage that asks for a password gets none', async () => {
  const { get, seen } = await setUp((_, response) => {
    response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="give me your password"' });
    response.end();
  });
  await expect(get()).rejects.toMatchObject({ code: 'REGISTRY_REJECTED' });
  expect(new Set(seen.map(({ authorization }) => authorization))).toEqual(new Set([undefined]));
});

needs('openssl')('from https only https is followed', async () => {
  const registry = await startRegistryServer({
    tls: true,
    redirectBlobs: () => 'http://127.0.0.1:9/blob?sig=signature-canary',
  });
  onTestFinished(() => registry.stop());
  await registry.store.addBlob('acme/app', bytes);
  const client = connectRegistry(registry.host, {
    insecure: false,
    ca: registry.ca ?? '',
    credentials: fixedCredentials(),
  });
  onTestFinished(() => client.close());
  const error = await client.headBlob('acme/app', blob.digest).catch((e: unknown) => e);
  expect(error).toMatchObject({ code: 'REDIRECT_REFUSED', message: expect.stringContaining('away from https') });
  expect(String(error)).not.toContain('canary');
});

test('manifests are not followed elsewhere', async () => {
  const { client, registry } = await setUp(serveBlob);
  registry.inject(
    { method: 'GET', path: 'manifests' },
    { kind: 'status', status: 302, headers: { Location: 'http://x/' } },
  );
  await expect(client.getManifest('acme/app', 'v1')).rejects.toMatchObject({ code: 'REGISTRY_REJECTED' });
});
