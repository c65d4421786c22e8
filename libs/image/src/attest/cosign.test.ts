import { runProcess, toolEnv } from '@baton/kernel';
import { type DockerRegistry, needs, startDockerRegistry, temporaryDirectory } from '@baton/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inspectImage } from '../inspect-image.ts';
import { publishOptions, type TestProject, TWO_PLATFORMS, testProject } from '../project.fixture.ts';
import { publishImage } from '../publish-image.ts';
import type { PublishResult } from '../types.ts';
import { attestImage } from './attest-image.ts';
import { testKey } from './keys.fixture.ts';

needs('cosign', 'docker-registry').describe('what cosign says', () => {
  let registry: DockerRegistry;
  beforeAll(async () => {
    registry = await startDockerRegistry();
  });
  afterAll(() => registry.stop());

  async function cosign(...args: string[]): Promise<{ code: number | null; text: string }> {
    const home = temporaryDirectory('cosign');
    // No network, no log of signatures: the key alone decides.
    const env = toolEnv({ HOME: home, TUF_ROOT: home, COSIGN_PASSWORD: '', DOCKER_CONFIG: home });
    const result = await runProcess({ command: 'cosign', args, env, cwd: home });
    return { code: result.code, text: result.stdout.toString() + result.stderr.toString() };
  }
  const offline = ['--insecure-ignore-tlog', '--allow-insecure-registry'];

  async function published(name: string, key: string): Promise<{ p: TestProject; result: PublishResult; at: string }> {
    const repository = `${registry.host}/${name}`;
    const p = await testProject({ ...TWO_PLATFORMS, repository, tags: ['one'] });
    p.io.env = { ...p.io.env, BATON_SIGNING_KEY: key };
    const result = await publishImage(await p.load(), publishOptions({ build: true }), p.io);
    return { p, result, at: repository };
  }

  test.each([
    'ed25519',
    'ecdsa',
  ] as const)('an image signed with %s verifies, and with another key does not', async (kind) => {
    const [mine, other] = [await testKey(kind), await testKey(kind)];
    const { at } = await published(`verify-${kind}`, mine.private);
    const good = await cosign('verify', '--key', mine.public, ...offline, `${at}:one`);
    expect(good.text).toContain('signatures were verified against the specified public key');
    expect(good.code).toBe(0);
    expect((await cosign('verify', '--key', other.public, ...offline, `${at}:one`)).code).not.toBe(0);
  });

  test.each(['ed25519', 'ecdsa'] as const)('attestations signed with %s verify', async (kind) => {
    const { private: key, public: pub } = await testKey(kind);
    const { at, result } = await published(`attest-${kind}`, key);
    const platform = result.attached.find(({ of }) => of === 'linux/arm64')?.subject;
    for (const [type, image] of [
      ['slsaprovenance1', `${at}:one`],
      ['https://baton.dev/evidence/image/v1', `${at}:one`],
      ['spdxjson', `${at}@${platform}`],
    ] as const) {
      const { code, text } = await cosign('verify-attestation', '--key', pub, '--type', type, ...offline, image);
      expect(text).toContain('"payloadType":"application/vnd.in-toto+json"');
      expect(code).toBe(0);
    }
    const wrong = await cosign('verify-attestation', '--key', pub, '--type', 'vuln', ...offline, `${at}:one`);
    expect(wrong.code).not.toBe(0);
  });

  test('its own signature and ours stand beside each other, whoever came first', async () => {
    const ours = await testKey('ecdsa');
    const { p, at, result } = await published('beside', ours.private);
    const home = temporaryDirectory('theirs');
    const made = await runProcess({
      command: 'cosign',
      args: ['generate-key-pair', '--output-key-prefix', 'theirs'],
      env: toolEnv({ COSIGN_PASSWORD: '', HOME: home }),
      cwd: home,
    });
    expect(made.code).toBe(0);
    const image = `${at}@${result.index.digest}`;
    const signed = await cosign(
      ...['sign', '--key', `${home}/theirs.key`, '--tlog-upload=false', '--allow-insecure-registry', '--yes', image],
    );
    expect(signed.text).toContain('Pushing signature');
    expect(signed.code).toBe(0);
    for (const key of [ours.public, `${home}/theirs.pub`]) {
      expect((await cosign('verify', '--key', key, ...offline, image)).code).toBe(0);
    }
    const third = await testKey('ed25519');
    const again = await attestImage({ image, sign: true, key: third.private }, p.io);
    expect(again).toMatchObject({ unchanged: false, attached: [{ kind: 'signature', state: 'attached' }] });
    for (const key of [ours.public, `${home}/theirs.pub`, third.public]) {
      expect((await cosign('verify', '--key', key, ...offline, image)).code).toBe(0);
      const { signatures = [] } = await inspectImage({ image, key }, p.io);
      expect(signatures.map(({ state }) => state).sort()).toEqual(['unknown key', 'unknown key', 'valid']);
    }
  });
});
