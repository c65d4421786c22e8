import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory, temporaryRepository } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import type { ObjectStore } from './object-store.ts';
import { openObjectStore } from './open-object-store.ts';
import { pathText } from './path-text.ts';
import { bareRepository, gitIn, gitLine } from './test-objects.ts';
import { failure } from './test-open.ts';
import { entryAt, walkLeaves } from './trees.ts';

async function paths(store: ObjectStore, revision = 'HEAD'): Promise<string[]> {
  return [...walkLeaves(await store.readTree(revision))].map(({ path }) => path);
}

describe('openObjectStore', () => {
  it('opens a work tree from any directory in it, and reads the whole tree', async () => {
    const { dir, git } = await temporaryRepository({ 'a/b/c': '1', d: '2' });
    for (const place of [dir, join(dir, 'a', 'b')]) {
      const store = await openObjectStore(place);
      expect(store).toMatchObject({
        dir: place,
        gitDir: join(dir, '.git'),
        commonDir: join(dir, '.git'),
        format: 'sha1',
        bare: false,
        shallow: false,
      });
      expect(await store.resolveCommit('HEAD')).toBe(await git('rev-parse', 'HEAD'));
      expect(await paths(store)).toEqual(['a/b/c', 'd']);
      await store.close();
    }
  });

  it('opens a bare repository, and one with SHA-256', async () => {
    const store = await openObjectStore(await bareRepository('sha256'));
    expect(store).toMatchObject({ bare: true, format: 'sha256', gitDir: store.dir, commonDir: store.dir });
    expect(await store.head()).toEqual({ branch: 'refs/heads/main', commit: undefined });
  });

  it('opens a linked work tree: a head of its own, the same objects', async () => {
    const made = await temporaryRepository({ a: '1' });
    const tree = join(temporaryDirectory('git'), 'tree');
    await made.git('worktree', 'add', '--quiet', '-b', 'side', tree);
    const store = await openObjectStore(tree);
    expect(store.commonDir).toBe(join(made.dir, '.git'));
    expect(store.gitDir).toBe(join(made.dir, '.git', 'worktrees', 'tree'));
    expect((await store.head()).branch).toBe('refs/heads/side');
  });

  it('opens a submodule by its own repository', async () => {
    const inner = await temporaryRepository({ 'x/file': '1' });
    const outer = await temporaryRepository({ a: '1' });
    await outer.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner.dir, 'sub');
    await outer.commit('submodule');
    const sub = await openObjectStore(join(outer.dir, 'sub'));
    expect(await paths(sub)).toEqual(['x/file']);
    const store = await openObjectStore(outer.dir);
    expect(entryAt(await store.readTree('HEAD'), 'sub')).toEqual({
      kind: 'leaf',
      mode: '160000',
      id: await inner.git('rev-parse', 'HEAD'),
    });
    await Promise.all([sub.close(), store.close()]);
  });

  it('knows a shallow clone', async () => {
    const made = await temporaryRepository({ a: '1' });
    await made.commit('two', { a: '2' });
    const dir = join(temporaryDirectory('git'), 'clone');
    await made.git('clone', '--quiet', '--depth=1', `file://${made.dir}`, dir);
    const store = await openObjectStore(dir);
    expect(store.shallow).toBe(true);
    expect((await store.readCommit(await store.resolveCommit('HEAD'))).parents).toHaveLength(1);
    await store.close();
  });

  it.each([
    'new\nline',
    '-dash',
    ':(glob)x',
    'ünï',
    ' space ',
    '*',
    'two\n\nlines',
  ])('opens one at %j', async (name) => {
    const dir = join(temporaryDirectory('git'), name);
    await mkdir(dir);
    await gitIn(dir, ['init', '--quiet']);
    expect(await openObjectStore(dir)).toMatchObject({ dir, gitDir: join(dir, '.git'), commonDir: join(dir, '.git') });
  });

  it('names a directory that is in no repository, or not there', async () => {
    const dir = temporaryDirectory('git');
    expect(await failure(openObjectStore(dir))).toMatchObject({ code: 'GIT_FAILED' });
    expect((await failure(openObjectStore(join(dir, 'absent')))).message).toContain('No such file or directory');
  });

  it('does not let the environment name another repository', async () => {
    const { dir } = await temporaryRepository({ a: 'a' });
    process.env.GIT_DIR = '/nowhere';
    try {
      expect((await openObjectStore(dir)).dir).toBe(dir);
    } finally {
      delete process.env.GIT_DIR;
    }
  });
});

