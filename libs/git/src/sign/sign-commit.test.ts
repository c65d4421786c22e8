import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProcess, toolEnv } from '@baton/kernel';
import { needs, temporaryDirectory, temporaryRepository } from '@baton/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { commitObject, unsignedPayload } from '../commit.ts';
import type { NewObject } from '../objects.ts';
import { openObjectStore } from '../open-object-store.ts';
import { failure } from '../test-open.ts';
import { signCommit } from './sign-commit.ts';

const WHO = 'Ada <ada@example.com> 1714550000 +0000';
const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
const unsigned = (): NewObject =>
  commitObject('sha1', { tree: emptyTree, parents: [], author: WHO, committer: WHO, message: 'cut over\n\nbody\n' });

async function tool(command: string, ...args: string[]): Promise<string> {
  const env = toolEnv(process.env.GNUPGHOME === undefined ? {} : { GNUPGHOME: process.env.GNUPGHOME });
  const { code, stdout, stderr } = await runProcess({ command, args, env });
  if (code !== 0) throw new Error(`${command}: ${stderr.toString('utf8')}`);
  return stdout.toString('utf8');
}

/** Writes a signed commit to a repository and has git verify it. */
async function verify(commit: NewObject, ...config: string[]): Promise<void> {
  const made = await temporaryRepository({ a: 'a' });
  const store = await openObjectStore(made.dir);
  await store.writeObjects([{ type: 'tree', id: emptyTree, bytes: new Uint8Array() }, commit]);
  await store.close();
  const options = config.flatMap((setting) => ['-c', setting]);
  await tool('git', '-C', made.dir, ...options, 'verify-commit', commit.id);
  expect(await made.git('log', '-1', '--format=%B', commit.id)).toBe('cut over\n\nbody');
  expect(await made.git('fsck', '--no-dangling')).toBe('');
}

needs('gpg').describe('with gpg', () => {
  const before = process.env.GNUPGHOME;
  afterEach(async () => {
    await tool('gpgconf', '--kill', 'all');
    if (before === undefined) delete process.env.GNUPGHOME;
    else process.env.GNUPGHOME = before;
  });

  it('git verifies the commit, and its payload is that of the unsigned one', async () => {
    process.env.GNUPGHOME = temporaryDirectory('gpg');
    await tool(
      'gpg',
      '--batch',
      '--passphrase',
      '',
      '--quick-generate-key',
      'Ada <ada@example.com>',
      'ed25519',
      'sign',
    );
    const commit = unsigned();
    const signed = await signCommit('sha1', commit, { format: 'openpgp', key: 'ada@example.com' });
    expect(signed.id).not.toBe(commit.id);
    expect(unsignedPayload(signed.bytes).equals(Buffer.from(commit.bytes))).toBe(true);
    await verify(signed);
    const error = await failure(signCommit('sha1', commit, { format: 'openpgp', key: 'grace@example.com' }));
    expect(error.code).toBe('SIGNING_FAILED');
    expect(error.message).toContain('gpg could not sign with grace@example.com: gpg: skipped');
  });
});

describe('with ssh-keygen', () => {
  const keyPair = async (): Promise<{ key: string; config: string[] }> => {
    const dir = temporaryDirectory('ssh');
    const key = join(dir, 'key');
    await tool('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'ada', '-f', key);
    const signers = join(dir, 'signers');
    writeFileSync(signers, `ada@example.com ${await tool('ssh-keygen', '-y', '-f', key)}`);
    return { key, config: ['gpg.format=ssh', `gpg.ssh.allowedSignersFile=${signers}`] };
  };

  it('git verifies the commit, and its payload is that of the unsigned one', async () => {
    const { key, config } = await keyPair();
    const commit = unsigned();
    const signed = await signCommit('sha1', commit, { format: 'ssh', key });
    expect(unsignedPayload(signed.bytes).equals(Buffer.from(commit.bytes))).toBe(true);
    await verify(signed, ...config);
    // An ed25519 key always signs alike; so does the commit.
    expect((await signCommit('sha1', commit, { format: 'ssh', key })).id).toBe(signed.id);
  });

  it('git refuses it when one byte of the commit is another', async () => {
    const { key, config } = await keyPair();
    const signed = await signCommit('sha1', unsigned(), { format: 'ssh', key });
    const other = Buffer.from(Buffer.from(signed.bytes).toString('latin1').replace('cut over', 'cut 0ver'), 'latin1');
    const made = await temporaryRepository({ a: 'a' });
    const path = join(made.dir, '.git', 'forged');
    writeFileSync(path, other);
    const id = await made.git('hash-object', '-t', 'commit', '-w', '--literally', path);
    const verified = made.git(...config.flatMap((setting) => ['-c', setting]), 'verify-commit', id);
    await expect(verified).rejects.toThrow('Could not verify signature');
  });

  it('says what is wrong with a key, and with what is to be signed', async () => {
    const { key } = await keyPair();
    const missing = await failure(signCommit('sha1', unsigned(), { format: 'ssh', key: '/nowhere/key' }));
    expect(missing.code).toBe('SIGNING_FAILED');
    expect(missing.message).toContain('ssh-keygen could not sign with /nowhere/key: ');
    const signed = await signCommit('sha1', unsigned(), { format: 'ssh', key });
    expect((await failure(signCommit('sha1', signed, { format: 'ssh', key }))).message).toContain('unsigned commit');
    expect((await failure(signCommit('sha1', unsigned(), { format: 'ssh', key: '' }))).code).toBe('SIGNING_FAILED');
  });

  it('has a header of its own in a repository of SHA-256', async () => {
    const { key } = await keyPair();
    const tree = '0'.repeat(64);
    const commit = commitObject('sha256', { tree, parents: [], author: WHO, committer: WHO, message: 'x' });
    const signed = await signCommit('sha256', commit, { format: 'ssh', key });
    expect(Buffer.from(signed.bytes).toString('latin1')).toContain('\ngpgsig-sha256 -----BEGIN SSH SIGNATURE-----\n ');
    expect(unsignedPayload(signed.bytes).equals(Buffer.from(commit.bytes))).toBe(true);
    expect(signed.id).toHaveLength(64);
  });
});
