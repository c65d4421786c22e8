import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BatonError, sha256 } from '@baton/kernel';
import {
  fixedCredentials,
  instantWaits,
  needs,
  type RegistryAuth,
  startRegistryServer,
  streamOf,
  type TestRegistry,
  tinyImage,
} from '@baton/testkit';
import { expect, onTestFinished, test } from 'vitest';
import type { CredentialSource } from './credentials.ts';
import { connectRegistry, type RegistryOptions } from './registry-client.ts';

const user = { username: 'robot', password: 'password-canary' };

async function start(auth: Partial<RegistryAuth> = {}): Promise<TestRegistry> {
  const registry = await startRegistryServer({ auth: { scheme: 'bearer', ...user, ...auth } });
  onTestFinished(() => registry.stop());
  return registry;
}

function connect(host: string, credentials: CredentialSource = fixedCredentials(user), options: RegistryOptions = {}) {
  const client = connectRegistry(host, { credentials, waits: instantWaits(), ...options });
  onTestFinished(() => client.close());
  return client;
}

const requests = ({ log }: TestRegistry): string[] =>
  log.map(({ method, path, query, authorization, status }) => {
    const scopes = new URLSearchParams(query).getAll('scope').join(' ');
    return `${method} ${path.replace(/uploads\/[0-9a-f]+/, 'uploads/*')}${scopes && ` [${scopes}]`} ${authorization} ${status}`;
  });

test('the first 401 teaches; one token serves everything it covers', async () => {
  const registry = await start();
  const client = connect(registry.host);
  const { layer, config, manifest, mediaType } = tinyImage();
  await client.putBlob('acme/app', layer, streamOf(layer.bytes));
  await client.putBlob('acme/app', config, streamOf(config.bytes));
  await client.putManifest('acme/app', 'v1', manifest, mediaType);
  await client.headManifest('acme/app', 'v1');
  await client.headBlob('acme/app', layer.digest);
  expect(requests(registry)).toEqual([
    'POST /v2/acme/app/blobs/uploads/ none 401',
    'GET /token [repository:acme/app:pull,push] basic 200',
    'POST /v2/acme/app/blobs/uploads/ bearer 202',
    'PUT /v2/acme/app/blobs/uploads/* bearer 201',
    'POST /v2/acme/app/blobs/uploads/ bearer 202',
    'PUT /v2/acme/app/blobs/uploads/* bearer 201',
    'PUT /v2/acme/app/manifests/v1 bearer 201',
    'HEAD /v2/acme/app/manifests/v1 bearer 200',
    `HEAD /v2/acme/app/blobs/${layer.digest} bearer 200`,
  ]);
});

test('reading asks for pull only, unless the repository is one to be written', async () => {
  const registry = await start();
  await connect(registry.host).headManifest('acme/app', 'v1');
  await connect(registry.host, undefined, { push: ['acme/app'] }).headManifest('acme/app', 'v1');
  expect(requests(registry).filter((line) => line.startsWith('GET /token'))).toEqual([
    'GET /token [repository:acme/app:pull] basic 200',
    'GET /token [repository:acme/app:pull,push] basic 200',
  ]);
});

test('a mount asks for both repositories in one token', async () => {
  const registry = await start();
  const digest = await registry.store.addBlob('acme/base', Buffer.from('base layer'));
  const client = connect(registry.host);
  const open = streamOf(Buffer.from('base layer'));
  expect(await client.putBlob('acme/app', { digest, size: 10 }, open, { mountFrom: 'acme/base' })).toBe('mounted');
  expect(requests(registry)).toEqual([
    'POST /v2/acme/app/blobs/uploads/ none 401',
    'GET /token [repository:acme/app:pull,push repository:acme/base:pull] basic 200',
    'POST /v2/acme/app/blobs/uploads/ bearer 201',
  ]);
});

test('a mount source that must not be read makes it an upload', async () => {
  const registry = await start({ allow: (repository) => repository === 'acme/app' });
  const digest = await registry.store.addBlob('acme/secret', Buffer.from('base layer'));
  const client = connect(registry.host);
  const open = streamOf(Buffer.from('base layer'));
  expect(await client.putBlob('acme/app', { digest, size: 10 }, open, { mountFrom: 'acme/secret' })).toBe('uploaded');
});

test('callers at the same time share one token request', async () => {
  const registry = await start();
  const client = connect(registry.host);
  await client.headManifest('acme/app', 'v1');
  registry.log.length = 0;
  await Promise.all(Array.from({ length: 10 }, (_, i) => client.headManifest('acme/other', `v${i}`)));
  expect(requests(registry).filter((line) => line.startsWith('GET /token'))).toHaveLength(1);
});