describe('an object store', () => {
  it('resolves what git resolves, to a commit', async () => {
    const { dir, git, commit } = await temporaryRepository({ a: '1' });
    const first = await git('rev-parse', 'HEAD');
    const second = await commit('two', { a: '2' });
    await git('tag', '-a', '-m', 'tag', 'v1', first);
    await git('pack-refs', '--all');
    const store = await openObjectStore(dir);
    for (const revision of ['HEAD', 'main', 'refs/heads/main', second, second.slice(0, 8), 'v1~0', '@']) {
      expect(await store.resolveCommit(revision)).toBe(revision === 'v1~0' ? first : second);
    }
    expect(await store.resolveCommit('HEAD~1')).toBe(first);
    expect(await store.resolveCommit('v1')).toBe(first);
    for (const revision of [
      'absent',
      '',
      '--all',
      'HEAD:a',
      'HEAD^{tree}',
      '0'.repeat(40),
      'main\nHEAD',
      'a b',
      'HEAD~9',
    ]) {
      expect(await failure(store.resolveCommit(revision))).toMatchObject({ code: 'GIT_FAILED' });
    }
    await store.close();
  });

  it('sees a branch that somebody moved while it was open', async () => {
    const { dir, commit } = await temporaryRepository({ a: '1' });
    const store = await openObjectStore(dir);
    await store.resolveCommit('main');
    const second = await commit('two', { a: '2' });
    expect(await store.resolveCommit('main')).toBe(second);
    expect((await store.readBlob((await gitLine(dir, ['rev-parse', 'HEAD:a'])) ?? '')).toString()).toBe('2');
    await store.close();
  });

  it('reads modes, links and names as git has them', async () => {
    const { dir, git } = await temporaryRepository();
    const name = Buffer.concat([Buffer.from(`${dir}/f`), Buffer.from([0xff])]);
    await writeFile(name, 'x');
    for (const file of ['new\nline', '-dash', 'ünï', '.gitignored', 'a b']) await writeFile(join(dir, file), file);
    await symlink('nowhere', join(dir, 'link'));
    await git('add', '--all');
    await git('update-index', '--chmod=+x', '--', '-dash');
    await git('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},sub`);
    await git('commit', '--quiet', '--message', 'one');
    const store = await openObjectStore(dir);
    const tree = await store.readTree('HEAD');
    const shown = Object.fromEntries([...walkLeaves(tree)].map(({ path, leaf }) => [path, leaf.mode]));
    expect(shown).toEqual({
      '-dash': '100755',
      '.gitignored': '100644',
      'a b': '100644',
      [pathText(Buffer.from([0x66, 0xff]))]: '100644',
      link: '120000',
      'new\nline': '100644',
      sub: '160000',
      ünï: '100644',
    });
    expect(tree.id).toBe(await git('rev-parse', 'HEAD^{tree}'));
    await store.close();
  });

  it('reads the empty tree', async () => {
    const { dir, git } = await temporaryRepository();
    await git('commit', '--quiet', '--allow-empty', '--message', 'nothing');
    const store = await openObjectStore(dir);
    const tree = await store.readTree('HEAD');
    expect(tree).toMatchObject({ leaves: 0, id: '4b825dc642cb6eb9a060e54bf8d69288fbee4904' });
    await store.close();
  });

  it('is not led astray by replaced objects', async () => {
    const { dir, git, commit } = await temporaryRepository({ a: '1' });
    const first = await git('rev-parse', 'HEAD');
    const second = await commit('two', { a: '2', b: '2' });
    await git('replace', second, first);
    const store = await openObjectStore(dir);
    expect(await paths(store, second)).toEqual(['a', 'b']);
    await store.close();
  });
});
