import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ProgressEvent, sha256 } from '@baton/kernel';
import {
  collect,
  DOCKER_REGISTRY_USER,
  fixedCredentials,
  instantWaits,
  needs,
  noise,
  startDockerRegistry,
  startRegistryServer,
  streamOf,
  tinyImage,
} from '@baton/testkit';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { connectRegistry, isLoopback, type RegistryClient, type RegistryOptions } from './registry-client.ts';

interface Started {
  host: string;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

let names = 0;

/** What every registry must let us do, in the same words for the own one and the real one. */
function mainFlows(start: () => Promise<Started>): void {
  let registry: Started;
  beforeAll(async () => {
    registry = await start();
  });
  afterAll(() => registry.stop());

  const connect = (options: RegistryOptions = {}): RegistryClient => {
    const client = connectRegistry(registry.host, {
      credentials: fixedCredentials(DOCKER_REGISTRY_USER),
      waits: instantWaits(),
      ...options,
    });
    onTestFinished(() => client.close());
    return client;
  };
  const freshName = (): string => {
    names += 1;
    return `acme/flow-${names}`;
  };
  const push = async (client: RegistryClient, repository: string, image = tinyImage()): Promise<void> => {
    for (const blob of [image.config, image.layer]) await client.putBlob(repository, blob, streamOf(blob.bytes));
    await client.putManifest(repository, image.digest, image.manifest, image.mediaType);
  };

  test('ping', async () => {
    await connect().ping();
  });

  test('push an image, read everything back', async () => {
    const client = connect();
    const repository = freshName();
    const image = tinyImage(noise(200_000));
    expect(await client.headManifest(repository, 'v1')).toBe(undefined);
    expect(await client.headBlob(repository, image.layer.digest)).toBe(undefined);
    expect(await client.putBlob(repository, image.layer, streamOf(image.layer.bytes))).toBe('uploaded');
    expect(await client.putBlob(repository, image.config, streamOf(image.config.bytes))).toBe('uploaded');
    await client.putManifest(repository, image.digest, image.manifest, image.mediaType);
    await client.putManifest(repository, 'v1', image.manifest, image.mediaType);

    const descriptor = { mediaType: image.mediaType, digest: image.digest, size: image.manifest.byteLength };
    expect(await client.headManifest(repository, 'v1')).toEqual(descriptor);
    expect(await client.headManifest(repository, image.digest)).toEqual(descriptor);
    expect(await client.getManifest(repository, 'v1')).toEqual({ descriptor, bytes: image.manifest });
    expect(await client.headBlob(repository, image.layer.digest)).toBe(200_000);
    expect((await collect(client.getBlob(repository, image.layer))).equals(image.layer.bytes)).toBe(true);
    expect(await client.listTags(repository)).toEqual(['v1']);
  });

  test('a blob is mounted from another repository, and uploaded where it is not there', async () => {
    const client = connect();
    const [from, to] = [freshName(), freshName()];
    const image = tinyImage(noise(1000, names));
    await client.putBlob(from, image.layer, streamOf(image.layer.bytes));
    let opened = 0;
    const open = () => {
      opened += 1;
      return streamOf(image.layer.bytes)();
    };
    expect(await client.putBlob(to, image.layer, open, { mountFrom: from })).toBe('mounted');
    expect(opened).toBe(0);
    expect(await client.headBlob(to, image.layer.digest)).toBe(1000);
    expect(await client.putBlob(to, image.config, streamOf(image.config.bytes), { mountFrom: from })).toBe('uploaded');
  });

  test('empty and multi-megabyte blobs', async () => {
    const client = connect();
    const repository = freshName();
    for (const bytes of [Buffer.alloc(0), noise(3_000_000, names)]) {
      const blob = { digest: sha256(bytes), size: bytes.byteLength };
      const sent: number[] = [];
      await client.putBlob(repository, blob, streamOf(bytes), { onProgress: (n) => void sent.push(n) });
      expect(sent.at(-1) ?? 0).toBe(bytes.byteLength);
      expect((await collect(client.getBlob(repository, blob))).equals(bytes)).toBe(true);
    }
  });

  test('a tag moves, and many tags are listed', async () => {
    const client = connect();
    const repository = freshName();
    const [one, two] = [tinyImage('one'), tinyImage('two')];
    await push(client, repository, one);
    await push(client, repository, two);
    await client.putManifest(repository, 'latest', one.manifest, one.mediaType);
    await client.putManifest(repository, 'latest', two.manifest, two.mediaType);
    expect((await client.headManifest(repository, 'latest'))?.digest).toBe(two.digest);
    const tags = Array.from({ length: 30 }, (_, i) => `t${String(i).padStart(2, '0')}`);
    for (const tag of tags) await client.putManifest(repository, tag, one.manifest, one.mediaType);
    expect(await client.listTags(repository)).toEqual(['latest', ...tags]);
  });

  test('what is not there: IMAGE_NOT_FOUND', async () => {
    const client = connect();
    const repository = freshName();
    await expect(client.getManifest(repository, 'v1')).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' });
    await expect(client.listTags(repository)).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' });
    const blob = { digest: sha256('nothing'), size: 7 };
    await expect(collect(client.getBlob(repository, blob))).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' });
  });

  test('bytes that are not what was announced are refused by the registry: DIGEST_MISMATCH', async () => {
    const client = connect();
    const blob = { digest: sha256('what was announced'), size: 5 };
    const work = client.putBlob(freshName(), blob, streamOf(Buffer.from('other')));
    await expect(work).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
  });

  test('a manifest whose blobs are missing: REGISTRY_REJECTED that says so', async () => {
    const client = connect();
    const image = tinyImage('never uploaded');
    const work = client.putManifest(freshName(), 'v1', image.manifest, image.mediaType);
    await expect(work).rejects.toMatchObject({
      code: 'REGISTRY_REJECTED',
      details: { registryCode: 'MANIFEST_BLOB_UNKNOWN' },
    });
  });

  test('without or with wrong credentials', async () => {
    const none = connect({ credentials: fixedCredentials() });
    await expect(none.ping()).rejects.toMatchObject({ code: 'AUTH_MISSING' });
    await expect(none.headManifest('acme/x', 'v1')).rejects.toMatchObject({ code: 'AUTH_MISSING' });
    const wrong = connect({ credentials: fixedCredentials({ username: 'baton', password: 'wrong-password' }) });
    await expect(wrong.ping()).rejects.toMatchObject({ code: 'AUTH_DENIED' });
    await expect(wrong.headManifest('acme/x', 'v1')).rejects.toMatchObject({ code: 'AUTH_DENIED' });
  });

  test('parallel uploads share few connections and one look-up of credentials', async () => {
    const credentials = fixedCredentials(DOCKER_REGISTRY_USER);
    const client = connect({ credentials });
    const repository = freshName();
    const blobs = Array.from({ length: 12 }, (_, i) => noise(10_000, i + 1));
    await Promise.all(
      blobs.map((bytes) => client.putBlob(repository, { digest: sha256(bytes), size: 10_000 }, streamOf(bytes))),
    );
    for (const bytes of blobs) expect(await client.headBlob(repository, sha256(bytes))).toBe(10_000);
    expect(credentials.asked).toEqual([registry.host]);
  });

  test('a restart between and during the work is survived', async () => {
    const events: ProgressEvent[] = [];
    const client = connect({
      emit: (event) => void events.push(event),
      waits: { ...instantWaits(), sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms / 5)) },
    });
    const repository = freshName();
    const bytes = noise(500_000, names);
    const blob = { digest: sha256(bytes), size: bytes.byteLength };
    await client.ping();
    await registry.restart();
    await client.ping();
    let restarted: Promise<void> | undefined;
    const open = async function* () {
      yield bytes.subarray(0, 250_000);
      restarted ??= registry.restart();
      await restarted;
      yield bytes.subarray(250_000);
    };
    expect(await client.putBlob(repository, blob, open)).toBe('uploaded');
    expect((await collect(client.getBlob(repository, blob))).equals(bytes)).toBe(true);
    expect(events.every(({ type }) => type === 'retry')).toBe(true);
    expect(events.length).toBeGreaterThan(0);
  });
}

