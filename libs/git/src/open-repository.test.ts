import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProcess, toolEnv } from '@baton/kernel';
import { needs, temporaryDirectory, temporaryRepository } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import { openRepository } from './open-repository.ts';
import { failure, open } from './test-open.ts';

describe('openRepository', () => {
  it('finds the work tree from any folder in it', async () => {
    const { dir } = await temporaryRepository({ 'a/b/c.txt': 'c' });
    expect((await open(dir)).root).toBe(dir);
    expect((await open(join(dir, 'a', 'b'))).root).toBe(dir);
  });

  it('gives nothing outside of a repository', async () => {
    expect(await openRepository(temporaryDirectory('git'))).toBeUndefined();
  });

  it('gives nothing in a bare repository, or inside .git: no file there belongs to a commit', async () => {
    const { dir, git } = await temporaryRepository({ a: 'a' });
    const bare = join(temporaryDirectory('git'), 'bare.git');
    await git('clone', '--quiet', '--bare', dir, bare);
    expect(await openRepository(bare)).toBeUndefined();
    expect(await openRepository(join(dir, '.git'))).toBeUndefined();
  });

  it('tells a folder that does not exist from one without git', async () => {
    const error = await failure(openRepository(join(temporaryDirectory('git'), 'absent')));
    expect(error.code).toBe('GIT_FAILED');
    expect(error.message).toContain('No such file or directory');
  });

  it('names a repository that git cannot read', async () => {
    const { dir } = await temporaryRepository({ a: 'a' });
    await writeFile(join(dir, '.git', 'config'), '[core\n');
    const error = await failure(openRepository(dir));
    expect(error).toMatchObject({ code: 'GIT_FAILED', hint: `Run "git -C ${dir} status" to see what is wrong.` });
    expect(error.message).toContain('bad config');
  });

  it('names a work tree whose repository is gone', async () => {
    const { dir, git } = await temporaryRepository({ a: 'a' });
    const tree = join(temporaryDirectory('git'), 'tree');
    await git('worktree', 'add', '--quiet', tree);
    await rename(join(dir, '.git'), join(dir, 'moved'));
    const error = await failure(openRepository(tree));
    expect(error.code).toBe('GIT_FAILED');
    expect(error.hint).toContain('git worktree repair');
  });

  it('says so when git is not installed', async () => {
    const path = process.env.PATH;
    process.env.PATH = temporaryDirectory('git');
    try {
      expect((await failure(openRepository('/'))).code).toBe('TOOL_MISSING');
    } finally {
      process.env.PATH = path;
    }
  });

  it.each(['new\nline', '-dash', ':(glob)x', 'ünï', ' space ', '*'])('opens one at %j', async (name) => {
    const dir = join(temporaryDirectory('git'), name);
    await mkdir(dir);
    await runProcess({ command: 'git', args: ['-C', dir, 'init', '--quiet'], env: toolEnv() });
    expect((await open(dir)).root).toBe(dir);
  });

  it('does not let the environment name another repository', async () => {
    const { dir } = await temporaryRepository({ a: 'a' });
    process.env.GIT_DIR = '/nowhere';
    try {
      expect((await open(dir)).root).toBe(dir);
    } finally {
      delete process.env.GIT_DIR;
    }
  });
});

const asRoot = needs('root');
asRoot('a repository of another user is read all the same', async () => {
  const { dir, git } = await temporaryRepository({ a: 'a' });
  const commit = await git('rev-parse', 'HEAD');
  await runProcess({ command: 'chown', args: ['-R', '12345:12345', dir], env: toolEnv() });
  const repository = await open(dir);
  expect(await repository.head()).toBe(commit);
  expect(await repository.isDirty([dir])).toBe(false);
});

describe('other kinds of work trees', () => {
  it('a linked work tree has a head of its own', async () => {
    const made = await temporaryRepository({ a: '1' });
    const first = await made.git('rev-parse', 'HEAD');
    const tree = join(temporaryDirectory('git'), 'tree');
    await made.git('worktree', 'add', '--quiet', tree);
    const second = await made.commit('two', { a: '2' });
    expect(await (await open(tree)).head()).toBe(first);
    expect((await open(tree)).root).toBe(tree);
    expect(await (await open(made.dir)).head()).toBe(second);
  });

  it('a submodule is a repository of its own; outside it is one entry', async () => {
    const inner = await temporaryRepository({ 'x/file': '1' });
    const outer = await temporaryRepository({ a: '1' });
    await outer.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner.dir, 'sub');
    const added = await outer.commit('submodule');
    await outer.commit('later', { a: '2' });
    const sub = join(outer.dir, 'sub');
    expect((await open(join(sub, 'x'))).root).toBe(sub);
    const repository = await open(outer.dir);
    expect(await repository.lastCommitTouching([sub])).toBe(added);
    expect(await repository.executableFiles([sub])).toEqual(new Map());
    expect(await repository.isDirty([sub])).toBe(false);
    await writeFile(join(sub, 'x', 'file'), '2');
    expect(await repository.isDirty([sub])).toBe(true);
  });

  it('a repository with SHA-256 objects', async () => {
    const dir = temporaryDirectory('git');
    const git = (...args: string[]) =>
      runProcess({
        command: 'git',
        args: ['-C', dir, '-c', 'user.name=A', '-c', 'user.email=a@example.com', ...args],
        env: toolEnv({ GIT_COMMITTER_DATE: '1000000000 +0000' }),
      });
    await git('init', '--quiet', '--object-format=sha256');
    await writeFile(join(dir, 'a'), 'a');
    await git('add', '.');
    await git('commit', '--quiet', '--message', 'one');
    const repository = await open(dir);
    const head = (await repository.head()) ?? '';
    expect(head).toMatch(/^[0-9a-f]{64}$/);
    expect(await repository.lastCommitTouching(['a'])).toBe(head);
    expect(await repository.commitTime(head)).toBe(1_000_000_000);
  });
});
