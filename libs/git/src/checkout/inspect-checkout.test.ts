import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory, temporaryRepository } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import { inspectCheckout } from './inspect-checkout.ts';

describe('inspectCheckout', () => {
  it('tells what is modified, staged, untracked and ignored, by odd names', async () => {
    const made = await temporaryRepository({ 'a b': '1', ünï: '2', gone: '3', '.gitignore': '*.tmp\n', 'd/x': 'x' });
    await made.write({ 'a b': 'changed', 'new\nline': '', 'own/dir/file': '', 'd/y.tmp': '', '-dash': 's' });
    await made.git('add', '--', '-dash');
    await made.git('-c', 'alias.x=!rm gone', 'x');
    writeFileSync(Buffer.concat([Buffer.from(`${made.dir}/`), Buffer.from([0x62, 0xff])]), '');
    const index = join(made.dir, '.git/index');
    const before = [readFileSync(index), statSync(index).mtimeMs];
    const state = await inspectCheckout(join(made.dir, 'd'));
    expect(state).toMatchObject({
      root: made.dir,
      gitDir: join(made.dir, '.git'),
      commonDir: join(made.dir, '.git'),
      head: await made.git('rev-parse', 'HEAD'),
      branch: 'refs/heads/main',
      operation: undefined,
      lock: 'none',
      pendingCarry: undefined,
      shallow: false,
      sparse: false,
      modified: ['a b', 'gone'],
      staged: ['-dash'],
      unmerged: [],
      untracked: ['b\udcff', 'new\nline', 'own/'],
      ignored: ['d/y.tmp'],
    });
    expect([readFileSync(index), statSync(index).mtimeMs]).toEqual(before);
  });

  it('tells conflicts, a detached head, and a branch without a commit', async () => {
    const made = await temporaryRepository({ a: '1' });
    await made.git('checkout', '--quiet', '-b', 'side');
    await made.commit('theirs', { a: '2' });
    await made.git('checkout', '--quiet', '--detach', 'main');
    await made.commit('ours', { a: '3' });
    await made.git('merge', 'side').catch(() => '');
    expect(await inspectCheckout(made.dir)).toMatchObject({ unmerged: ['a'], branch: undefined, operation: 'merge' });
    const empty = await temporaryRepository();
    expect(await inspectCheckout(empty.dir)).toMatchObject({ head: undefined, branch: 'refs/heads/main' });
  });

  it('a shallow clone, in a directory whose name has a newline', async () => {
    const made = await temporaryRepository({ a: '1' });
    await made.commit('two', { a: '2' });
    const dir = join(temporaryDirectory('odd'), 'new\nline');
    await made.git('clone', '--quiet', '--depth=1', `file://${made.dir}`, dir);
    expect(await inspectCheckout(dir)).toMatchObject({
      root: dir,
      gitDir: join(dir, '.git'),
      shallow: true,
      modified: [],
    });
  });

  it('has no work tree in a bare repository and none outside', async () => {
    const made = await temporaryRepository({ a: '1' });
    mkdirSync(join(made.dir, 'x'));
    expect(await inspectCheckout(join(made.dir, '.git'))).toBeUndefined();
    expect(await inspectCheckout(temporaryDirectory('none'))).toBeUndefined();
  });
});
