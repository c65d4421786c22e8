import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { runProcess, sha256, toolEnv } from '@baton/kernel';
import { expect, onTestFinished, test } from 'vitest';
import { needs } from './needs.ts';
import { noise, tinyImage } from './registry-helpers.ts';
import { startRegistryServer, type TestRegistryOptions } from './registry-server.ts';
import { temporaryDirectory, writeFiles } from './temp.ts';

async function start(options: TestRegistryOptions = {}) {
  const registry = await startRegistryServer(options);
  onTestFinished(() => registry.stop());
  const call = (path: string, init: RequestInit = {}) =>
    fetch(`http://${registry.host}${path}`, { redirect: 'manual', ...init });
  return { registry, call };
}

test('the paths of the distribution specification', async () => {
  const { call } = await start();
  expect((await call('/v2/')).status).toBe(200);
  expect((await call('/v2/x/nothing')).status).toBe(404);
  expect((await call('/v1/')).status).toBe(404);
  const opened = await call('/v2/a/b/blobs/uploads/', { method: 'POST' });
  const location = opened.headers.get('location') ?? '';
  expect([opened.status, location]).toEqual([
    202,
    expect.stringMatching(/^\/v2\/a\/b\/blobs\/uploads\/[0-9a-f]+\?_state=/),
  ]);
  const patched = await call(location, { method: 'PATCH', body: 'hel' });
  expect([patched.status, patched.headers.get('range')]).toEqual([202, '0-2']);
  const put = await call(`${location}&digest=${sha256('hello')}`, { method: 'PUT', body: 'lo' });
  expect([put.status, put.headers.get('docker-content-digest')]).toEqual([201, sha256('hello')]);
  const part = await call(`/v2/a/b/blobs/${sha256('hello')}`, { headers: { Range: 'bytes=3-' } });
  expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([206, 'bytes 3-4/5', 'lo']);
});

test('it is strict where clients are sloppy', async () => {
  const { call } = await start();
  const opened = await call('/v2/x/blobs/uploads/', { method: 'POST' });
  const path = (opened.headers.get('location') ?? '').split('?')[0];
  const stateless = await call(`${path}?digest=${sha256('x')}`, { method: 'PUT', body: 'x' });
  expect([stateless.status, await stateless.text()]).toEqual([400, expect.stringContaining('BLOB_UPLOAD_INVALID')]);
  const { manifest, mediaType } = tinyImage();
  const headers = { 'Content-Type': mediaType };
  const early = await call('/v2/x/manifests/v1', { method: 'PUT', body: new Uint8Array(manifest), headers });
  expect([early.status, await early.text()]).toEqual([400, expect.stringContaining('MANIFEST_BLOB_UNKNOWN')]);
  expect((await call('/v2/x/manifests/v1', { method: 'PUT', body: 'x', headers })).status).toBe(400);
});

test('every request is written down', async () => {
  const { registry, call } = await start();
  await call('/v2/x/tags/list?n=1', { headers: { Authorization: 'Basic eDp5' } });
  expect(registry.log).toMatchObject([
    { n: 1, method: 'GET', path: '/v2/x/tags/list', query: '?n=1', authorization: 'basic', status: 404, connection: 1 },
  ]);
});

test('faults happen once, and then all is well', async () => {
  const { registry, call } = await start();
  const digest = await registry.store.addBlob('x', noise(100_000));
  const path = `/v2/x/blobs/${digest}`;
  const body = async () => Buffer.from(await (await call(path)).arrayBuffer());
  registry.inject({}, { kind: 'status', status: 429, headers: { 'Retry-After': '3' }, body: 'slow down' });
  const limited = await call(path);
  expect([limited.status, limited.headers.get('retry-after'), await limited.text()]).toEqual([429, '3', 'slow down']);
  for (const fault of [
    { kind: 'reset', when: 'before' },
    { kind: 'reset', when: 'response', bytes: 10 },
    { kind: 'reset', when: 'after' },
    { kind: 'truncate', bytes: 50_000 },
  ] as const) {
    registry.inject({}, fault);
    await expect(body()).rejects.toThrow();
  }
  registry.inject({}, { kind: 'corrupt' });
  expect(sha256(await body())).not.toBe(digest);
  registry.inject({}, { kind: 'extend', bytes: 5 });
  expect((await body()).byteLength).toBe(100_005);
  registry.inject({}, { kind: 'slow', chunk: 50_000, pause: 1 });
  expect(sha256(await body())).toBe(digest);
  registry.inject({}, { kind: 'headers', headers: { 'Content-Type': 'x/y', 'Docker-Content-Digest': undefined } });
  const changed = await call(path);
  expect([changed.headers.get('content-type'), changed.headers.get('docker-content-digest')]).toEqual(['x/y', null]);
  expect(registry.pendingFaults()).toBe(0);
  expect(sha256(await body())).toBe(digest);
});