const auth = { ...DOCKER_REGISTRY_USER };

describe('the test registry, Basic', () => {
  mainFlows(() => startRegistryServer({ auth: { scheme: 'basic', ...auth }, tagPage: 7 }));
});

describe('the test registry, Bearer, absolute locations', () => {
  mainFlows(() => startRegistryServer({ auth: { scheme: 'bearer', ...auth }, location: 'absolute' }));
});

needs('docker-registry').describe('docker-registry, Basic', () => {
  mainFlows(() => startDockerRegistry({ auth: 'basic' }));
});

needs('docker-registry', 'openssl').describe('docker-registry, Bearer, relative locations', () => {
  mainFlows(() => startDockerRegistry({ auth: 'bearer', http: ['relativeurls: true'] }));
});

test('loopback hosts speak http, others https, and `insecure` decides otherwise', async () => {
  for (const host of ['localhost', 'localhost:5000', '127.0.0.1', '127.1.2.3:80', '[::1]:5000', 'reg.localhost:1']) {
    expect([host, isLoopback(host)]).toEqual([host, true]);
  }
  for (const host of ['ghcr.io', '128.0.0.1', 'localhost.example.com', '127.0.0.1.example.com', '1127.0.0.1']) {
    expect([host, isLoopback(host)]).toEqual([host, false]);
  }
  const registry = await startRegistryServer();
  onTestFinished(() => registry.stop());
  const forced = connectRegistry(registry.host, {
    insecure: false,
    credentials: fixedCredentials(),
    waits: instantWaits(),
  });
  onTestFinished(() => forced.close());
  await expect(forced.ping()).rejects.toMatchObject({ code: 'REGISTRY_UNREACHABLE' });
});

