import { generateKeyPairSync, type KeyPairKeyObjectResult } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BatonError } from '@baton/kernel';
import { temporaryDirectory } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import { findSigner, findVerifier, readSigner, readVerifier } from './keys.ts';

const dir = temporaryDirectory('keys');

interface Pair {
  privateKey: string;
  publicKey: string;
}

function pem(
  { privateKey, publicKey }: KeyPairKeyObjectResult,
  lock: { cipher?: string; passphrase?: string } = {},
): Pair {
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem', ...lock }).toString(),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

const ED25519 = pem(generateKeyPairSync('ed25519'));
const P256 = pem(generateKeyPairSync('ec', { namedCurve: 'prime256v1' }));

async function file(name: string, content: string): Promise<string> {
  const path = join(dir, name);
  await writeFile(path, content);
  return path;
}

async function failure(work: Promise<unknown>): Promise<BatonError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof BatonError) return error;
  throw new Error(`expected a BatonError, found ${String(error)}`);
}

describe.each([
  ['ed25519', ED25519],
  ['ecdsa-p256', P256],
])('%s', (name, pair) => {
  it('signs with the private key and verifies with the public one', async () => {
    const signer = await readSigner(await file(`${name}.pem`, pair.privateKey));
    const verifier = await readVerifier(await file(`${name}.pub`, pair.publicKey));
    const signature = signer.sign(Buffer.from('bytes'));
    expect(verifier.verify(Buffer.from('bytes'), signature)).toBe(true);
    expect(verifier.verify(Buffer.from('other'), signature)).toBe(false);
    expect(verifier.verify(Buffer.from('bytes'), Buffer.from('junk'))).toBe(false);
    expect(verifier.verify(Buffer.from('bytes'), Buffer.alloc(0))).toBe(false);
  });

  it('verifies with the public half of a private key, which has the same name', async () => {
    const path = await file(`${name}.pem`, pair.privateKey);
    const [signer, verifier] = [await readSigner(path), await readVerifier(path)];
    expect(verifier.verify(Buffer.from('x'), signer.sign(Buffer.from('x')))).toBe(true);
    expect(verifier.keyId).toBe(signer.keyId);
    expect(verifier.keyId).toMatch(/^[0-9a-f]{64}$/);
    expect('sign' in verifier).toBe(false);
  });
});

it('keys of another kind do not verify each other', async () => {
  const signer = await readSigner(await file('a.pem', ED25519.privateKey));
  const verifier = await readVerifier(await file('b.pub', P256.publicKey));
  expect(verifier.verify(Buffer.from('x'), signer.sign(Buffer.from('x')))).toBe(false);
});

it('takes the older form of an elliptic key', async () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const path = await file('sec1.pem', privateKey.export({ type: 'sec1', format: 'pem' }).toString());
  expect((await readSigner(path)).keyId).toMatch(/^[0-9a-f]{64}$/);
});

describe('what is no key', () => {
  const encrypted = pem(generateKeyPairSync('ed25519'), { cipher: 'aes-256-cbc', passphrase: 'secret' }).privateKey;
  const rsa = pem(generateKeyPairSync('rsa', { modulusLength: 2048 }));
  const p384 = pem(generateKeyPairSync('ec', { namedCurve: 'P-384' }));

  it.each([
    ['an RSA key', rsa.privateKey, 'expected an Ed25519 or ECDSA P-256 key, found rsa'],
    ['another curve', p384.privateKey, 'expected an Ed25519 or ECDSA P-256 key, found ec'],
    ['an encrypted key', encrypted, 'expected an unencrypted PEM key, found something that cannot be read as one'],
    ['a public key', ED25519.publicKey, 'expected a private key to sign with, found another kind of PEM'],
    ['text', 'hello', 'expected a private key to sign with, found another kind of PEM'],
    ['nothing', '', 'expected a private key to sign with, found another kind of PEM'],
    [
      'a damaged key',
      ED25519.privateKey.replace(/\n.{10}/, '\nAAAAAAAAAA'),
      'expected an unencrypted PEM key, found something that cannot be read as one',
    ],
  ])('%s cannot sign', async (_, content, message) => {
    const path = await file('bad.pem', content);
    const error = await failure(readSigner(path));
    expect(error).toMatchObject({ code: 'KEY_INVALID', message: `key ${path}: ${message}` });
    expect(error.exitCode).toBe(2);
  });

  it.each([
    'hello',
    '',
    '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n',
  ])('%j cannot verify', async (content) => {
    expect((await failure(readVerifier(await file('bad.pub', content)))).code).toBe('KEY_INVALID');
  });

  it('a missing file, a folder', async () => {
    expect(await failure(readSigner(join(dir, 'absent')))).toMatchObject({
      code: 'KEY_INVALID',
      message: `key ${join(dir, 'absent')}: there is no such file`,
    });
    await mkdir(join(dir, 'folder'));
    expect((await failure(readSigner(join(dir, 'folder')))).code).toBe('FILE_UNREADABLE');
  });

  it('never shows what is in the file', async () => {
    const damaged = '-----BEGIN PRIVATE KEY-----\nc2VjcmV0LXNlY3JldA==\n-----END PRIVATE KEY-----\n';
    const error = await failure(readSigner(await file('secret.pem', damaged)));
    expect(JSON.stringify([error.message, error.hint, error.details, String(error.cause), error.stack])).not.toMatch(
      /c2VjcmV0|secret-secret/,
    );
  });
});

describe('finding a key', () => {
  it('signs with BATON_SIGNING_KEY first, then with the private key of the manifest', async () => {
    const one = await file('one.pem', ED25519.privateKey);
    const two = await file('two.pem', P256.privateKey);
    const [first, second] = [await readSigner(one), await readSigner(two)];
    expect((await findSigner({ env: { BATON_SIGNING_KEY: one }, key: two }))?.keyId).toBe(first.keyId);
    expect((await findSigner({ env: {}, key: two }))?.keyId).toBe(second.keyId);
    expect((await findSigner({ env: { BATON_SIGNING_KEY: '' }, key: two }))?.keyId).toBe(second.keyId);
  });

  it('does not sign with a public key, or without any', async () => {
    expect(await findSigner({ env: {}, key: await file('x.pub', ED25519.publicKey) })).toBeUndefined();
    expect(await findSigner({})).toBeUndefined();
    expect(await findVerifier({})).toBeUndefined();
  });

  it('verifies with the key of the manifest first: the environment cannot replace it', async () => {
    const one = await file('one.pem', ED25519.privateKey);
    const two = await file('two.pub', P256.publicKey);
    const [first, second] = [await readVerifier(one), await readVerifier(two)];
    expect((await findVerifier({ env: { BATON_SIGNING_KEY: one }, key: two }))?.keyId).toBe(second.keyId);
    expect((await findVerifier({ env: { BATON_SIGNING_KEY: one } }))?.keyId).toBe(first.keyId);
  });

  it('does not go on without a key that is named', async () => {
    const absent = join(dir, 'absent');
    expect((await failure(findSigner({ env: { BATON_SIGNING_KEY: absent } }))).code).toBe('KEY_INVALID');
    expect((await failure(findSigner({ key: absent }))).code).toBe('KEY_INVALID');
    expect((await failure(findVerifier({ key: absent }))).code).toBe('KEY_INVALID');
  });
});
