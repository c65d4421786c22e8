import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProcess, toolEnv } from '@baton/kernel';
import { needs, temporaryDirectory } from '@baton/testkit';
import { afterEach, expect, test } from 'vitest';
import { applyCutover } from './apply-cutover.ts';
import { revertCutover } from './revert-cutover.ts';
import { HEAD, PATHS, situation } from './test-cutover.ts';
import { verifyCutover } from './verify-cutover.ts';

async function tool(command: string, ...args: string[]): Promise<string> {
  const env = toolEnv(process.env.GNUPGHOME === undefined ? {} : { GNUPGHOME: process.env.GNUPGHOME });
  const { code, stdout, stderr } = await runProcess({ command, args, env });
  if (code !== 0) throw new Error(`${command}: ${stderr.toString('utf8')}`);
  return stdout.toString('utf8');
}

function signedBy(format: string, key: string): string {
  return HEAD.replace('  signoff: true', `  signoff: true\n  sign: { format: ${format}, key: ${JSON.stringify(key)} }`);
}

/** A signed cutover from the plan to the revert: the id is known once it is signed, tree and payload before. */
async function demandSigned(manifest: string, verifies: readonly string[]): Promise<void> {
  const { store, cutover, plan, repository } = await situation(manifest);
  const unsigned = await situation();
  const made = await plan();
  expect(made.commit).toMatchObject({ signed: true, tree: (await unsigned.plan()).commit.tree });
  expect(made.commit.id).toBeUndefined();
  expect(await plan()).toEqual(made);
  const first = await applyCutover(made, { store, cutover, expectTree: made.commit.tree });
  expect(first.state).toBe('applied');
  expect(await repository.git('cat-file', 'commit', first.commit)).toMatch(/\ngpgsig -----BEGIN /);
  await tool('git', '-C', repository.dir, ...verifies, 'verify-commit', first.commit);
  expect(await verifyCutover({ store, cutover, commit: first.commit })).toMatchObject({
    state: 'same-tree',
    payload: [],
    differences: [],
    expectedCommit: undefined,
  });
  // A signature differs from run to run: the one that is there is kept.
  const again = await applyCutover(await plan(), { store, cutover });
  expect(again).toMatchObject({ state: 'already-done', commit: first.commit });
  const onTop = await plan(first.commit);
  expect(onTop.alreadyDone).toEqual({ commit: first.commit, why: 'trailer' });
  expect((await revertCutover({ store, commit: first.commit, dryRun: true })).tree).toBe(made.base.tree);
  // With a checkout the same: its branch moves to a signed commit, and a second run has nothing to do.
  const checkedOut = await applyCutover(made, { store, cutover, checkout: repository.dir });
  expect(await repository.git('rev-parse', 'HEAD')).toBe(checkedOut.commit);
  expect(await repository.git('status', '--porcelain')).toBe('');
  expect(await applyCutover(await plan(), { store, cutover, checkout: repository.dir })).toMatchObject({
    state: 'already-done',
    commit: checkedOut.commit,
  });
  // One byte of the message changed by hand, signature and all: the tree is the same, the payload tells.
  const raw = await repository.git('cat-file', 'commit', first.commit);
  await repository.write({ '.git/edited': `${raw.replace('the new one', 'the new 0ne')}\n` });
  const forged = await repository.git('hash-object', '-t', 'commit', '-w', '--', '.git/edited');
  const judged = await verifyCutover({ store, cutover, commit: forged });
  expect(judged.payload.map(({ what }) => what)).toEqual(['message']);
  await Promise.all([store.close(), unsigned.store.close()]);
}

needs('gpg').describe('signed with gpg', () => {
  const before = process.env.GNUPGHOME;
  afterEach(async () => {
    await tool('gpgconf', '--kill', 'all');
    if (before === undefined) delete process.env.GNUPGHOME;
    else process.env.GNUPGHOME = before;
  });

  test('tree and payload are those of the plan; a second run is already done', async () => {
    process.env.GNUPGHOME = temporaryDirectory('gpg');
    const generate = ['--quick-generate-key', 'Zoë Quill <zoe@example.com>', 'ed25519', 'sign'];
    await tool('gpg', '--batch', '--passphrase', '', ...generate);
    await demandSigned(signedBy('openpgp', 'zoe@example.com') + PATHS, []);
  }, 60_000);
});

test('signed with ssh: tree and payload are those of the plan; a second run is already done', async () => {
  const dir = temporaryDirectory('ssh');
  const key = join(dir, 'key');
  await tool('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'zoe', '-f', key);
  const signers = join(dir, 'signers');
  await writeFile(signers, `zoe@example.com ${await tool('ssh-keygen', '-y', '-f', key)}`);
  const config = ['-c', 'gpg.format=ssh', '-c', `gpg.ssh.allowedSignersFile=${signers}`];
  await demandSigned(signedBy('ssh', key) + PATHS, config);
}, 60_000);

test('a key that is not there: nothing is written', async () => {
  const { store, cutover, plan, repository } = await situation(signedBy('ssh', '/nowhere/key') + PATHS);
  const made = await plan();
  const count = await repository.git('count-objects', '-v');
  await expect(applyCutover(made, { store, cutover })).rejects.toMatchObject({ code: 'SIGNING_FAILED' });
  expect(await repository.git('count-objects', '-v')).toBe(count);
  expect([...(await store.listRefs()).keys()]).toEqual(['refs/heads/main']);
  await store.close();
});
