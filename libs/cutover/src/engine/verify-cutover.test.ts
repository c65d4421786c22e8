import { join } from 'node:path';
import { temporaryDirectory, writeFiles } from '@baton/testkit';
import { expect, test } from 'vitest';
import { loadCutover } from '../manifest/load-cutover.ts';
import { applyCutover } from './apply-cutover.ts';
import { HEAD, PATHS, situation } from './test-cutover.ts';
import { verifyCutover } from './verify-cutover.ts';

async function applied() {
  const made = await situation();
  const { commit } = await applyCutover(await made.plan(), made);
  await made.repository.git('checkout', '--quiet', 'cutover/pump');
  const verify = (revision: string, cutover = made.cutover) =>
    verifyCutover({ store: made.store, commit: revision, cutover });
  return { ...made, commit, verify };
}

test('the commit itself is identical', async () => {
  const { verify, commit, store } = await applied();
  expect(await verify('HEAD')).toMatchObject({ state: 'identical', commit, payload: [], differences: [] });
  await store.close();
});

test('after a squash merge the tree is the same, and what else differs is named', async () => {
  const { verify, repository, store, cutover } = await applied();
  await repository.git('checkout', '--quiet', 'main');
  await repository.git('merge', '--quiet', '--squash', 'cutover/pump');
  await repository.git('commit', '--quiet', '--message', 'pump: the new one (#12)');
  const verification = await verify('main');
  expect(verification).toMatchObject({ state: 'same-tree', differences: [] });
  expect(verification.payload.map(({ what }) => what)).toEqual(['author', 'committer', 'message']);
  expect(verification.manifestDigest).toEqual({ expected: cutover.digest, found: undefined });
  await store.close();
});

test('one byte, one mode, one file more or less: different, and where', async () => {
  const { verify, repository, store } = await applied();
  await repository.write({ 'pump/go.mod': 'module example.com/pump \n', 'pump/extra': '' });
  await repository.git('rm', '--quiet', '--cached', 'README.md');
  await repository.git('add', 'pump/go.mod', 'pump/extra');
  await repository.git('update-index', '--chmod=+x', 'Makefile');
  await repository.git('commit', '--quiet', '--amend', '--no-edit');
  const verification = await verify('HEAD');
  expect(verification.state).toBe('different');
  expect(
    verification.differences.map(({ path, expected, found }) => `${path} ${expected?.mode} ${found?.mode}`),
  ).toEqual([
    'Makefile 100644 100755',
    'README.md 100644 undefined',
    'pump/extra undefined 100644',
    'pump/go.mod 100644 100644',
  ]);
  await store.close();
});

test('another manifest gives another message, and says that its digest is not the one in the trailer', async () => {
  const { verify, store, cutover } = await applied();
  const dir = temporaryDirectory('other');
  await writeFiles(dir, { 'cutover.yaml': `${HEAD}${PATHS}# a remark\n` });
  const other = await loadCutover(dir);
  const verification = await verify('HEAD', other);
  expect(verification.state).toBe('same-tree');
  expect(verification.manifestDigest).toEqual({ expected: other.digest, found: cutover.digest });
  await store.close();
});

test('the manifest may be that of the parent commit, as in CI', async () => {
  const { store, cutover, repository } = await situation();
  const manifest = `${HEAD}${PATHS}`;
  await repository.commit('the manifest', { 'ops/cutover.yaml': manifest });
  const loaded = await loadCutover({ store, commit: 'HEAD', path: 'ops/cutover.yaml' });
  expect(loaded.digest).toBe(cutover.digest);
  expect(loaded.manifest).toEqual(cutover.manifest);
  const { planCutover } = await import('./plan-cutover.ts');
  const made = await applyCutover(await planCutover({ store, cutover: loaded, base: 'main' }), {
    store,
    cutover: loaded,
  });
  const again = await loadCutover({ store, commit: `${made.commit}^`, path: 'ops/cutover.yaml' });
  expect((await verifyCutover({ store, commit: made.commit, cutover: again })).state).toBe('identical');
  await expect(loadCutover({ store, commit: 'HEAD', path: join('ops', 'absent.yaml') })).rejects.toMatchObject({
    code: 'CUTOVER_NOT_FOUND',
  });
  await store.close();
});

test('a commit without parent is none', async () => {
  const { verify, store } = await applied();
  await expect(verify('HEAD~1')).rejects.toMatchObject({ code: 'CUTOVER_DIFFERENT' });
  await store.close();
});
