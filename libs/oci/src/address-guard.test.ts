import { BatonError, sha256 } from '@baton/kernel';
import {
  collect,
  fixedCredentials,
  instantWaits,
  noise,
  startRegistryServer,
  streamOf,
  type TestRegistryOptions,
} from '@baton/testkit';
import { expect, onTestFinished, test } from 'vitest';
import type { Addresses } from './address-guard.ts';
import { privateKind } from './ip-address.ts';
import { connectRegistry, type RegistryOptions } from './registry-client.ts';
import { serve } from './test-http.ts';

const bytes = noise(50_000);
const blob = { digest: sha256(bytes), size: bytes.byteLength };
const user = { username: 'robot', password: 'password-canary' };

/**
 * This machine's 127.0.0.1 plays the public internet, where the registry is; every other loopback address is private as
 * ever. Names are looked up in a table, one answer after the other.
 */
function addresses(names: Record<string, string[]> = {}): Addresses {
  return {
    kind: (address) => (address === '127.0.0.1' ? undefined : privateKind(address)),
    lookup(host, _, done) {
      const left = names[host];
      const address = left === undefined ? undefined : left.length > 1 ? left.shift() : left[0];
      if (address === undefined) return done(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), []);
      done(null, [{ address, family: address.includes(':') ? 6 : 4 }]);
    },
  };
}

/** A place that a registry leads to; it answers with the blob, and notes what it was asked. */
async function storage() {
  const seen: string[] = [];
  const server = await serve((request, response) => {
    seen.push(`${request.method} ${request.headers.authorization ?? 'none'}`);
    request.resume();
    request.on('end', () => response.end(request.method === 'GET' ? bytes : undefined));
  });
  return { seen, port: Number(server.url.port) };
}

async function setUp(options: TestRegistryOptions = {}, clientOptions: RegistryOptions = {}) {
  const registry = await startRegistryServer(options);
  onTestFinished(() => registry.stop());
  await registry.store.addBlob('acme/app', bytes);
  const client = connectRegistry(registry.host, {
    credentials: fixedCredentials(user),
    waits: instantWaits(),
    insecure: true,
    ...clientOptions,
  });
  onTestFinished(() => client.close());
  return { registry, client, get: () => collect(client.getBlob('acme/app', blob)) };
}

async function refusal(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.catch((e: unknown) => e);
  expect(error).toBeInstanceOf(BatonError);
  if (!(error instanceof BatonError)) return '';
  expect(error.code).toBe('REDIRECT_REFUSED');
  expect(JSON.stringify(error.toJSON())).not.toContain('canary');
  return error.message;
}

test.each([
  '127.0.0.2',
  '10.0.0.1',
  '192.168.0.1',
  '169.254.169.254',
  '[::1]',
  '[fd00::1]',
  '[fe80::1]',
  '[::ffff:10.0.0.1]',
  '2130706434',
  '0x7f.2',
  '0',
])('a registry on the internet does not lead to %s', async (host) => {
  const { get, registry } = await setUp(
    { redirectBlobs: () => `http://${host}:9/blob?sig=signature-canary` },
    { addresses: addresses() },
  );
  expect(await refusal(get())).toMatch(
    /leads to .* while reading blob .*: a [a-z-]+ address, and the registry is at a public one$/,
  );
  expect(registry.log).toHaveLength(1);
});

test('nor to a name that is there, at the first look-up or at a later one', async () => {
  const { seen, port } = await storage();
  const names = { 'inner.test': ['127.0.0.2'], 'rebound.test': ['127.0.0.1', '127.0.0.2'], 'six.test': ['::1'] };
  for (const [name, reachable] of [
    ['inner.test', 0],
    ['six.test', 0],
    ['rebound.test', 1],
  ] as const) {
    const { client, get } = await setUp(
      { redirectBlobs: () => `http://${name}:${port}/` },
      { addresses: addresses(names) },
    );
    seen.length = 0;
    for (let i = 0; i < reachable; i += 1) expect((await get()).equals(bytes)).toBe(true);
    // Whatever connection was kept is ended, so that the name is looked up again.
    const again = connectRegistry(client.host, {
      credentials: fixedCredentials(),
      insecure: true,
      waits: instantWaits(),
      addresses: addresses({ ...names, 'rebound.test': ['127.0.0.2'] }),
    });
    onTestFinished(() => again.close());
    expect(await refusal(collect(again.getBlob('acme/app', blob)))).toContain(`${name}:${port}, which is at`);
    expect(seen).toHaveLength(reachable);
  }
});

