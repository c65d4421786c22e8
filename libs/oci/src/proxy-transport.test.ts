import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { BatonError, type ProgressEvent, sha256 } from '@baton/kernel';
import {
  collect,
  fixedCredentials,
  instantWaits,
  needs,
  noise,
  startProxyServer,
  startRegistryServer,
  streamOf,
  type TestProxyOptions,
  type TestRegistryOptions,
  testCertificate,
  tinyImage,
} from '@baton/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { connectRegistry, type RegistryOptions } from './registry-client.ts';

const bytes = noise(300_000);
const blob = { digest: sha256(bytes), size: bytes.byteLength };
const account = { username: 'me', password: 'proxy:p@ss-canary' };

/** A registry whose name only the proxy knows, and a client that has to go through it. */
async function setUp(
  registryOptions: TestRegistryOptions = {},
  proxyOptions: TestProxyOptions = {},
  clientOptions: RegistryOptions = {},
) {
  const registry = await startRegistryServer(registryOptions);
  onTestFinished(() => registry.stop());
  const proxy = await startProxyServer(proxyOptions);
  onTestFinished(() => proxy.stop());
  const host = `registry.test:${registry.port}`;
  const events: ProgressEvent[] = [];
  const connect = (url = proxy.url, more: RegistryOptions = {}) => {
    const client = connectRegistry(host, {
      credentials: fixedCredentials(),
      waits: instantWaits(),
      insecure: registryOptions.tls === undefined,
      env: { HTTPS_PROXY: url, HTTP_PROXY: url },
      emit: (event) => void events.push(event),
      ...(registry.ca === undefined ? {} : { ca: registry.ca }),
      ...clientOptions,
      ...more,
    });
    onTestFinished(() => client.close());
    return client;
  };
  return { registry, proxy, host, connect, events };
}

const TLS = { tls: { names: 'DNS:registry.test' } };
const secure = needs('openssl');

async function pushAndRead(client: ReturnType<typeof connectRegistry>) {
  const image = tinyImage(bytes);
  await client.putBlob('acme/app', image.config, streamOf(image.config.bytes));
  await client.putBlob('acme/app', blob, streamOf(bytes));
  await client.putManifest('acme/app', 'v1', image.manifest, image.mediaType);
  expect((await client.getManifest('acme/app', 'v1')).descriptor.digest).toBe(image.digest);
  expect((await collect(client.getBlob('acme/app', blob))).equals(bytes)).toBe(true);
}

test('plain http: whole URLs, over kept connections, with the name that was asked for', async () => {
  const { registry, proxy, host, connect } = await setUp({}, { account });
  await pushAndRead(connect());
  expect(proxy.log.map(({ method, target }) => `${method} ${new URL(target).host}`)).toEqual(
    registry.log.map(({ method }) => `${method} ${host}`),
  );
  expect(registry.log.every(({ headers }) => headers.host === host && !('proxy-authorization' in headers))).toBe(true);
});

secure('https: one tunnel, and the proxy sees no request', async () => {
  const user = { username: 'robot', password: 'password-canary' };
  const { registry, proxy, host, connect } = await setUp(
    { ...TLS, auth: { scheme: 'basic', ...user } },
    { account },
    { credentials: fixedCredentials(user) },
  );
  await pushAndRead(connect());
  expect(proxy.log).toEqual([
    { method: 'CONNECT', target: host, headers: expect.not.arrayContaining(['authorization']) },
  ]);
  expect(registry.log.every(({ headers }) => !('proxy-authorization' in headers))).toBe(true);
  expect(new Set(registry.log.map(({ connection }) => connection)).size).toBe(1);
});

secure('a proxy that is spoken to in TLS', async () => {
  const certificate = testCertificate();
  for (const tls of [TLS, {}]) {
    const { registry, proxy, connect } = await setUp(tls, { certificate, account });
    await pushAndRead(connect(proxy.url, { ca: `${registry.ca ?? ''}\n${certificate.cert}` }));
    expect(proxy.log.length).toBeGreaterThan(0);
  }
});

test('NO_PROXY goes past it', async () => {
  const { proxy, connect } = await setUp();
  const client = connect(proxy.url, { env: { HTTP_PROXY: proxy.url, NO_PROXY: '.test' }, retries: 0 });
  await expect(client.ping()).rejects.toMatchObject({ code: 'REGISTRY_UNREACHABLE' });
  expect(proxy.log).toEqual([]);
});

test('a registry on this machine is reached directly', async () => {
  const { registry, proxy } = await setUp();
  const client = connectRegistry(registry.host, { credentials: fixedCredentials(), env: { HTTP_PROXY: proxy.url } });
  onTestFinished(() => client.close());
  await client.ping();
  expect(proxy.log).toEqual([]);
});

