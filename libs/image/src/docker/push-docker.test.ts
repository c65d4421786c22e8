import { connectEngine, type Engine } from '@baton/engine';
import type { Digest } from '@baton/kernel';
import { connectRegistry } from '@baton/oci';
import { startRegistryServer, streamOf, type TestRegistry, tinyImage } from '@baton/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pushByEngine } from './push-docker.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistryServer();
});
afterAll(async () => {
  await registry.stop();
});

/** An engine that says it pushed what is in the registry already. */
function pushing(digest: Digest, names: string[] = []): Engine {
  return {
    ...connectEngine({}),
    tag: async (_, name) => void names.push(name),
    push: async () => ({ digest, size: 1 }),
  };
}

/** Puts an image into the registry and returns its digest and that of its config. */
async function put(text: string): Promise<{ digest: Digest; config: Digest }> {
  const client = connectRegistry(registry.host);
  const image = tinyImage(text);
  for (const blob of [image.config, image.layer]) await client.putBlob('agent', blob, streamOf(blob.bytes));
  await client.putManifest('agent', image.digest, image.manifest, image.mediaType);
  client.close();
  return { digest: image.digest, config: image.config.digest };
}

async function push(engine: Engine, image: Digest) {
  const client = connectRegistry(registry.host);
  const made = { platform: 'linux/amd64', image, name: 'agent:1', diffIds: [], size: 1 };
  const target = { registry: registry.host, repository: 'agent' };
  const record = { driver: 'docker' as const, address: 'test', platforms: [made] };
  const io = { emit: () => undefined, cacheDir: '', env: {} };
  return await pushByEngine({ engine, client, target, auth: undefined, record, annotations: {} }, '1.0', io).finally(
    () => client.close(),
  );
}

test('what arrived is what was built: its config is the ID, or (containerd store) the manifest is', async () => {
  const { digest, config } = await put('one');
  const names: string[] = [];
  expect(await push(pushing(digest, names), config)).toMatchObject({ top: { descriptor: { digest } }, written: '1.0' });
  expect(names).toEqual([`${registry.host}/agent:1.0`]);
  expect(await push(pushing(digest), digest)).toMatchObject({ top: { descriptor: { digest } } });
});

test('anything else is refused', async () => {
  const [one, two] = [await put('one'), await put('two')];
  await expect(push(pushing(two.digest), one.config)).rejects.toMatchObject({
    code: 'DIGEST_MISMATCH',
    details: { image: one.config, digest: two.digest },
  });
});
