import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BatonError, type ProgressEvent, sha256, shortDigest } from '@baton/kernel';
import { temporaryDirectory } from '@baton/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Demand, demandStatement } from './demand.ts';
import { writeStatement } from './files.ts';
import { readSigner, type Signer } from './keys.ts';
import type { Check } from './schema.ts';
import { digestSet, statement } from './statement.ts';

const IMAGE = sha256('image');
const OTHER = sha256('other');
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

async function written(by?: Signer, facts: { capability?: string; checks?: Check[] } = {}): Promise<string> {
  const path = join(temporaryDirectory('demand'), 'image.json');
  const { capability = 'image', checks = [] } = facts;
  const made = statement(capability, {
    subject: [{ name: 'node-agent', digest: digestSet(IMAGE) }],
    tool: { name: 'baton', version: '0.1.0' },
    result: 'built',
    checks,
  });
  await writeStatement(path, made, { signer: by });
  return path;
}

const WANTED: Demand = { capability: 'image', subject: IMAGE };

async function failure(path: string, demand: Demand): Promise<BatonError> {
  const error = await demandStatement(path, demand).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof BatonError) return error;
  throw new Error(`expected a BatonError, found ${String(error)}`);
}

describe('a demand that is met', () => {
  it('gives the statement, and tells that it is unsigned', async () => {
    const events: ProgressEvent[] = [];
    const path = await written();
    const read = await demandStatement(path, { ...WANTED, results: ['built'], emit: (event) => events.push(event) });
    expect(read.signature).toBe('unsigned');
    expect(events).toEqual([
      {
        type: 'note',
        label: 'evidence',
        detail: `image statement ${shortDigest(read.digest)} about ${shortDigest(IMAGE)}: unsigned`,
        data: { statement: read.digest, signature: 'unsigned' },
      },
    ]);
  });

  it('is met by a signature where the policy wants one', async () => {
    const details: (string | undefined)[] = [];
    const read = await demandStatement(await written(signer), {
      ...WANTED,
      policy: { policy: 'key', verifier: signer },
      emit: ({ detail }) => details.push(detail),
    });
    expect(read.signature).toBe('valid');
    expect(details[0]).toMatch(/: signed$/);
  });

  it('is met by a signature that nobody can check, where the policy wants none', async () => {
    const details: (string | undefined)[] = [];
    await demandStatement(await written(signer), { ...WANTED, emit: ({ detail }) => details.push(detail) });
    expect(details[0]).toMatch(/: signed, not checked: no key is configured$/);
  });
});

describe('a demand that is not met', () => {
  it('no statement', async () => {
    const path = join(temporaryDirectory('demand'), 'image.json');
    const error = await failure(path, { ...WANTED, hint: 'Build it.' });
    expect(error).toMatchObject({
      code: 'EVIDENCE_MISSING',
      message: `no statement at ${path}: expected one by image about ${IMAGE}`,
      hint: 'Build it.',
    });
    expect(error.exitCode).toBe(1);
  });

  it('about other bytes', async () => {
    const path = await written();
    const error = await failure(path, { ...WANTED, subject: OTHER });
    expect(error).toMatchObject({
      code: 'EVIDENCE_MISMATCH',
      message: `${path}: expected a statement about ${OTHER}, found one about ${IMAGE}`,
    });
    expect(error.exitCode).toBe(1);
  });

  it('by another capability', async () => {
    const path = await written(undefined, { capability: 'parity' });
    expect(await failure(path, WANTED)).toMatchObject({
      code: 'EVIDENCE_MISMATCH',
      message: `${path}: expected a statement by image, found one by parity`,
    });
  });

  it('another result', async () => {
    const path = await written();
    expect(await failure(path, { ...WANTED, results: ['verified', 'equal'] })).toMatchObject({
      code: 'EVIDENCE_MISMATCH',
      message: `${path}: expected the result verified or equal, found built`,
    });
  });

  it('a check that failed; pending and noted ones are for the reader', async () => {
    const path = await written(undefined, { checks: [{ id: 'start', result: 'failed', detail: 'exit code 1' }] });
    expect(await failure(path, WANTED)).toMatchObject({
      code: 'EVIDENCE_MISMATCH',
      message: `${path}: the check start failed: exit code 1`,
    });
    const pending = await written(undefined, { checks: [{ id: 'start', result: 'pending' }] });
    expect((await demandStatement(pending, WANTED)).statement.predicate.checks).toHaveLength(1);
  });

  it('a damaged statement', async () => {
    const path = await written();
    await writeFile(path, '{}');
    expect((await failure(path, WANTED)).code).toBe('EVIDENCE_INVALID');
  });

  it('no signature where the policy wants one', async () => {
    const path = await written();
    const error = await failure(path, { ...WANTED, policy: { policy: 'key', verifier: signer } });
    expect(error).toMatchObject({
      code: 'EVIDENCE_INVALID',
      message: `${path}: the statement is unsigned and the policy is "key"`,
      hint: 'Sign it (BATON_SIGNING_KEY names the key), configure the key in evidence.key, or relax evidence.policy.',
    });
  });

  it('a policy that no key was configured for', async () => {
    const path = await written(signer);
    const error = await failure(path, { ...WANTED, policy: { policy: 'key' } });
    expect(error.message).toBe(`${path}: the policy is "key" and no key is configured`);
  });

  it.each(['unsigned', 'key'] as const)('the signature of another key, under the policy %s', async (policy) => {
    const path = await written(other);
    expect(await failure(path, { ...WANTED, policy: { policy, verifier: signer } })).toMatchObject({
      code: 'EVIDENCE_INVALID',
      message: `${path}: the signature is not by the configured key`,
      hint: 'Make the statement again with the configured key, or configure the key that it was signed with.',
    });
  });
});
