import { needs, startRegistryServer } from '@baton/testkit';
import { expect } from 'vitest';
import { build, publish, publishProject } from './publish.fixture.ts';

const test = needs('openssl');

test('insecure: false asks for TLS on a loopback address as well, and a certificate that nobody trusts ends it', async () => {
  const registry = await startRegistryServer({ tls: true });
  try {
    const p = await publishProject(registry, { insecure: false });
    await build(p);
    await expect(publish(p)).rejects.toMatchObject({
      code: 'REGISTRY_UNREACHABLE',
      message: expect.stringMatching(/certificate/),
    });
    expect(registry.log).toEqual([]);
  } finally {
    await registry.stop();
  }
});

test('insecure: true speaks plain HTTP, and nothing said does so on a loopback address', async () => {
  const registry = await startRegistryServer();
  try {
    for (const said of [{ insecure: true }, {}]) {
      const p = await publishProject(registry, said);
      await build(p);
      expect((await publish(p)).index.digest).toMatch(/^sha256:/);
    }
  } finally {
    await registry.stop();
  }
});
