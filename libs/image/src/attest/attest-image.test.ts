import { join } from 'node:path';
import { type StatementFacts, statement, writeStatement } from '@baton/evidence';
import { type Digest, digestHex, sha256 } from '@baton/kernel';
import { startRegistryServer, type TestRegistry, temporaryDirectory } from '@baton/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inspectImage } from '../inspect-image.ts';
import type { TestProject } from '../project.fixture.ts';
import { publish, publishProject } from '../publish.fixture.ts';
import { attestImage } from './attest-image.ts';
import { testKey } from './keys.fixture.ts';
import { reportAttest } from './report-attest.ts';

let registry: TestRegistry;
let p: TestProject;
let image: string;
let digest: Digest;
beforeEach(async () => {
  registry = await startRegistryServer();
  p = await publishProject(registry, { attest: [], tags: ['one'] });
  digest = (await publish(p, { build: true })).index.digest;
  image = `${registry.host}/acme/agent:one`;
});
afterEach(() => registry.stop());

async function verified(about: Digest, result: StatementFacts['result'] = 'verified'): Promise<string> {
  const path = join(temporaryDirectory('statement'), 'verify.json');
  await writeStatement(
    path,
    statement('verify', {
      subject: [{ name: 'agent', digest: { sha256: digestHex(about) } }],
      tool: { name: 'baton', version: '0.1.0' },
      result,
    }),
  );
  return path;
}

const puts = (): number => registry.log.filter(({ method }) => method === 'PUT').length;

test('a statement is attached, and once', async () => {
  const file = await verified(digest);
  const first = await attestImage({ image, statement: [file], sign: false }, p.io);
  expect(first).toMatchObject({
    reference: `${registry.host}/acme/agent@${digest}`,
    digest,
    unchanged: false,
    attached: [{ kind: 'statement', of: 'verify', state: 'attached', by: 'api' }],
  });
  expect(reportAttest(first)).toMatch(/^attached 1 document: .*\nattached +statement verify +sha256:\w+ +unsigned$/);
  const before = puts();
  const second = await attestImage({ image, statement: [file], sign: false }, p.io);
  expect(second.unchanged).toBe(true);
  expect(reportAttest(second)).toMatch(/^nothing to attach: /);
  expect(puts()).toBe(before);
  const { attached } = await inspectImage({ image }, p.io);
  expect(attached).toMatchObject([{ capability: 'verify', result: 'verified', signature: 'unsigned' }]);
});

test('about another image it is refused, and nothing is sent', async () => {
  const before = puts();
  const file = await verified(sha256('another'));
  await expect(
    attestImage({ image, statement: [file], sign: true, key: (await testKey('ed25519')).private }, p.io),
  ).rejects.toMatchObject({
    code: 'EVIDENCE_MISMATCH',
    exitCode: 1,
    message: expect.stringContaining(digest),
  });
  expect(puts()).toBe(before);
});

test.each(['ed25519', 'ecdsa'] as const)('an image is signed again with %s, once', async (kind) => {
  const key = (await testKey(kind)).private;
  expect(await attestImage({ image, sign: true, key }, p.io)).toMatchObject({ unchanged: false });
  const before = puts();
  expect(await attestImage({ image: `${registry.host}/acme/agent@${digest}`, sign: true, key }, p.io)).toMatchObject({
    unchanged: true,
  });
  expect(puts()).toBe(before);
  const { signatures } = await inspectImage({ image, key }, p.io);
  expect(signatures).toMatchObject([{ state: 'valid', identity: `${registry.host}/acme/agent` }]);
});

test.each([
  'ed25519',
  'ecdsa',
] as const)('a statement that was signed where it was made keeps that signature (%s)', async (kind) => {
  const key = await testKey(kind);
  const file = await verified(digest);
  const { readStatement } = await import('@baton/evidence');
  await writeStatement(file, (await readStatement(file)).statement, { signer: key.signer });
  await attestImage({ image, statement: [file], sign: false }, p.io);
  expect((await inspectImage({ image, key: key.public }, p.io)).attached).toMatchObject([
    { signature: 'valid', keyId: key.signer.keyId },
  ]);
  expect(await attestImage({ image, statement: [file], sign: false, key: key.private }, p.io)).toMatchObject({
    attached: [{ state: 'present' }],
  });
  const other = (await testKey(kind)).private;
  await expect(attestImage({ image, statement: [file], sign: false, key: other }, p.io)).rejects.toMatchObject({
    code: 'EVIDENCE_INVALID',
  });
});

test.each([
  ['nothing to do', async () => ({ image, sign: false }), 'USAGE'],
  [
    'no tag',
    async () => ({ image: `${registry.host}/acme/agent`, sign: false, statement: [await verified(digest)] }),
    'USAGE',
  ],
  ['no key', async () => ({ image, sign: true }), 'KEY_INVALID'],
  ['no such file', async () => ({ image, sign: false, statement: ['/nowhere/x.json'] }), 'EVIDENCE_MISSING'],
  [
    'no such image',
    async () => ({ image: `${registry.host}/acme/agent:two`, sign: false, statement: [await verified(digest)] }),
    'IMAGE_NOT_FOUND',
  ],
])('%s is an error', async (_, options, code) => {
  await expect(attestImage(await options(), p.io)).rejects.toMatchObject({ code });
});
