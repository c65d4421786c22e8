import type { Verifier } from '@baton/evidence';
import { sha256 } from '@baton/kernel';
import { type Descriptor, type ImageManifest, parseManifest } from '@baton/oci';
import { describe, expect, test } from 'vitest';
import { testKey } from './keys.fixture.ts';
import { cosignManifest, cosignTag, signatureLayer, signingPayload, verifySignatures } from './signature.ts';

const DIGEST = sha256('an image');
const PAYLOAD = signingPayload('registry.example/agent', DIGEST);

function manifestOf(...layers: Descriptor[]): ImageManifest {
  return parseManifest(cosignManifest(undefined, layers), 'test');
}

async function judge(manifest: ImageManifest, verifier: Verifier | undefined, payload = PAYLOAD, digest = DIGEST) {
  return await verifySignatures(manifest, digest, verifier, async () => payload);
}

test('what is signed is the payload of cosign, to the byte', () => {
  expect(PAYLOAD.toString()).toBe(
    `{"critical":{"identity":{"docker-reference":"registry.example/agent"},"image":{"docker-manifest-digest":"${DIGEST}"},"type":"cosign container image signature"},"optional":null}`,
  );
  expect(cosignTag(DIGEST, 'sig')).toBe(`sha256-${DIGEST.slice(7)}.sig`);
});

describe.each(['ed25519', 'ecdsa'] as const)('signed with %s', (kind) => {
  test('it is valid for its key and its image alone', async () => {
    const [mine, other] = [await testKey(kind), await testKey(kind)];
    const manifest = manifestOf(signatureLayer(PAYLOAD, mine.signer).layer);
    const common = { identity: 'registry.example/agent', keyId: mine.signer.keyId, payload: sha256(PAYLOAD) };
    expect(await judge(manifest, mine.signer)).toEqual([{ ...common, state: 'valid' }]);
    expect(await judge(manifest, undefined)).toEqual([{ ...common, state: 'unchecked' }]);
    expect(await judge(manifest, other.signer)).toEqual([{ ...common, state: 'unknown key' }]);
    const elsewhere = await judge(manifest, mine.signer, PAYLOAD, sha256('another image'));
    expect(elsewhere).toEqual([{ ...common, state: 'invalid', reason: 'it is about another image' }]);
  });

  test('bytes that were changed are not signed', async () => {
    const { signer } = await testKey(kind);
    const manifest = manifestOf(signatureLayer(PAYLOAD, signer).layer);
    const changed = Buffer.from(PAYLOAD.toString().replace('registry.example', 'registry.elsewhere'));
    expect(await judge(manifest, signer, changed)).toMatchObject([
      { state: 'invalid', reason: expect.stringContaining('not by it') },
    ]);
  });

  test('a signature that is none is no error', async () => {
    const { signer } = await testKey(kind);
    const { layer } = signatureLayer(PAYLOAD, signer);
    for (const signature of ['', 'AAAA', '%%%']) {
      const forged = { ...layer, annotations: { 'dev.cosignproject.cosign/signature': signature } };
      expect(await judge(manifestOf(forged), signer)).toMatchObject([{ state: 'unknown key' }]);
    }
  });
});

test.each([
  ['{}'],
  ['no json'],
  ['[]'],
  ['null'],
  ['{"critical":{"image":{"docker-manifest-digest":1},"type":"x"}}'],
])('what says nothing about an image is invalid: %s', async (text) => {
  const { signer } = await testKey('ed25519');
  const payload = Buffer.from(text);
  const manifest = manifestOf(signatureLayer(payload, signer).layer);
  expect(await judge(manifest, signer, payload)).toMatchObject([{ state: 'invalid' }]);
});

test('a payload that claims to be huge is not fetched', async () => {
  const { signer } = await testKey('ed25519');
  const { layer } = signatureLayer(PAYLOAD, signer);
  const manifest = manifestOf({ ...layer, size: 1e9 });
  const read = async (): Promise<Buffer> => {
    throw new Error('fetched');
  };
  expect(await verifySignatures(manifest, DIGEST, signer, read)).toMatchObject([{ state: 'invalid' }]);
});

test('a manifest that is extended keeps what it had', async () => {
  const [one, two] = [await testKey('ed25519'), await testKey('ecdsa')];
  const first = manifestOf(signatureLayer(PAYLOAD, one.signer).layer);
  const both = parseManifest(
    cosignManifest({ ...first, annotations: { theirs: 'kept' } }, [signatureLayer(PAYLOAD, two.signer).layer]),
    'test',
  );
  expect(both.annotations).toEqual({ theirs: 'kept' });
  expect((await judge(both, one.signer)).map(({ state }) => state)).toEqual(['valid', 'unknown key']);
  expect((await judge(both, two.signer)).map(({ state }) => state)).toEqual(['unknown key', 'valid']);
});