test('a token that ran out on the way is renewed, also in the middle of an upload', async () => {
  const registry = await start();
  const client = connect(registry.host);
  const bytes = Buffer.from('some bytes');
  const blob = { digest: sha256(bytes), size: bytes.byteLength };
  registry.inject({ method: 'PUT' }, { kind: 'after', run: () => registry.expireTokens() });
  expect(await client.putBlob('acme/app', blob, streamOf(bytes))).toBe('uploaded');
  registry.expireTokens();
  expect(await client.headBlob('acme/app', blob.digest)).toBe(blob.size);
  expect(client.stats.retries).toBe(0);
});

test('tokens are not used beyond their life', async () => {
  const registry = await start({ life: 0.000_001 });
  const client = connect(registry.host);
  await client.headManifest('acme/app', 'v1');
  await client.headManifest('acme/app', 'v1');
  expect(requests(registry).filter((line) => line.startsWith('GET /token'))).toHaveLength(2);
});

test('Bearer is chosen where Basic is offered too, Basic where nothing else is', async () => {
  const both = await start({ scheme: 'both' });
  await connect(both.host).ping();
  expect(both.log.map(({ authorization }) => authorization)).toEqual(['none', 'basic', 'bearer']);
  const basic = await start({ scheme: 'basic' });
  const client = connect(basic.host);
  await client.ping();
  await client.ping();
  expect(basic.log.map(({ authorization }) => authorization)).toEqual(['none', 'basic', 'basic']);
});

test('without credentials an anonymous token is tried', async () => {
  const registry = await start({ anonymousPull: true });
  const image = tinyImage();
  await registry.store.putManifest('acme/app', 'v1', image.manifest, image.mediaType);
  const client = connect(registry.host, fixedCredentials());
  expect((await client.headManifest('acme/app', 'v1'))?.digest).toBe(image.digest);
  const work = client.putManifest('acme/app', 'v2', image.manifest, image.mediaType);
  await expect(work).rejects.toMatchObject({ code: 'AUTH_MISSING' });
});

test('an identity token is exchanged by POST and never put into a URL', async () => {
  const registry = await start({ identityToken: 'identity-canary' });
  const client = connect(registry.host, fixedCredentials({ identityToken: 'identity-canary' }));
  await client.headManifest('acme/app', 'v1');
  expect(requests(registry)[1]).toBe('POST /token none 200');
  expect(JSON.stringify(registry.log)).not.toContain('identity-canary');
  const wrong = connect(registry.host, fixedCredentials({ identityToken: 'other-canary' }));
  const error = await wrong.ping().catch((e: unknown) => e);
  expect(error).toMatchObject({ code: 'AUTH_DENIED' });
  expect(String(error)).not.toContain('canary');
});

test('a token server without OAuth2 gets the identity token as a password', async () => {
  for (const status of [404, 405]) {
    const registry = await start({ username: '<token>', password: 'identity-canary' });
    registry.inject({ method: 'POST', path: '/token' }, { kind: 'status', status });
    const client = connect(registry.host, fixedCredentials({ identityToken: 'identity-canary' }));
    expect(await client.headManifest('acme/app', 'v1')).toBe(undefined);
    expect(requests(registry).slice(1)).toEqual([
      `POST /token none ${status}`,
      'GET /token [repository:acme/app:pull] basic 200',
      'HEAD /v2/acme/app/manifests/v1 bearer 404',
    ]);
    expect(JSON.stringify(client.stats)).toContain('"retries":0');
  }
});

test('repositories of one host may have accounts of their own', async () => {
  const registry = await start({ scheme: 'basic' });
  const asked: (string | undefined)[] = [];
  const source: CredentialSource = {
    description: 'accounts per repository',
    async find(_, repository) {
      asked.push(repository);
      return repository === 'acme/app' ? user : undefined;
    },
  };
  const client = connect(registry.host, source);
  for (let i = 0; i < 3; i += 1) expect(await client.headManifest('acme/app', 'v1')).toBe(undefined);
  await expect(client.headManifest('acme/other', 'v1')).rejects.toMatchObject({ code: 'AUTH_MISSING' });
  expect(asked).toEqual(['acme/app', 'acme/other']);
});

test('no credentials: AUTH_MISSING names the host and where was looked', async () => {
  const registry = await start();
  const error = await connect(registry.host, fixedCredentials())
    .headManifest('acme/app', 'v1')
    .catch((e: unknown) => e);
  expect(error).toBeInstanceOf(BatonError);
  if (!(error instanceof BatonError)) return;
  expect(error.code).toBe('AUTH_MISSING');
  expect(error.message).toContain(registry.host);
  expect(error.hint).toBe(`Looked in the credentials of this test. Sign in with: docker login ${registry.host}`);
});

