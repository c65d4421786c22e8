import { join } from 'node:path';
import type { NewObject, ObjectId } from '@baton/git';
import { type TestRepository, temporaryDirectory, temporaryRepository, writeFiles } from '@baton/testkit';
import { expect, test } from 'vitest';
import { applyCutover } from './apply-cutover.ts';
import { revertCutover } from './revert-cutover.ts';
import { BEFORE, HEAD, PATHS, situation, situationIn } from './test-cutover.ts';
import { verifyCutover } from './verify-cutover.ts';

/** The same repository, seen from another directory. */
function at(repository: TestRepository, dir: string): TestRepository {
  return { ...repository, dir, git: (...args) => repository.git('-C', dir, ...args) };
}

async function cloned(repository: TestRepository, ...options: string[]): Promise<TestRepository> {
  const dir = join(temporaryDirectory('clone'), 'c');
  await repository.git('clone', '--quiet', ...options, `file://${repository.dir}`, dir);
  return at(repository, dir);
}

test('SHA-256: plan, apply with the checkout, verify, revert', async () => {
  const empty = await temporaryRepository();
  const dir = join(temporaryDirectory('sha256'), 'r');
  await empty.git('init', '--quiet', '--object-format=sha256', '--initial-branch=main', dir);
  const repository = at(empty, dir);
  await writeFiles(dir, BEFORE);
  await repository.git('add', '--all', '--force');
  await repository.git('commit', '--quiet', '--message', 'first');
  const { store, cutover, plan } = await situationIn(repository);
  const made = await plan();
  expect(made.commit.tree).toMatch(/^[0-9a-f]{64}$/);
  const { commit } = await applyCutover(made, { store, cutover, checkout: dir });
  expect(await repository.git('rev-parse', 'HEAD')).toBe(commit);
  expect(await repository.git('status', '--porcelain')).toBe('');
  expect(await repository.git('fsck', '--strict')).toBe('');
  expect(await verifyCutover({ store, cutover, commit })).toMatchObject({ state: 'identical' });
  expect((await revertCutover({ store, commit, checkout: dir })).tree).toBe(made.base.tree);
  expect(await repository.git('rev-parse', 'HEAD^{tree}')).toBe(made.base.tree);
  await store.close();
}, 60_000);

test('a submodule that moves wants .gitmodules to follow; then git finds it', async () => {
  const inner = await temporaryRepository({ 'lib.c': 'int x;\n' });
  const { repository, store } = await situation();
  await store.close();
  const file = ['-c', 'protocol.file.allow=always'];
  await repository.git(...file, 'submodule', '--quiet', 'add', `file://${inner.dir}`, 'pump/next/third');
  await repository.commit('with a submodule');
  const without = await situationIn(repository);
  await expect(without.plan()).rejects.toMatchObject({
    details: { problems: [{ code: 'SUBMODULE_MOVED', operation: 'paths[1] flatten', path: 'pump/third' }] },
  });
  const edit = '  - replace: { in: .gitmodules, find: "path = pump/next/third", with: "path = pump/third" }\n';
  const { store: own, cutover, plan } = await situationIn(repository, HEAD + PATHS + edit);
  const made = await plan();
  expect(made.paths[1]?.entries).toContainEqual({
    from: 'pump/next/third',
    to: 'pump/third',
    files: 1,
    onto: 'absent',
    note: 'submodule',
  });
  const { commit } = await applyCutover(made, { store: own, cutover });
  const listed = await repository.git('ls-tree', commit, 'pump/third');
  expect(listed).toMatch(/^160000 commit [0-9a-f]{40}\tpump\/third$/);
  const fresh = await cloned(repository, '--branch', 'cutover/pump');
  await fresh.git(...file, 'submodule', '--quiet', 'update', '--init');
  expect(await fresh.git('submodule', 'status')).toContain(' pump/third ');
  await Promise.all([own.close(), without.store.close()]);
}, 60_000);

test('a shallow, a sparse, a bare clone and a linked work tree give the very same commit', async () => {
  const { repository, store, plan } = await situation();
  await repository.commit('more', { 'docs/a.md': 'a\n' });
  const expected = (await plan()).commit.id;
  const shallow = await cloned(repository, '--depth=1');
  const sparse = await cloned(repository, '--sparse');
  await sparse.git('sparse-checkout', 'set', 'docs');
  const bare = await cloned(repository, '--bare');
  const linked = join(temporaryDirectory('linked'), 'w');
  await repository.git('worktree', 'add', '--quiet', '--detach', linked);
  const places = { shallow, sparse, bare, linked: at(repository, linked) };
  for (const [name, place] of Object.entries(places)) {
    const one = await situationIn(place);
    const applied = await applyCutover(await one.plan(), one);
    expect(applied, name).toMatchObject({ state: 'applied', commit: expected });
    expect(await verifyCutover({ ...one, commit: applied.commit }), name).toMatchObject({ state: 'identical' });
    expect((await one.plan(applied.commit)).alreadyDone, name).toEqual({ commit: expected, why: 'trailer' });
    const reverted = await revertCutover({ ...one, commit: applied.commit });
    expect(reverted.tree, name).toBe((await store.readCommit(await store.resolveCommit('HEAD'))).tree);
    expect(await place.git('fsck', '--strict', '--no-dangling'), name).toBe('');
    await one.store.close();
  }
  expect(await sparse.git('status', '--porcelain')).toBe('');
  await store.close();
}, 120_000);

test('a linked work tree is brought along, and the main one stays', async () => {
  const { repository, store } = await situation();
  const linked = join(temporaryDirectory('linked'), 'w');
  await repository.git('worktree', 'add', '--quiet', '-b', 'work', linked);
  const one = await situationIn(at(repository, linked));
  const applied = await applyCutover(await one.plan(), { ...one, checkout: linked });
  expect(applied.ref).toBe('refs/heads/work');
  expect(await repository.git('-C', linked, 'status', '--porcelain')).toBe('');
  expect(await repository.git('-C', linked, 'rev-parse', 'HEAD')).toBe(applied.commit);
  expect(await repository.git('status', '--porcelain')).toBe('');
  expect(await repository.git('rev-parse', 'main')).not.toBe(applied.commit);
  await Promise.all([store.close(), one.store.close()]);
}, 60_000);

test('a cutover more than a thousand commits down is not looked for; a manifest that does not fit says so', async () => {
  const { store, cutover, plan } = await situation();
  const { commit } = await applyCutover(await plan(), { store, cutover });
  const { tree } = await store.readCommit(commit);
  const pending: NewObject[] = [];
  const onTop = (count: number): ObjectId => {
    let parent = commit;
    for (let index = 0; index < count; index += 1) {
      const who = `A <a@b> ${1_800_000_000 + index} +0000`;
      const made = { tree, parents: [parent], author: who, committer: who, message: `later ${index}\n` };
      pending.push(store.commitObject(made));
      parent = pending.at(-1)?.id ?? parent;
    }
    return parent;
  };
  const near = onTop(999);
  const far = onTop(1000);
  await store.writeObjects(pending);
  expect((await plan(near)).alreadyDone?.why).toBe('trailer');
  await expect(plan(far)).rejects.toMatchObject({ code: 'CUTOVER_REFUSED' });
  await store.close();
}, 60_000);
