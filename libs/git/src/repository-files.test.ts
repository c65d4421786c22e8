import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory, temporaryRepository } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import { failure, open } from './test-open.ts';

describe('executableFiles', () => {
  it("is git's index, whatever the disk says", async () => {
    const made = await temporaryRepository({ 'bin/run': '#!', 'bin/data': 'x', 'lib/more': 'x' });
    await made.git('update-index', '--chmod=+x', 'bin/run');
    await made.write({ 'bin/untracked': '' });
    await symlink('run', join(made.dir, 'bin', 'link'));
    await made.git('add', 'bin/link');
    const repository = await open(made.dir);
    const bin = join(made.dir, 'bin');
    expect(await repository.executableFiles([bin])).toEqual(
      new Map([
        [join(bin, 'data'), false],
        [join(bin, 'run'), true],
      ]),
    );
    expect(await repository.executableFiles([join(bin, 'run')])).toEqual(new Map([[join(bin, 'run'), true]]));
    expect([...(await repository.executableFiles([made.dir])).keys()]).toHaveLength(3);
    expect(await repository.executableFiles([])).toEqual(new Map());
    expect(await repository.executableFiles([join(made.dir, 'absent')])).toEqual(new Map());
  });

  it('takes names as names, and does not mix up those that begin alike', async () => {
    const names = ['new\nline', 'tab\tname', '-dash', ':(top)x', 'a', 'ab', 'a b'];
    const made = await temporaryRepository(Object.fromEntries(names.map((name) => [`d/${name}`, name])));
    const repository = await open(made.dir);
    expect([...(await repository.executableFiles([join(made.dir, 'd')])).keys()].sort()).toEqual(
      names.map((name) => join(made.dir, 'd', name)).sort(),
    );
    expect([...(await repository.executableFiles([join(made.dir, 'd', 'a')])).keys()]).toEqual([
      join(made.dir, 'd', 'a'),
    ]);
  });

  it('gives a name that is not UTF-8 as Node reads it from the directory', async () => {
    const made = await temporaryRepository();
    await writeFile(Buffer.concat([Buffer.from(`${made.dir}/`), Buffer.from([0x66, 0xff])]), 'x');
    await made.commit('one');
    expect([...(await (await open(made.dir)).executableFiles([made.dir])).keys()]).toEqual([join(made.dir, 'f\ufffd')]);
  });

  it('answers during a merge with conflicts', async () => {
    const made = await temporaryRepository({ a: '1' });
    await made.git('checkout', '--quiet', '-b', 'other');
    await made.commit('two', { a: '2' });
    await made.git('checkout', '--quiet', 'main');
    await made.commit('three', { a: '3' });
    await made.git('merge', 'other').catch(() => undefined);
    const repository = await open(made.dir);
    expect(await repository.executableFiles([made.dir])).toEqual(new Map([[join(made.dir, 'a'), false]]));
    expect(await repository.isDirty([made.dir])).toBe(true);
  });
});

describe('paths', () => {
  it('may lead through a link, and are given back as they were written', async () => {
    const made = await temporaryRepository({ 'agent/run': 'x' });
    const elsewhere = temporaryDirectory('git');
    const link = join(elsewhere, 'link');
    await symlink(made.dir, link);
    const repository = await open(join(link, 'agent'));
    expect(repository.root).toBe(made.dir);
    expect([...(await repository.executableFiles([join(link, 'agent')])).keys()]).toEqual([join(link, 'agent', 'run')]);
    expect(await repository.lastCommitTouching([link])).toBe(await repository.head());
  });

  it('see a tracked link itself, not what it points to', async () => {
    const made = await temporaryRepository({ 'real/a': '1' });
    await symlink('real', join(made.dir, 'link'));
    const linked = await made.commit('link');
    await made.commit('more', { 'real/a': '2' });
    expect(await (await open(made.dir)).lastCommitTouching([join(made.dir, 'link')])).toBe(linked);
  });

  it.each(['..', '../other', '/', '/etc/passwd'])('outside of the repository are refused: %s', async (path) => {
    const { dir } = await temporaryRepository({ a: 'a' });
    const repository = await open(dir);
    for (const ask of [repository.lastCommitTouching, repository.isDirty, repository.executableFiles]) {
      expect(await failure(ask([path]))).toMatchObject({
        code: 'GIT_FAILED',
        message: `${path} is outside of the repository ${dir}`,
      });
    }
  });

  it('outside are refused also behind a link', async () => {
    const { dir } = await temporaryRepository({ a: 'a' });
    await symlink(temporaryDirectory('git'), join(dir, 'out'));
    const error = await failure((await open(dir)).lastCommitTouching([join(dir, 'out', 'x')]));
    expect(error.message).toContain('is outside of the repository');
  });
});
