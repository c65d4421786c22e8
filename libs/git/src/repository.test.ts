import { chmod, mkdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestRepository, temporaryDirectory, temporaryRepository, writeFiles } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import { failure, open } from './test-open.ts';

describe('before the first commit', () => {
  it('there is no head, no history and no tag, and files are new', async () => {
    const { dir } = await temporaryRepository();
    const repository = await open(dir);
    expect(await repository.head()).toBeUndefined();
    expect(await repository.lastCommitTouching([dir])).toBeUndefined();
    expect(await repository.tagsAtHead()).toEqual([]);
    expect(await repository.isDirty([dir])).toBe(false);
    expect(await repository.executableFiles([dir])).toEqual(new Map());
    expect(await repository.isShallow()).toBe(false);
    await writeFile(join(dir, 'a'), 'a');
    expect(await repository.isDirty([dir])).toBe(true);
  });
});

describe('lastCommitTouching', () => {
  it('is the newest commit that changed something below', async () => {
    const made = await temporaryRepository();
    const one = await made.commit('one', { 'agent/a.txt': '1', 'other/b.txt': '1' });
    const two = await made.commit('two', { 'other/b.txt': '2' });
    const repository = await open(made.dir);
    expect(await repository.head()).toBe(two);
    expect(await repository.lastCommitTouching([join(made.dir, 'agent')])).toBe(one);
    expect(await repository.lastCommitTouching([join(made.dir, 'other')])).toBe(two);
    expect(await repository.lastCommitTouching([join(made.dir, 'agent'), join(made.dir, 'other')])).toBe(two);
    expect(await repository.lastCommitTouching([made.dir])).toBe(two);
    expect(await repository.lastCommitTouching(['agent/a.txt'])).toBe(one);
  });

  it('sees that something was removed', async () => {
    const made = await temporaryRepository({ 'a/b': 'b', c: 'c' });
    await rm(join(made.dir, 'a'), { recursive: true });
    const removed = await made.commit('remove');
    await made.commit('later', { c: 'd' });
    expect(await (await open(made.dir)).lastCommitTouching(['a'])).toBe(removed);
  });

  it('is nothing for what was never committed, and for no paths at all', async () => {
    const { dir } = await temporaryRepository({ a: 'a' });
    const repository = await open(dir);
    expect(await repository.lastCommitTouching([join(dir, 'absent', 'deeper')])).toBeUndefined();
    expect(await repository.lastCommitTouching([])).toBeUndefined();
  });

  it('takes names as names', async () => {
    const names = ['new\nline', '-dash', ':(top)a', ':!x', '*', '[a]', 'ünï', 'a"b', '\\'];
    const made = await temporaryRepository();
    const commits: string[] = [];
    for (const name of names) commits.push(await made.commit('one', { [name]: name }));
    const repository = await open(made.dir);
    const found = await Promise.all(names.map((name) => repository.lastCommitTouching([join(made.dir, name)])));
    expect(found).toEqual(commits);
  });

  it('names only the last commit of a shallow clone, which says that it is one', async () => {
    const made = await temporaryRepository();
    await made.commit('one', { a: '1', b: '1' });
    const two = await made.commit('two', { b: '2' });
    const dir = join(temporaryDirectory('git'), 'clone');
    await made.git('clone', '--quiet', '--depth=1', `file://${made.dir}`, dir);
    const repository = await open(dir);
    expect(await repository.isShallow()).toBe(true);
    expect(await repository.lastCommitTouching(['a'])).toBe(two);
    expect(await (await open(made.dir)).isShallow()).toBe(false);
  });

  it('is not led astray by replaced objects', async () => {
    const made = await temporaryRepository();
    const one = await made.commit('one', { a: '1' });
    const two = await made.commit('two', { b: '2' });
    // Now the second commit looks as if it had brought "a".
    await made.git('replace', two, one);
    expect(await (await open(made.dir)).lastCommitTouching(['a'])).toBe(one);
  });
});

