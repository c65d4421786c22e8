import { generateKeyPairSync } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, sha256 } from '@baton/kernel';
import { temporaryDirectory } from '@baton/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeStatement } from './files.ts';
import { readSigner, type Signer } from './keys.ts';
import { digestSet, statement } from './statement.ts';
import { verifyStatement } from './verify.ts';

const keys = temporaryDirectory('keys');
let signer: Signer;
let other: Signer;

beforeAll(async () => {
  for (const name of ['a', 'b']) {
    const { privateKey } = generateKeyPairSync('ed25519');
    await writeFile(join(keys, name), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  }
  signer = await readSigner(join(keys, 'a'));
  other = await readSigner(join(keys, 'b'));
});

async function write(
  path: string,
  facts: { about: string; relies?: Digest[]; failed?: boolean },
  by?: Signer,
): Promise<Digest> {
  const made = statement('image', {
    subject: [{ name: 'node-agent', digest: digestSet(sha256(facts.about)) }],
    tool: { name: 'baton', version: '0.1.0' },
    result: 'built',
    checks: facts.failed === true ? [{ id: 'start', result: 'failed' }] : [],
    statements: facts.relies ?? [],
  });
  return await writeStatement(path, made, { signer: by });
}

describe('the signature', () => {
  it.each<[string, () => Signer | undefined, () => Signer | undefined, string, boolean, boolean]>([
    // Who signed, which key is configured, state, accepted under unsigned, accepted under key
    ['nobody, no key', () => undefined, () => undefined, 'unsigned', true, false],
    ['nobody, a key', () => undefined, () => signer, 'unsigned', true, false],
    ['the key', () => signer, () => signer, 'signed', true, true],
    ['another key', () => other, () => signer, 'wrong', false, false],
    ['somebody, no key', () => other, () => undefined, 'unsigned', true, false],
  ])('%s', async (_, by, verifier, state, underUnsigned, underKey) => {
    const path = join(temporaryDirectory('verify'), 'image.json');
    await write(path, { about: 'image' }, by());
    const lax = await verifyStatement(path, { policy: 'unsigned', verifier: verifier() });
    const strict = await verifyStatement(path, { policy: 'key', verifier: verifier() });
    expect([lax.state, strict.state]).toEqual([state, state]);
    expect([lax.accepted, strict.accepted]).toEqual([underUnsigned, underKey]);
    expect(lax.reasons.length === 0).toBe(underUnsigned);
  });
});

it('a check that failed is a reason', async () => {
  const path = join(temporaryDirectory('verify'), 'image.json');
  await write(path, { about: 'image', failed: true });
  const found = await verifyStatement(path, { policy: 'unsigned' });
  expect(found.accepted).toBe(false);
  expect(found.reasons).toEqual(['the check start failed']);
});

it('a missing or damaged statement is an error', async () => {
  const path = join(temporaryDirectory('verify'), 'image.json');
  await expect(verifyStatement(path, { policy: 'unsigned' })).rejects.toMatchObject({ code: 'EVIDENCE_MISSING' });
  await writeFile(path, '{}\n');
  await expect(verifyStatement(path, { policy: 'unsigned' })).rejects.toMatchObject({ code: 'EVIDENCE_INVALID' });
});

describe('the statements relied on', () => {
  async function chain(by?: Signer) {
    const dir = temporaryDirectory('verify');
    const first = join(dir, 'image.json');
    const digest = await write(first, { about: 'image' }, by);
    const path = join(dir, 'publish.json');
    await write(path, { about: 'published', relies: [digest] }, by);
    return { dir, first, digest, path };
  }

  it('are not looked for unless a directory is given', async () => {
    const { path, first } = await chain();
    await rm(first);
    expect(await verifyStatement(path, { policy: 'unsigned' })).toMatchObject({ accepted: true, relied: [] });
  });

  it('are found by their digest, whatever else is in the directory', async () => {
    const { dir, first, digest, path } = await chain(signer);
    await writeFile(join(dir, 'notes.json'), '{"not":"a statement"}');
    await writeFile(join(dir, 'notes.txt'), 'x');
    const found = await verifyStatement(path, { policy: 'key', verifier: signer }, { directory: dir });
    expect(found).toMatchObject({ accepted: true, reasons: [], relied: [{ digest, path: first }] });
  });

  it('are missed when they are about other bytes now', async () => {
    const { dir, first, digest, path } = await chain();
    await write(first, { about: 'another image' });
    expect(await verifyStatement(path, { policy: 'unsigned' }, { directory: dir })).toMatchObject({
      accepted: false,
      reasons: [`it relies on the statement ${digest}, which is not in ${dir}`],
      relied: [{ digest }],
    });
  });

  it('are missed when they were changed by one byte', async () => {
    const { dir, first, path } = await chain();
    await writeFile(first, '{}\n');
    expect((await verifyStatement(path, { policy: 'unsigned' }, { directory: dir })).accepted).toBe(false);
  });

  it('are missed in a directory that does not exist', async () => {
    const { path, digest } = await chain();
    const absent = join(temporaryDirectory('verify'), 'absent');
    expect((await verifyStatement(path, { policy: 'unsigned' }, { directory: absent })).reasons).toEqual([
      `it relies on the statement ${digest}, which is not in ${absent}`,
    ]);
  });

  it('must satisfy the policy as well', async () => {
    const { dir, first, path } = await chain(signer);
    await rm(first.replace('.json', '.dsse.json'));
    const found = await verifyStatement(path, { policy: 'key', verifier: signer }, { directory: dir });
    expect(found.state).toBe('signed');
    expect(found.reasons).toEqual([`it relies on ${first}: the statement is unsigned and the policy is "key"`]);
  });
});
