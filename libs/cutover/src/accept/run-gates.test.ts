import { generateKeyPairSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readSigner, readVerifier, type StatementFacts, statement, writeStatement } from '@baton/evidence';
import { sha256 } from '@baton/kernel';
import { temporaryDirectory } from '@baton/testkit';
import { expect, test } from 'vitest';
import type { Gate } from '../model/manifest.ts';
import { runGates } from './run-gates.ts';

const IMAGE = sha256('image');
const CORPUS = sha256('corpus');
const hex = (digest: string) => ({ sha256: digest.slice(7) });

function facts(changes: Partial<StatementFacts> = {}): StatementFacts {
  return {
    subject: [{ name: 'image', digest: hex(IMAGE) }],
    tool: { name: 'baton', version: '1' },
    materials: [{ name: 'scenarios', digest: hex(CORPUS), role: 'scenarios' }],
    result: 'equal',
    ...changes,
  };
}

async function gate(
  made: readonly [name: string, capability: string, changes?: Partial<StatementFacts>][],
  wanted: Partial<Gate> = {},
) {
  const directory = temporaryDirectory('gates');
  await mkdir(join(directory, 'dist/evidence'), { recursive: true });
  for (const [name, capability, changes] of made) {
    await writeStatement(join(directory, 'dist/evidence', name), statement(capability, facts(changes)));
  }
  const [result] = await runGates([{ id: 'g', evidence: 'parity', image: IMAGE, corpus: CORPUS, ...wanted }], {
    directory,
  });
  return `${result?.state}: ${result?.detail.replaceAll(directory, '')}`;
}

test('a statement that is not there is pending, the right one passes and says that it is unsigned', async () => {
  expect(await gate([])).toBe('pending: no such statement is in dist/evidence');
  expect(await gate([['image.json', 'image', { result: 'built' }]])).toMatch(/^pending/);
  expect(await gate([['parity.json', 'parity']])).toMatch(/^passed: equal, unsigned, statement sha256:/);
  expect(await gate([['parity.json', 'parity', { result: 'equal-with-divergence' }]])).toMatch(/^passed/);
});

test('one about something else is failed, and one good among several is enough', async () => {
  const other = { subject: [{ name: 'image', digest: hex(sha256('other')) }] };
  expect(await gate([['parity.json', 'parity', other]])).toContain(
    `failed: /dist/evidence/parity.json: expected a statement about ${IMAGE}`,
  );
  expect(await gate([['parity.json', 'parity', { materials: [] }]])).toContain(
    `expected the corpus ${CORPUS}, found none`,
  );
  expect(await gate([['parity.json', 'parity', { result: 'diverged' }]])).toContain('found diverged');
  const failing = { checks: [{ id: 'noise', result: 'failed' as const, detail: 'it is' }] };
  expect(await gate([['parity.json', 'parity', failing]])).toContain('the check noise failed: it is');
  const open = { checks: [{ id: 'noise', result: 'pending' as const }] };
  expect(await gate([['parity.json', 'parity', open]])).toMatch(/^pending/);
  expect(
    await gate([
      ['a.json', 'parity', other],
      ['b.json', 'parity'],
    ]),
  ).toMatch(/^passed/);
});

test('imported suites go by their name', async () => {
  const wanted = { evidence: 'imported' as const, name: 'e2e' };
  const suite = (name: string): [string, string, Partial<StatementFacts>] => [
    `${name}.json`,
    'imported',
    { result: 'imported', imported: { kind: name } },
  ];
  expect(await gate([suite('smoke')], wanted)).toMatch(/^pending/);
  expect(await gate([suite('smoke'), suite('e2e')], wanted)).toMatch(/^passed/);
  const bad: [string, string, Partial<StatementFacts>] = [
    'e2e.json',
    'imported',
    { result: 'undetermined', imported: { kind: 'e2e' } },
  ];
  expect(await gate([bad], wanted)).toContain('found undetermined');
});

test('a damaged statement is failed, other files are none', async () => {
  const directory = temporaryDirectory('gates');
  await writeFile(join(directory, 'package.json'), '{}');
  const look = async () => (await runGates([{ id: 'g', evidence: 'parity', from: ['.'] }], { directory }))[0];
  expect(await look()).toMatchObject({ state: 'pending' });
  await writeFile(join(directory, 'parity.json'), '{"_type": 1}\n');
  expect(await look()).toMatchObject({ state: 'failed' });
});

test('a policy that wants a key refuses what is not signed with it', async () => {
  const directory = temporaryDirectory('gates');
  const pem = (name: string) => {
    const { privateKey } = generateKeyPairSync('ed25519');
    return writeFile(join(directory, name), privateKey.export({ type: 'pkcs8', format: 'pem' })).then(() =>
      join(directory, name),
    );
  };
  const [mine, other] = [await pem('mine'), await pem('other')];
  const gates: Gate[] = [{ id: 'g', evidence: 'parity', from: ['parity.json'] }];
  const look = async (key: string) =>
    (await runGates(gates, { directory, policy: { policy: 'key', verifier: await readVerifier(key) } }))[0];
  const path = join(directory, 'parity.json');
  await writeStatement(path, statement('parity', facts()));
  expect(await look(mine)).toMatchObject({ state: 'failed', detail: expect.stringContaining('unsigned') });
  await writeStatement(path, statement('parity', facts()), { signer: await readSigner(mine) });
  expect(await look(mine)).toMatchObject({ state: 'passed', detail: expect.stringContaining(', signed,') });
  expect(await look(other)).toMatchObject({ state: 'failed' });
});