test('immutable tags, deletion, a stop and a restart on the same port', async () => {
  const { registry, call } = await start({ immutableTags: true });
  const put = (text: string) =>
    call('/v2/x/manifests/v1', { method: 'PUT', body: text, headers: { 'Content-Type': 'x/y' } });
  expect((await put('{"a":1}')).status).toBe(201);
  expect((await put('{"a":1}')).status).toBe(201);
  expect((await put('{"a":2}')).status).toBe(400);
  await registry.stop();
  await expect(call('/v2/')).rejects.toThrow();
  await registry.restart();
  expect((await call('/v2/x/manifests/v1', { method: 'HEAD' })).status).toBe(200);
  expect((await call('/v2/x/manifests/v1', { method: 'DELETE' })).status).toBe(202);
  expect((await call('/v2/x/manifests/v1', { method: 'DELETE' })).status).toBe(404);
});

test('a registry on disk has its content after a new start', async () => {
  const directory = temporaryDirectory('registry');
  const first = await startRegistryServer({ directory });
  const { manifest, mediaType } = tinyImage();
  await first.store.putManifest('acme/app', 'v1', manifest, mediaType);
  await first.stop();
  const { call } = await start({ directory });
  expect(await (await call('/v2/acme/app/manifests/v1')).text()).toBe(manifest.toString());
});

/** An OCI layout with one image of one file, made by hand: no code of ours judges ours. */
async function layoutOf(directory: string): Promise<void> {
  const { config, layer, manifest, digest, mediaType } = tinyImage(noise(500_000));
  const blobs = [config, layer, { digest, bytes: manifest }];
  const index = { schemaVersion: 2, manifests: [{ mediaType, digest, size: manifest.byteLength }] };
  mkdirSync(directory, { recursive: true });
  await writeFiles(directory, {
    'oci-layout': '{"imageLayoutVersion":"1.0.0"}',
    'index.json': JSON.stringify(index),
    ...Object.fromEntries(blobs.map((blob) => [`blobs/sha256/${blob.digest.slice(7)}`, blob.bytes])),
  });
}

for (const scheme of ['basic', 'bearer'] as const) {
  needs('skopeo')(`skopeo pushes to it and reads back what it pushed (${scheme})`, async () => {
    const { registry } = await start({ auth: { scheme, username: 'robot', password: 'skopeo-password' } });
    const directory = temporaryDirectory('skopeo');
    await layoutOf(join(directory, 'from'));
    const run = async (...args: string[]) => {
      const result = await runProcess({ command: 'skopeo', args, env: toolEnv({ HOME: directory }), timeout: 60_000 });
      expect([args[0], result.code, result.stderr.toString()]).toEqual([args[0], 0, expect.anything()]);
    };
    const image = `docker://${registry.host}/acme/app:v1`;
    const user = 'robot:skopeo-password';
    await run('copy', '--dest-tls-verify=false', '--dest-creds', user, `oci:${directory}/from`, image);
    await run('copy', '--src-tls-verify=false', '--src-creds', user, image, `oci:${directory}/to:v1`);
    expect(await registry.store.tags('acme/app')).toEqual(['v1']);
  });
}

needs('crane')('crane pushes to it, and finds nothing wrong in what it reads', async () => {
  const { registry } = await start();
  const directory = temporaryDirectory('crane');
  await layoutOf(join(directory, 'layout'));
  const run = async (...args: string[]) => {
    const result = await runProcess({ command: 'crane', args, env: toolEnv({ HOME: directory }), timeout: 60_000 });
    expect([args[0], result.code, result.stderr.toString()]).toEqual([args[0], 0, expect.anything()]);
    return result.stdout.toString().trim();
  };
  const image = `${registry.host}/acme/app:v1`;
  await run('push', '--insecure', join(directory, 'layout'), image);
  expect(await run('digest', '--insecure', image)).toBe((await registry.store.manifest('acme/app', 'v1'))?.digest);
  await run('copy', '--insecure', image, `${registry.host}/acme/other:v2`);
  expect(await run('ls', '--insecure', `${registry.host}/acme/other`)).toBe('v2');
});
