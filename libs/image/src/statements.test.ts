import { generateKeyPairSync } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findVerifier, readStatement } from '@baton/evidence';
import { startRegistryServer, temporaryDirectory } from '@baton/testkit';
import { expect, test } from 'vitest';
import { buildImage } from './build-image.ts';
import { buildOptions, publishOptions, type TestProject, TWO_PLATFORMS, testProject } from './project.fixture.ts';
import { publishImage } from './publish-image.ts';
import { baseText } from './statements.ts';

function newKey(): string {
  const path = join(temporaryDirectory('key'), 'key.pem');
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  return path;
}

async function signed(key: string, evidence: Record<string, unknown>): Promise<TestProject> {
  const project = await testProject(TWO_PLATFORMS, { evidence });
  project.io.env.BATON_SIGNING_KEY = key;
  return project;
}

test('statements are signed when there is a key', async () => {
  const key = newKey();
  const project = await signed(key, {});
  const { statement } = await buildImage(await project.load(), buildOptions(), project.io);
  const verifier = await findVerifier({ env: project.io.env });
  expect((await readStatement(statement, { verifier })).signature).toBe('valid');
});

test('a policy that wants a signature is kept by publish', async () => {
  const registry = await startRegistryServer();
  try {
    const image = { ...TWO_PLATFORMS, repository: `${registry.host}/a`, tags: ['edge'] };
    const project = await testProject(image, { evidence: { policy: 'key' } });
    await buildImage(await project.load(), buildOptions(), project.io);
    project.io.env.BATON_SIGNING_KEY = newKey();
    await expect(publishImage(await project.load(), publishOptions(), project.io)).rejects.toMatchObject({
      code: 'EVIDENCE_INVALID',
    });
    const published = await publishImage(
      await project.load(),
      publishOptions({ build: true, force: true }),
      project.io,
    );
    const { statement, signature } = await readStatement(published.statement, {
      verifier: await findVerifier({ env: project.io.env }),
    });
    expect(signature).toBe('valid');
    expect(statement.predicate.checks).toEqual([{ id: 'built-statement', result: 'passed', detail: 'valid' }]);
    expect(existsSync(join(project.dir, 'dist/evidence/publish.dsse.json'))).toBe(true);
  } finally {
    await registry.stop();
  }
});

test('a base is named as the manifest names it', () => {
  expect(baseText('scratch')).toBe('scratch');
  expect(baseText({ layout: '../base/dist/image' })).toBe('../base/dist/image');
  expect(baseText({ ref: 'node:24' })).toBe('node:24');
});