test('an abort ends a call, also one that waits before a repetition', async () => {
  const registry = await startRegistryServer();
  onTestFinished(() => registry.stop());
  const abort = new AbortController();
  registry.inject({}, { kind: 'status', status: 503 }, { times: 100 });
  const client = connectRegistry(registry.host, {
    credentials: fixedCredentials(),
    signal: abort.signal,
    emit: () => abort.abort(),
  });
  onTestFinished(() => client.close());
  await expect(client.ping()).rejects.toMatchObject({ code: 'INTERRUPTED' });
  await expect(client.headManifest('a/b', 'v1')).rejects.toMatchObject({ code: 'INTERRUPTED' });
  expect(registry.log.length).toBe(1);
});

test('a host that never answered is not asked again when it refuses the connection', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const waits = instantWaits();
  const client = connectRegistry(`localhost:${port}`, { credentials: fixedCredentials(), waits });
  onTestFinished(() => client.close());
  await expect(client.ping()).rejects.toMatchObject({
    code: 'REGISTRY_UNREACHABLE',
    message: `no answer from localhost:${port} while asking whether it is a registry: connection refused`,
  });
  expect(waits.asked).toEqual([]);
});

test('stats count the requests that were sent, a refused one included', async () => {
  const registry = await startRegistryServer({ auth: { scheme: 'basic', ...auth } });
  onTestFinished(() => registry.stop());
  const client = connectRegistry(registry.host, { credentials: fixedCredentials(auth) });
  onTestFinished(() => client.close());
  expect(client.stats).toEqual({ requests: 0, retries: 0, sent: 0, received: 0 });
  await client.ping();
  expect(client.stats.requests).toBe(2);
});