describe('isDirty', () => {
  const cases: [string, (made: TestRepository) => Promise<unknown>, boolean][] = [
    ['nothing changed', async () => undefined, false],
    ['a file changed', (made) => made.write({ 'in/a': '2' }), true],
    [
      'a file changed and was staged',
      async (made) => made.write({ 'in/a': '2' }).then(() => made.git('add', '-A')),
      true,
    ],
    ['a file was removed', ({ dir }) => rm(join(dir, 'in', 'a')), true],
    ['a file became executable', ({ dir }) => chmod(join(dir, 'in', 'a'), 0o755), true],
    ['a new file', (made) => made.write({ 'in/new': '' }), true],
    ['a new file in a new folder', (made) => made.write({ 'in/x/y/new': '' }), true],
    ['an ignored file', (made) => made.write({ 'in/dist/x': '' }), false],
    ['an empty folder', ({ dir }) => mkdir(join(dir, 'in', 'empty')), false],
    ['a change elsewhere', (made) => made.write({ 'out/b': '2', 'out/new': '' }), false],
    ['the same bytes written again', (made) => made.write({ 'in/a': '1' }), false],
    [
      'a file that became a link',
      ({ dir }) => rm(join(dir, 'in', 'a')).then(() => symlink('x', join(dir, 'in', 'a'))),
      true,
    ],
  ];

  it.each(cases)('%s', async (_, change, dirty) => {
    const made = await temporaryRepository({ 'in/a': '1', 'out/b': '1', '.gitignore': 'dist/\n' });
    await change(made);
    const repository = await open(made.dir);
    expect(await repository.isDirty([join(made.dir, 'in')])).toBe(dirty);
  });

  it('is false for no paths, and for a path that is not there', async () => {
    const made = await temporaryRepository({ a: '1' });
    await made.write({ a: '2' });
    const repository = await open(made.dir);
    expect(await repository.isDirty([])).toBe(false);
    expect(await repository.isDirty(['absent'])).toBe(false);
    expect(await repository.isDirty([made.dir])).toBe(true);
  });

  it('does not depend on what the user ignores everywhere', async () => {
    const made = await temporaryRepository({ a: '1' });
    const home = temporaryDirectory('home');
    await writeFiles(home, {
      '.config/git/ignore': 'new\n',
      '.gitconfig': '[core]\n\texcludesFile = ~/.config/git/ignore\n',
    });
    await made.write({ new: '' });
    const before = { HOME: process.env.HOME, XDG_CONFIG_HOME: process.env.XDG_CONFIG_HOME };
    process.env.HOME = home;
    delete process.env.XDG_CONFIG_HOME;
    try {
      expect(await (await open(made.dir)).isDirty([made.dir])).toBe(true);
    } finally {
      for (const [name, value] of Object.entries(before)) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
  });

  it('does not start what the repository asks to have started', async () => {
    const made = await temporaryRepository({ a: '1' });
    const mark = join(temporaryDirectory('git'), 'ran');
    await made.git('config', 'core.fsmonitor', `touch ${mark}; true`);
    const repository = await open(made.dir);
    await made.write({ a: '2' });
    expect(await repository.isDirty([made.dir])).toBe(true);
    await expect(rm(mark)).rejects.toThrow('ENOENT');
  });

  it('writes nothing, not even the index', async () => {
    const made = await temporaryRepository({ a: '1' });
    // Same bytes with another time: an ordinary "git status" would write the index anew.
    await made.write({ a: '1' });
    await made.git('status');
    await made.write({ a: '1' });
    const index = join(made.dir, '.git', 'index');
    const before = await stat(index);
    expect(await (await open(made.dir)).isDirty([made.dir])).toBe(false);
    expect((await stat(index)).ino).toBe(before.ino);
  });
});

describe('tagsAtHead', () => {
  it('has plain and annotated tags of this commit, sorted, and no others', async () => {
    const made = await temporaryRepository({ a: '1' });
    await made.git('tag', 'old');
    await made.commit('two', { a: '2' });
    await made.git('tag', 'b/v1.0.0');
    await made.git('tag', '--annotate', '--message', 'x', 'a/v1.0.0');
    await made.git('branch', 'not-a-tag');
    expect(await (await open(made.dir)).tagsAtHead()).toEqual(['a/v1.0.0', 'b/v1.0.0']);
  });
});

describe('commitTime', () => {
  it('is the committer time in seconds', async () => {
    const made = await temporaryRepository({ a: '1' });
    const repository = await open(made.dir);
    const head = (await repository.head()) ?? '';
    expect(await repository.commitTime(head)).toBe(Date.UTC(2024, 0, 2, 3, 4, 5) / 1000);
  });

  it.each(['HEAD', 'main', '--all', 'abc', `${'0'.repeat(40)}..`, ''])('refuses %j', async (commit) => {
    const { dir } = await temporaryRepository({ a: '1' });
    expect(await failure((await open(dir)).commitTime(commit))).toMatchObject({
      code: 'GIT_FAILED',
      message: `expected a full commit id, found ${JSON.stringify(commit)}`,
    });
  });

  it('names a commit that is not there', async () => {
    const { dir } = await temporaryRepository({ a: '1' });
    const error = await failure((await open(dir)).commitTime('0'.repeat(40)));
    expect(error.code).toBe('GIT_FAILED');
    expect(error.message).toContain('0'.repeat(40));
  });
});