test('wrong credentials, and rights that are missing: AUTH_DENIED', async () => {
  const registry = await start({ allow: (_, action) => action === 'pull' });
  const wrong = connect(registry.host, fixedCredentials({ username: 'robot', password: 'wrong-canary' }));
  await expect(wrong.headManifest('acme/app', 'v1')).rejects.toMatchObject({ code: 'AUTH_DENIED' });
  const reader = connect(registry.host);
  expect(await reader.headManifest('acme/app', 'v1')).toBe(undefined);
  const image = tinyImage();
  const work = reader.putManifest('acme/app', 'v1', image.manifest, image.mediaType);
  await expect(work).rejects.toMatchObject({ code: 'AUTH_DENIED' });
});

test('what was refused is not sent again', async () => {
  const registry = await start({ scheme: 'basic' });
  const client = connect(registry.host, fixedCredentials({ username: 'robot', password: 'wrong-canary' }));
  await expect(client.ping()).rejects.toMatchObject({ code: 'AUTH_DENIED' });
  await expect(client.ping()).rejects.toMatchObject({ code: 'AUTH_DENIED' });
  expect(registry.log.map(({ authorization }) => authorization)).toEqual(['none', 'basic', 'basic']);
});

needs('openssl')('credentials for a registry on https are not sent to a token server on http', async () => {
  const registry = await startRegistryServer({ tls: true });
  onTestFinished(() => registry.stop());
  const asked: string[] = [];
  const host = await answering((request, response) => {
    asked.push(request.url ?? '');
    response.end('{"token":"abc"}');
  });
  const headers = { 'WWW-Authenticate': `Bearer realm="http://${host}/token"` };
  registry.inject({}, { kind: 'status', status: 401, headers });
  const client = connect(registry.host, undefined, { insecure: false, ca: registry.ca ?? '' });
  await expect(client.ping()).rejects.toMatchObject({ code: 'REGISTRY_PROTOCOL' });
  expect(asked).toEqual([]);
});

test('a broken credential source comes out as it is, and nothing is sent twice', async () => {
  const registry = await start();
  const source: CredentialSource = {
    description: 'a broken file',
    find: () => Promise.reject(new BatonError('CREDENTIALS_INVALID', 'broken')),
  };
  await expect(connect(registry.host, source).ping()).rejects.toMatchObject({ code: 'CREDENTIALS_INVALID' });
  expect(registry.log).toHaveLength(1);
});

async function answering(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test.each([
  ['no challenge', undefined],
  ['a scheme nobody here knows', 'Negotiate abc'],
  ['a Bearer challenge without realm', 'Bearer service="x"'],
])('%s: REGISTRY_PROTOCOL', async (_, challenge) => {
  const host = await answering((_request, response) => {
    response.writeHead(401, challenge === undefined ? {} : { 'WWW-Authenticate': challenge });
    response.end();
  });
  await expect(connect(host).ping()).rejects.toMatchObject({ code: 'REGISTRY_PROTOCOL' });
});

test.each([
  'ftp://x/',
  'not a url',
  '/token',
  'http://user:pw@127.0.0.1/',
])('a realm that is no place to send credentials to: %s', async (realm) => {
  const host = await answering((_, response) => {
    response.writeHead(401, { 'WWW-Authenticate': `Bearer realm="${realm}"` });
    response.end();
  });
  await expect(connect(host).ping()).rejects.toMatchObject({ code: 'REGISTRY_PROTOCOL' });
});

test.each([
  ['garbage', '<html>'],
  ['null', 'null'],
  ['no token', '{}'],
  ['an empty token', '{"token":""}'],
  ['a token that would break a header', '{"token":"a\\r\\nX: y"}'],
])('a token server that answers with %s: REGISTRY_PROTOCOL', async (_, body) => {
  const host = await answering((request, response) => {
    if (request.url?.startsWith('/token')) return void response.end(body);
    response.writeHead(401, { 'WWW-Authenticate': `Bearer realm="http://${request.headers.host}/token"` });
    response.end();
  });
  await expect(connect(host).ping()).rejects.toMatchObject({ code: 'REGISTRY_PROTOCOL' });
});

test('a token server that is busy is asked again', async () => {
  const registry = await start();
  registry.inject({ path: '/token' }, { kind: 'status', status: 503 }, { times: 2 });
  const client = connect(registry.host);
  await client.headManifest('acme/app', 'v1');
  expect(client.stats.retries).toBe(2);
});
