import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSigner, statement, statementDigest, writeStatement } from '@baton/evidence';
import { sha256 } from '@baton/kernel';
import { temporaryDirectory } from '@baton/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { document, runBaton } from '../test-baton.ts';

const IMAGE = sha256('the image');
const dir = temporaryDirectory('evidence');
const signed = join(dir, 'dist', 'evidence', 'image.json');
const unsigned = join(dir, 'unsigned', 'image.json');
const made = statement('image', {
  subject: [{ name: 'node-agent', digest: { sha256: IMAGE.slice('sha256:'.length) } }],
  tool: { name: 'baton', version: '0.1.0' },
  result: 'built',
  checks: [{ id: 'reproducible', result: 'passed' }],
});

beforeAll(async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const other = generateKeyPairSync('ed25519').publicKey;
  writeFileSync(join(dir, 'release.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  writeFileSync(join(dir, 'release.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
  writeFileSync(join(dir, 'other.pub'), other.export({ type: 'spki', format: 'pem' }));
  await writeStatement(signed, made, { signer: await readSigner(join(dir, 'release.pem')) });
  await writeStatement(unsigned, made);
  mkdirSync(join(dir, 'empty'));
});

const baton = (...args: string[]) => runBaton(args, { cwd: dir });

describe('evidence show', () => {
  test('a project shows its statements, each under its file', async () => {
    const ran = await baton('evidence', 'show', '.');
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout.split('\n').slice(0, 3)).toEqual([
      'dist/evidence/image.json',
      'image: built (signed, not checked: no key is configured)',
      `statement ${statementDigest(made)}`,
    ]);
  });

  test('--json has the statements themselves', async () => {
    const ran = await baton('--json', 'evidence', 'show', 'unsigned/image.json');
    expect(document(ran)).toEqual({
      ok: true,
      result: [{ path: 'unsigned/image.json', digest: statementDigest(made), signature: 'unsigned', statement: made }],
    });
  });

  test.each([
    ['empty', 'error EVIDENCE_MISSING: no statements in empty'],
    ['nowhere.json', 'error EVIDENCE_MISSING: no statement at nowhere.json'],
    ['release.pub', 'error EVIDENCE_INVALID: release.pub: not JSON'],
  ])('%s is refused', async (path, line) => {
    const ran = await baton('evidence', 'show', path);
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toContain(line);
  });
});

describe('evidence verify', () => {
  test('says that an unsigned statement is unsigned', async () => {
    expect(await baton('evidence', 'verify', 'unsigned/image.json')).toEqual({
      code: 0,
      stdout: `image statement ${statementDigest(made).slice(0, 19)} about ${IMAGE.slice(0, 19)}: unsigned: it holds\n`,
      stderr: '',
    });
  });

  test('a signature by the key, about the image, holds', async () => {
    const ran = await baton('evidence', 'verify', signed, '--key', 'release.pub', '--subject', IMAGE, '--json');
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(document(ran)).toMatchObject({
      ok: true,
      result: { capability: 'image', result: 'built', subjects: [IMAGE], state: 'signed', accepted: true, reasons: [] },
    });
  });

  test.each([
    [
      ['unsigned/image.json', '--key', 'release.pub'],
      'EVIDENCE_INVALID: unsigned/image.json: the statement is unsigned',
    ],
    [
      ['dist/evidence/image.json', '--key', 'other.pub'],
      'EVIDENCE_INVALID: dist/evidence/image.json: the signature is not',
    ],
    [
      ['unsigned/image.json', '--subject', sha256('another')],
      `EVIDENCE_MISMATCH: unsigned/image.json: it is about ${IMAGE}, not about ${sha256('another')}`,
    ],
  ])('%j does not hold: exit code 1, and the facts all the same', async (args, line) => {
    const ran = await baton('evidence', 'verify', ...args);
    expect(ran.code).toBe(1);
    expect(ran.stdout).toMatch(/^image statement sha256:/);
    expect(ran.stderr.split('\n')[0]).toContain(`error ${line}`);
    const json = document(await baton('evidence', 'verify', ...args, '--json'));
    expect(json).toMatchObject({ ok: false, error: { exitCode: 1 }, result: { accepted: false } });
  });

  test('a directory of statements that is not there is a wrong call, also when nothing is relied on', async () => {
    const ran = await baton('evidence', 'verify', 'unsigned/image.json', '--relied', 'nowhere');
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toContain('error USAGE: --relied: expected a directory of statements; found none at "nowhere"');
    expect(await baton('evidence', 'verify', 'unsigned/image.json', '--relied', 'unsigned')).toMatchObject({ code: 0 });
  });

  test('a subject that is no digest is a wrong call', async () => {
    expect(await baton('evidence', 'verify', 'x.json', '--subject', 'latest')).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'error USAGE: --subject: expected sha256: and 64 hexadecimal digits; found "latest"\n' +
        '  hint: "baton image inspect" shows the digest of an image.\n',
    });
  });
});

describe('evidence import', () => {
  const about = ['--kind', 'e2e', '--subject', `ghcr.io/acme/agent@${IMAGE}`, '--junit', 'results.xml'];
  const results = (cases: string): void => writeFileSync(join(dir, 'results.xml'), `<testsuite>${cases}</testsuite>`);

  test('a suite that passed is a statement that holds, and a second import changes nothing', async () => {
    results('<testcase name="a"/>');
    const ran = await baton('evidence', 'import', 'suites', ...about);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toContain('e2e: imported (1 cases, 0 failed, 0 skipped) about ghcr.io/acme/agent@');
    const file = 'suites/dist/evidence/imported-e2e.json';
    expect(await baton('evidence', 'verify', file, '--subject', IMAGE)).toMatchObject({ code: 0 });
    expect((await baton('evidence', 'import', 'suites', ...about)).stdout).toBe(ran.stdout);
  });

  test('one that failed, or in which nothing ran, is stated and is no pass', async () => {
    results('<testcase name="a"><failure/></testcase>');
    const failed = await baton('evidence', 'import', 'failing', ...about, '--json');
    expect(failed.code).toBe(1);
    expect(document(failed).error?.code).toBe('SUITE_FAILED');
    results('');
    expect(await baton('evidence', 'import', 'failing', ...about)).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('nothing ran'),
    });
  });

  test.each([
    ['a tag', ['--subject', 'acme/agent:1.0'], 2, 'expected NAME@sha256:'],
    ['a name with blanks', ['--kind', 'my suite'], 2, 'expected lower-case letters'],
    ['no such file', ['--junit', 'absent.xml'], 3, 'cannot read the JUnit file absent.xml'],
    ['another file', ['--junit', 'release.pub'], 1, 'release.pub: expected a JUnit file'],
  ])('refuses %s', async (_, change, code, message) => {
    const ran = await baton('evidence', 'import', 'refused', ...about, ...change);
    expect(ran).toMatchObject({ code, stderr: expect.stringContaining(message) });
    expect(ran.stderr).toContain('hint: ');
  });
});
