import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProcess, toolEnv } from '@baton/kernel';
import { needs, temporaryDirectory } from '@baton/testkit';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  envelopePayload,
  envelopeSignedBy,
  PAYLOAD_TYPE,
  parseEnvelope,
  preAuthEncoding,
  sealEnvelope,
} from './envelope.ts';
import { readSigner, type Signer } from './keys.ts';

const dir = temporaryDirectory('envelope');
let signer: Signer;
let other: Signer;

async function newSigner(name: string): Promise<Signer> {
  const path = join(dir, name);
  await writeFile(path, generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }));
  return await readSigner(path);
}

beforeAll(async () => {
  signer = await newSigner('one.pem');
  other = await newSigner('two.pem');
});

describe('preAuthEncoding', () => {
  it('is that of the DSSE protocol, with lengths in bytes', () => {
    expect(preAuthEncoding('http://example.com/HelloWorld', Buffer.from('hello world')).toString()).toBe(
      'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
    );
    expect(preAuthEncoding('ä', Buffer.from('')).toString()).toBe('DSSEv1 2 ä 0 ');
  });
});

describe('an envelope', () => {
  it('carries the bytes and is signed by its signer alone', () => {
    const payload = Buffer.from('{}\n');
    const envelope = parseEnvelope(sealEnvelope(payload, signer), 'x.dsse.json');
    expect(envelopePayload(envelope).equals(payload)).toBe(true);
    expect(envelopeSignedBy(envelope, payload, signer)).toBe(true);
    expect(envelopeSignedBy(envelope, payload, other)).toBe(false);
    expect(envelopeSignedBy(envelope, Buffer.from('{ }\n'), signer)).toBe(false);
  });

  it('is the same each time with Ed25519', () => {
    const payload = Buffer.from('{}\n');
    expect(sealEnvelope(payload, signer).equals(sealEnvelope(payload, signer))).toBe(true);
  });

  it('does not believe the name of a key', () => {
    const payload = Buffer.from('{}\n');
    const envelope = parseEnvelope(sealEnvelope(payload, other), 'x');
    const lying = { ...envelope, signatures: envelope.signatures.map((s) => ({ ...s, keyid: signer.keyId })) };
    expect(envelopeSignedBy(lying, payload, signer)).toBe(false);
  });

  it('may have several signatures, keys without names, and keys that we do not know', () => {
    const payload = Buffer.from('{}\n');
    const [one] = parseEnvelope(sealEnvelope(payload, other), 'x').signatures;
    const [two] = parseEnvelope(sealEnvelope(payload, signer), 'x').signatures;
    const text = JSON.stringify({
      payload: payload.toString('base64url'),
      payloadType: PAYLOAD_TYPE,
      signatures: [one, { sig: two?.sig, cert: 'x' }],
      more: 1,
    });
    const envelope = parseEnvelope(Buffer.from(text), 'x');
    expect(envelopePayload(envelope).equals(payload)).toBe(true);
    expect(envelopeSignedBy(envelope, payload, signer)).toBe(true);
  });

  it('carries any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const envelope = parseEnvelope(sealEnvelope(bytes, signer), 'x');
        expect(envelopePayload(envelope).equals(Buffer.from(bytes))).toBe(true);
        expect(envelopeSignedBy(envelope, bytes, signer)).toBe(true);
      }),
    );
  });
});

describe('what is no envelope', () => {
  const good = { payload: '', payloadType: PAYLOAD_TYPE, signatures: [{ sig: '' }] };

  it.each([
    ['', 'not JSON'],
    ['{', 'not JSON'],
    ['\xff', 'not JSON'],
    ['[]', 'expected an object, found [] at $'],
    [
      JSON.stringify({ ...good, payloadType: 'text/plain' }),
      `expected ${PAYLOAD_TYPE}, found "text/plain" at $.payloadType`,
    ],
    [JSON.stringify({ ...good, signatures: [] }), 'expected at least one item, found [] at $.signatures'],
    [JSON.stringify({ ...good, payload: 1 }), 'expected text, found 1 at $.payload'],
    [JSON.stringify({ ...good, signatures: [{}] }), 'expected text, found nothing at $.signatures[0].sig'],
  ])('%j', (text, message) => {
    expect(() => parseEnvelope(Buffer.from(text, 'latin1'), 'x.dsse.json')).toThrow(
      expect.objectContaining({ code: 'EVIDENCE_INVALID', message: `x.dsse.json: ${message}` }),
    );
  });
});

needs('openssl')('OpenSSL agrees with an ECDSA signature', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  await writeFile(join(dir, 'p256.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  await writeFile(join(dir, 'p256.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
  const payload = Buffer.from('{}\n');
  const envelope = parseEnvelope(sealEnvelope(payload, await readSigner(join(dir, 'p256.pem'))), 'x');
  await writeFile(join(dir, 'signed'), preAuthEncoding(PAYLOAD_TYPE, payload));
  await writeFile(join(dir, 'signature'), Buffer.from(envelope.signatures[0]?.sig ?? '', 'base64'));
  const result = await runProcess({
    command: 'openssl',
    args: ['dgst', '-sha256', '-verify', 'p256.pub', '-signature', 'signature', 'signed'],
    cwd: dir,
    env: toolEnv(),
  });
  expect(result.stdout.toString().trim()).toBe('Verified OK');
});
