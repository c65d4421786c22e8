import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readStatement } from '@baton/evidence';
import { BatonError } from '@baton/kernel';
import { temporaryDirectory } from '@baton/testkit';
import { describe, expect, test } from 'vitest';
import { applyCutover } from './apply-cutover.ts';
import { planCutover } from './plan-cutover.ts';
import { HEAD, PATHS, situation, situationIn } from './test-cutover.ts';

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return await promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof BatonError ? error.code : String(error)),
  );
}

describe('a second run', () => {
  test('on the same base finds its own commit', async () => {
    const { store, cutover, plan } = await situation();
    const first = await applyCutover(await plan(), { store, cutover });
    const again = await applyCutover(await plan(), { store, cutover });
    expect(again).toEqual({ ...first, state: 'already-done', before: first.commit });
    await store.close();
  });

  test('on top of the cutover is already done, also with later commits and after a squash merge', async () => {
    const { store, cutover, plan, repository } = await situation();
    const first = await applyCutover(await plan(), { store, cutover });
    expect((await plan(first.commit)).alreadyDone).toEqual({ commit: first.commit, why: 'trailer' });
    await repository.git('checkout', '--quiet', 'cutover/pump');
    const later = await repository.commit('later', { 'pump/more.go': 'package main\n' });
    const done = await plan(later);
    expect(done.alreadyDone).toEqual({ commit: first.commit, why: 'trailer' });
    expect(await applyCutover(done, { store, cutover })).toEqual({
      state: 'already-done',
      commit: first.commit,
      tree: first.tree,
    });
    await repository.git('checkout', '--quiet', 'main');
    await repository.git('merge', '--quiet', '--squash', 'cutover/pump');
    const message = await repository.git('log', '-1', '--format=%B', first.commit);
    await repository.git('commit', '--quiet', '--message', `Squashed (#7)\n\n${message}`);
    expect((await plan()).alreadyDone?.why).toBe('trailer');
    await store.close();
  });

  test('after a revert is a cutover again', async () => {
    const { store, cutover, plan, repository } = await situation();
    const first = await applyCutover(await plan(), { store, cutover });
    await repository.git('merge', '--quiet', '--ff-only', 'cutover/pump');
    await repository.commit('later', { 'docs/x': '' });
    await repository.git('revert', '--no-edit', first.commit);
    const again = await plan();
    expect(again.alreadyDone).toBeUndefined();
    expect(again.accounting.moved).toBe(7);
    await store.close();
  });

  test('of operations that change nothing makes no commit', async () => {
    const { store, cutover, plan } = await situation(
      `${HEAD}edits:\n  - replace: { in: README.md, find: See, with: See }\n`,
    );
    const done = await plan();
    expect(done.alreadyDone).toEqual({ commit: done.base.commit, why: 'tree' });
    expect(done.objects).toEqual([]);
    expect((await applyCutover(done, { store, cutover })).state).toBe('already-done');
    expect([...(await store.listRefs()).keys()]).toEqual(['refs/heads/main']);
    await store.close();
  });
});

describe('the branch', () => {
  test('is replaced when an earlier run of the same manifest made it, and nobody else', async () => {
    const { store, cutover, plan, repository } = await situation();
    const first = await applyCutover(await plan(), { store, cutover });
    await repository.commit('main goes on', { 'docs/new.md': 'x' });
    const second = await applyCutover(await plan(), { store, cutover });
    expect(second).toMatchObject({ state: 'applied', before: first.commit });
    await repository.git('checkout', '--quiet', 'cutover/pump');
    const foreign = await repository.commit('by hand', { 'pump/hand.go': 'x' });
    await repository.git('checkout', '--quiet', 'main');
    await repository.commit('main goes on', { 'docs/newer.md': 'x' });
    const third = await plan();
    expect(await codeOf(applyCutover(third, { store, cutover }))).toBe('REF_MOVED');
    expect(await repository.git('rev-parse', 'cutover/pump')).toBe(foreign);
    expect(await applyCutover(third, { store, cutover, ref: 'elsewhere' })).toMatchObject({
      ref: 'refs/heads/elsewhere',
    });
    await store.close();
  });

  test('is never one that is checked out, and never another kind of ref', async () => {
    const { store, cutover, plan, repository } = await situation();
    const made = await plan();
    expect(await codeOf(applyCutover(made, { store, cutover, ref: 'main' }))).toBe('BRANCH_CHECKED_OUT');
    const linked = join(temporaryDirectory('linked'), 'tree');
    await repository.git('worktree', 'add', '--quiet', '-b', 'cutover/pump', linked);
    expect(await codeOf(applyCutover(made, { store, cutover }))).toBe('BRANCH_CHECKED_OUT');
    for (const ref of ['refs/tags/v1', 'refs/remotes/origin/x', '-d', 'a..b', 'x.lock', '']) {
      expect(await codeOf(applyCutover(made, { store, cutover, ref })), ref).toBe('USAGE');
    }
    await store.close();
  });

  test('is the one of the pull request where the manifest names it', async () => {
    const { store, cutover, plan } = await situation(`${HEAD}${PATHS}pull-request: { branch: people/zoe/pump }\n`);
    expect((await applyCutover(await plan(), { store, cutover })).ref).toBe('refs/heads/people/zoe/pump');
    await store.close();
  });
});