async function failure(work: Promise<unknown>): Promise<BatonError> {
  const error: unknown = await work.catch((e: unknown) => e);
  expect(error).toBeInstanceOf(BatonError);
  if (!(error instanceof BatonError)) throw error;
  expect(`${JSON.stringify(error.toJSON())} ${error.stack}`).not.toContain('canary');
  return error;
}

for (const [name, tls, run] of [
  ['http', {}, test],
  ['https', TLS, secure],
] as const) {
  run(`${name}: a proxy that wants credentials is named, with where to write them`, async () => {
    const { proxy, connect } = await setUp(tls, { account });
    for (const url of [`http://${proxy.host}`, `http://me:wrong-canary@${proxy.host}`]) {
      const error = await failure(connect(url).ping());
      expect([error.code, error.message, error.hint]).toEqual([
        'REGISTRY_UNREACHABLE',
        expect.stringMatching(
          /^the proxy 127\.0\.0\.1:\d+ \(HTTPS?_PROXY\) on the way to registry\.test:\d+ wants credentials \(status 407\)/,
        ),
        expect.stringMatching(/^Write user and password, .* before the host in HTTPS?_PROXY\.$/),
      ]);
    }
  });

  run(`${name}: a proxy that is not there, or gives no answer, is named`, async () => {
    const { connect } = await setUp(tls);
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const url = `http://me:pw-canary@127.0.0.1:${port}`;
    const broken = await failure(connect(url).ping());
    expect(broken.message).toMatch(
      /^the proxy 127\.0\.0\.1:\d+ \(HTTPS?_PROXY\) on the way .* gives no answer: connection reset/,
    );
    await new Promise((resolve) => server.close(resolve));
    const client = connect(url);
    const refused = await failure(client.ping());
    expect(refused.message).toMatch(
      /^the proxy 127\.0\.0\.1:\d+ \(HTTPS?_PROXY\) on the way to registry\.test:\d+ gives no answer: connection refused/,
    );
    expect([refused.code, client.stats.retries]).toEqual(['REGISTRY_UNREACHABLE', 0]);
  });
}

secure('a proxy that refuses the host; one that is busy is asked again', async () => {
  const { connect, events } = await setUp(TLS, { refuse: () => 403 });
  const error = await failure(connect().ping());
  expect(error.message).toMatch(/^the proxy .* refused to connect to registry\.test:\d+ \(status 403\), while/);
  expect(events).toEqual([]);
  let left = 2;
  const busy = await setUp(TLS, {
    refuse: () => {
      left -= 1;
      return left >= 0 ? 503 : undefined;
    },
  });
  const client = busy.connect();
  await client.ping();
  expect(client.stats.retries).toBe(2);
  expect(JSON.stringify(busy.events)).toContain('the proxy refused to connect');
});

secure('a certificate that is not trusted is still the registry’s', async () => {
  const { connect, proxy } = await setUp(TLS);
  const error = await failure(connect(proxy.url, { ca: '' }).ping());
  expect(error.message).toMatch(/^no answer from registry\.test:\d+ .*TLS/);
});

secure('a proxy that takes the tunnel and says nothing more', async () => {
  const server = createServer((socket) => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { connect } = await setUp(TLS);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const error = await failure(connect(url, { timeouts: { connect: 200 }, retries: 1 }).ping());
  expect(error.message).toMatch(/^the proxy .* gives no answer: connection timed out/);
});

secure('chunks, and an upload that breaks, go through a tunnel as well', async () => {
  const { registry, connect } = await setUp(TLS, {}, { chunks: { above: 100_000, size: 100_000 } });
  registry.inject({ method: 'PATCH' }, { kind: 'reset', when: 'request', bytes: 50_000 }, { skip: 1 });
  const client = connect();
  expect(await client.putBlob('acme/app', blob, streamOf(bytes))).toBe('uploaded');
  expect(await registry.store.blobSize('acme/app', blob.digest)).toBe(blob.size);
});

test('what a proxy leads to by address is judged by the address', async () => {
  const { registry, connect } = await setUp();
  await registry.store.addBlob('acme/app', bytes);
  for (const Location of ['http://10.0.0.1/x', 'http://169.254.169.254/latest/meta-data']) {
    registry.inject({ path: '/blobs/' }, { kind: 'status', status: 307, headers: { Location } });
    expect((await failure(collect(connect().getBlob('acme/app', blob)))).code).toBe('REDIRECT_REFUSED');
  }
});
