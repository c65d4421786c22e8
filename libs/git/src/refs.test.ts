import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory, temporaryRepository } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import type { ObjectStore } from './object-store.ts';
import { openObjectStore } from './open-object-store.ts';
import { bareRepository, gitLine } from './test-objects.ts';
import { failure } from './test-open.ts';

const committer = 'Zoë Ng <zoe@example.com> 1700000000 +0000';

/** A repository with two commits on `main`. */
async function twoCommits() {
  const made = await temporaryRepository({ a: '1' });
  const first = await made.git('rev-parse', 'HEAD');
  const second = await made.commit('two', { a: '2' });
  return { ...made, first, second, store: await openObjectStore(made.dir) };
}

async function hook(dir: string, name: string, script: string): Promise<void> {
  await writeFile(join(dir, '.git', 'hooks', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

const move = (store: ObjectStore, to: string, from: string | undefined, ref = 'refs/heads/x'): Promise<void> =>
  store.updateRef({ ref, to, from, reason: 'baton: test', committer });

describe('reading refs', () => {
  it('gives full names and what they point to, loose or packed', async () => {
    const { git, store, first, second } = await twoCommits();
    await git('branch', 'side/é', first);
    await git('tag', '-a', '-m', 'x', 'v1', first);
    await git('pack-refs', '--all');
    await git('branch', 'loose', second);
    const tag = await git('rev-parse', 'refs/tags/v1');
    expect([...(await store.listRefs())]).toEqual([
      ['refs/heads/loose', second],
      ['refs/heads/main', second],
      ['refs/heads/side/é', first],
      ['refs/tags/v1', tag],
    ]);
    expect([...(await store.listRefs('refs/heads/side')).keys()]).toEqual(['refs/heads/side/é']);
    expect(await store.readRef('refs/heads/main')).toBe(second);
    expect(await store.readRef('HEAD')).toBe(second);
    for (const name of ['refs/heads/side', 'main', 'refs/heads/*', 'refs/heads/absent', '']) {
      expect(await store.readRef(name)).toBeUndefined();
    }
  });

  it('knows a detached head, and a branch without commit', async () => {
    const { git, store, first } = await twoCommits();
    await git('checkout', '--quiet', '--detach', first);
    expect(await store.head()).toEqual({ branch: undefined, commit: first });
    await git('checkout', '--quiet', '--orphan', 'new');
    expect(await store.head()).toEqual({ branch: 'refs/heads/new', commit: undefined });
  });
});

describe('updateRef', () => {
  it('makes and moves a branch, and the reflog says who and why', async () => {
    const { git, store, first, second } = await twoCommits();
    await move(store, first, undefined);
    await move(store, second, first);
    expect(await store.readRef('refs/heads/x')).toBe(second);
    expect(await git('log', '--walk-reflogs', '--format=%gn <%ge> %gs', 'refs/heads/x')).toBe(
      'Zoë Ng <zoe@example.com> baton: test\nZoë Ng <zoe@example.com> baton: test',
    );
  });

  it('moves a packed one, in SHA-256 and in a linked work tree', async () => {
    const dir = await bareRepository('sha256');
    const tree = await gitLine(dir, ['mktree'], '');
    const one = await gitLine(dir, ['commit-tree', tree, '-m', '1']);
    const two = await gitLine(dir, ['commit-tree', tree, '-m', '2']);
    const store = await openObjectStore(dir);
    await move(store, one, undefined);
    await gitLine(dir, ['pack-refs', '--all']);
    await gitLine(dir, ['worktree', 'add', '--quiet', '--detach', join(temporaryDirectory('git'), 'w'), one]);
    await move(store, two, one);
    expect(await store.readRef('refs/heads/x')).toBe(two);
  });

  it('says where it is when somebody moved it', async () => {
    const { store, first, second } = await twoCommits();
    const error = await failure(move(store, first, first, 'refs/heads/main'));
    expect(error).toMatchObject({ code: 'REF_MOVED', details: { expected: first, found: second } });
    expect(error.message).toBe(`refs/heads/main is at ${second}, and was ${first} when the plan was made`);
    expect(await failure(move(store, first, undefined, 'refs/heads/main'))).toMatchObject({ code: 'REF_MOVED' });
    expect((await failure(move(store, first, first, 'refs/heads/absent'))).message).toContain('is at no commit');
  });

  it('says what a hook said, and changes nothing', async () => {
    const { dir, store, first, second } = await twoCommits();
    await hook(dir, 'reference-transaction', 'test "$1" != prepared || { echo "frozen until Monday" >&2; exit 1; }');
    const error = await failure(move(store, first, second, 'refs/heads/main'));
    expect(error.code).toBe('REF_REFUSED');
    expect(error.message).toContain('frozen until Monday');
    expect(error.hint).toContain('reference-transaction hook');
    expect(await store.readRef('refs/heads/main')).toBe(second);
    expect(existsSync(join(dir, '.git', 'refs', 'heads', 'main.lock'))).toBe(false);
  });

  it('finds the hook where the repository says its hooks are', async () => {
    const { dir, git, store, first, second } = await twoCommits();
    await git('config', 'core.hooksPath', 'hooks.d');
    const hooks = join(dir, 'hooks.d');
    await git('init', '--quiet', hooks);
    await writeFile(join(hooks, 'reference-transaction'), '#!/bin/sh\nexit 3\n', { mode: 0o755 });
    expect(await failure(move(store, first, second, 'refs/heads/main'))).toMatchObject({ code: 'REF_REFUSED' });
  });

  it('names a lock that is in the way', async () => {
    const { dir, store, first, second } = await twoCommits();
    await writeFile(join(dir, '.git', 'refs', 'heads', 'main.lock'), '');
    const error = await failure(move(store, first, second, 'refs/heads/main'));
    expect(error.code).toBe('REF_REFUSED');
    expect(error.message).toContain('main.lock');
    expect(error.hint).toContain('remove the lock file');
  });

  it.each([
    'refs/heads/main/x',
    'refs/heads/a..b',
    'refs/heads/.x',
    '--stdin',
    'refs/heads/',
  ])('refuses to make %j', async (ref) => {
    const { store, first } = await twoCommits();
    expect(await failure(move(store, first, undefined, ref))).toMatchObject({ code: 'REF_REFUSED' });
  });

  it('refuses a commit that is not there, and something that is no commit', async () => {
    const { git, store } = await twoCommits();
    expect(await failure(move(store, '1'.repeat(40), undefined))).toMatchObject({ code: 'REF_REFUSED' });
    expect(await failure(move(store, await git('rev-parse', 'HEAD:a'), undefined))).toMatchObject({
      code: 'REF_REFUSED',
    });
  });

  it('moves a detached head, and never detaches one', async () => {
    const { git, store, first, second } = await twoCommits();
    expect((await failure(move(store, first, second, 'HEAD'))).message).toContain('HEAD is on refs/heads/main');
    await git('checkout', '--quiet', '--detach', second);
    await move(store, first, second, 'HEAD');
    expect(await store.head()).toEqual({ branch: undefined, commit: first });
    expect(await store.readRef('refs/heads/main')).toBe(second);
  });

  it('lets one of many win', async () => {
    const { store, first, second, git } = await twoCommits();
    const third = await git('commit-tree', `${first}^{tree}`, '-m', 'three');
    const results = await Promise.allSettled([second, third, second, third].map((to) => move(store, to, undefined)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});