test('public names, among them those that have private addresses too, are gone to without credentials', async () => {
  const { seen, port } = await storage();
  const both: Addresses = {
    ...addresses(),
    lookup: (_, __, done) =>
      done(null, [
        { address: '10.0.0.1', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ]),
  };
  const { get } = await setUp(
    { redirectBlobs: () => `http://storage.test:${port}/`, auth: { scheme: 'basic', ...user } },
    { addresses: both },
  );
  expect((await get()).equals(bytes)).toBe(true);
  expect(seen).toEqual(['GET none']);
});

test('a name that is not there is said to be so', async () => {
  const { get } = await setUp({ redirectBlobs: () => 'http://none.test/' }, { addresses: addresses() });
  await expect(get()).rejects.toMatchObject({ code: 'REGISTRY_UNREACHABLE' });
});

test('the place of an upload is judged too, and nothing is sent there', async () => {
  const { seen, port } = await storage();
  const { client, registry } = await setUp({}, { addresses: addresses() });
  const headers = { Location: `http://127.0.0.2:${port}/upload` };
  registry.inject({ method: 'POST' }, { kind: 'status', status: 202, headers });
  expect(await refusal(client.putBlob('acme/other', blob, streamOf(bytes)))).toContain('127.0.0.2');
  const { client: chunked, registry: second } = await setUp(
    {},
    { addresses: addresses(), chunks: { above: 10, size: 20_000 } },
  );
  second.inject({ method: 'PATCH' }, { kind: 'headers', headers });
  expect(await refusal(chunked.putBlob('acme/other', blob, streamOf(bytes)))).toContain('127.0.0.2');
  expect(seen).toEqual([]);
});

test('and the token server', async () => {
  const { seen, port } = await storage();
  const { client, registry } = await setUp({}, { addresses: addresses() });
  const headers = { 'WWW-Authenticate': `Bearer realm="http://127.0.0.2:${port}/token"` };
  registry.inject({}, { kind: 'status', status: 401, headers });
  expect(await refusal(client.ping())).toContain('leads to 127.0.0.2');
  expect(seen).toEqual([]);
});

test('a registry at a private address may lead to private ones, but not to link-local ones', async () => {
  const { seen, port } = await storage();
  const { get } = await setUp({ redirectBlobs: () => `http://127.0.0.1:${port}/` });
  expect((await get()).equals(bytes)).toBe(true);
  expect(seen).toEqual(['GET none']);
  const metadata = await setUp({ redirectBlobs: () => 'http://169.254.169.254/latest' });
  expect(await refusal(metadata.get())).toContain('a link-local address, and the registry is at a loopback one');
});

test('a circle is named by its hosts', async () => {
  const server = await serve((request, response) => {
    const next = request.url === '/a' ? '/b' : '/a';
    response.writeHead(302, { Location: `${next}` }).end();
  });
  const { get } = await setUp({ redirectBlobs: () => `http://${server.host}/a` });
  expect(await refusal(get())).toContain(`redirects in a circle (${server.host} -> ${server.host} -> ${server.host})`);
});

test('another port is another place: credentials stay', async () => {
  const { seen, port } = await storage();
  const { get } = await setUp({ redirectBlobs: () => `http://127.0.0.1:${port}/`, auth: { scheme: 'basic', ...user } });
  await get();
  expect(seen).toEqual(['GET none']);
});