test('a plan writes nothing at all', async () => {
  const { store, plan, repository } = await situation();
  const count = await repository.git('count-objects', '-v');
  await plan();
  expect(await repository.git('count-objects', '-v')).toBe(count);
  await store.close();
});

test('another tree than the approved one is refused, and a manifest that changed since', async () => {
  const { store, cutover, plan, repository } = await situation();
  const made = await plan();
  expect(await codeOf(applyCutover(made, { store, cutover, expectTree: made.base.tree }))).toBe(
    'CUTOVER_TREE_MISMATCH',
  );
  const other = await situationIn(repository, `${HEAD}${PATHS}# more\n`);
  expect(await codeOf(applyCutover(made, { store, cutover: other.cutover }))).toBe('CUTOVER_TREE_MISMATCH');
  expect(await applyCutover(made, { store, cutover, expectTree: made.commit.tree })).toMatchObject({
    state: 'applied',
  });
  await Promise.all([store.close(), other.store.close()]);
});

test('a result that does not pass is planned, and not applied', async () => {
  const { store, cutover, plan } = await situation(
    `${HEAD}${PATHS}requires: { ancestors: ["${'1'.repeat(40)}"] }\naccept:\n  - { id: gone, absent: pump/cmd/** }\n`,
  );
  const made = await plan();
  expect(made.commit.id).toBeDefined();
  const error = await applyCutover(made, { store, cutover }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'CUTOVER_REJECTED', exitCode: 1 });
  expect([...(await store.listRefs()).keys()]).toEqual(['refs/heads/main']);
  await store.close();
});

test('all problems are told at once', async () => {
  const { plan, store } = await situation(
    `${HEAD}paths:
  - flatten: { dir: pump/next, into: pump }
  - delete: { glob: nowhere }
edits:
  - replace: { in: README.md, find: absent, with: x }
  - replace: { in: no/file, find: a, with: b }
  - replace: { in: Makefile, find: pump, with: a }
  - replace: { in: Makefile, find: pump/next, with: b }
`,
  );
  const error = await plan().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'CUTOVER_REFUSED' });
  const problems = (error as BatonError).details.problems as { code: string; operation: string; path: string }[];
  expect(problems.map(({ code, operation, path }) => `${code} ${operation} ${path}`)).toEqual([
    'EDIT_NO_MATCH paths[1] delete nowhere',
    'COLLISION paths[0] flatten pump/.gitignore',
    'COLLISION paths[0] flatten pump/Makefile',
    'EDIT_NO_MATCH edits[1] replace no/file',
    'EDIT_NO_MATCH edits[0] replace README.md',
    'EDIT_OVERLAP edits[2] replace and edits[3] replace Makefile',
  ]);
  await store.close();
});

describe('with a checkout', () => {
  test('its branch moves and its files follow; a second run has nothing to do', async () => {
    const { store, cutover, plan, repository } = await situation();
    await writeFile(join(repository.dir, 'untracked'), 'mine');
    const applied = await applyCutover(await plan(), { store, cutover, checkout: repository.dir });
    expect(applied).toMatchObject({ state: 'applied', ref: 'refs/heads/main' });
    expect(await repository.git('rev-parse', 'HEAD')).toBe(applied.commit);
    expect(await repository.git('status', '--porcelain')).toBe('?? untracked');
    const again = await applyCutover(await plan(), { store, cutover, checkout: repository.dir });
    expect(again).toMatchObject({ state: 'already-done', commit: applied.commit });
    await store.close();
  });

  test('with a branch of its own, the checkout goes there', async () => {
    const { store, cutover, plan, repository } = await situation();
    const made = await plan();
    const applied = await applyCutover(made, { store, cutover, checkout: repository.dir, ref: 'next' });
    expect(await repository.git('symbolic-ref', 'HEAD')).toBe('refs/heads/next');
    expect(await repository.git('rev-parse', 'main')).toBe(made.base.commit);
    expect(await repository.git('status', '--porcelain')).toBe('');
    expect(applied.ref).toBe('refs/heads/next');
    await store.close();
  });

  test('a detached checkout goes on detached, and a changed one is refused with nothing moved', async () => {
    const { store, cutover, plan, repository } = await situation();
    const made = await plan();
    await repository.git('checkout', '--quiet', '--detach');
    await writeFile(join(repository.dir, 'README.md'), 'changed');
    expect(await codeOf(applyCutover(made, { store, cutover, checkout: repository.dir }))).toBe('REPOSITORY_DIRTY');
    await repository.git('checkout', '--quiet', 'README.md');
    const applied = await applyCutover(made, { store, cutover, checkout: repository.dir });
    expect(applied.ref).toBeUndefined();
    expect(await repository.git('rev-parse', 'HEAD')).toBe(applied.commit);
    expect(await repository.git('rev-parse', 'main')).toBe(made.base.commit);
    await store.close();
  });
});

test('the statement says which commit came of which base and manifest', async () => {
  const { store, cutover } = await situation();
  const path = join(temporaryDirectory('evidence'), 'cutover.json');
  const plan = await planCutover({ store, cutover, base: 'HEAD' });
  const applied = await applyCutover(plan, { store, cutover, statement: path });
  const { statement } = await readStatement(path);
  expect(statement.subject).toEqual([{ name: 'pump', digest: { gitCommit: applied.commit, gitTree: applied.tree } }]);
  expect(statement.predicate.result).toBe('applied');
  await store.close();
});
