import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failure } from '../test-open.ts';
import { carryCheckout, checkCarry } from './carry-checkout.ts';
import { inspectCheckout } from './inspect-checkout.ts';
import { type CarryCase, carryCase, FLATTEN, FLATTEN_COMMANDS, faults, LAYOUT } from './test-carry.ts';

const flatten = (prepare?: Parameters<typeof carryCase>[2]): Promise<CarryCase> =>
  carryCase(LAYOUT, FLATTEN_COMMANDS, prepare);

/** The error of a carry and of its check, which must be one and the same. */
async function refusal(made: CarryCase) {
  const checked = await failure(checkCarry(made.input(FLATTEN)));
  const carried = await failure(carryCheckout(made.input(FLATTEN)));
  expect(carried.message).toBe(checked.message);
  expect(existsSync(join(made.dir, '.git/baton-carry'))).toBe(false);
  expect(await made.git('rev-parse', 'main')).toBe(made.from);
  return carried;
}

describe('changes that would be lost', () => {
  it.each([
    ['changed', 'agent/go/cmd/main.go', async (made: CarryCase) => made.write({ 'agent/go/cmd/main.go': 'mine' })],
    ['deleted', 'README.md', async (made: CarryCase) => made.git('-c', 'alias.x=!rm README.md', 'x')],
    [
      'staged',
      'agent/old/main.py',
      async (made: CarryCase) => made.git('rm', '--quiet', '--cached', 'agent/old/main.py'),
    ],
    ['added', 'more', async (made: CarryCase) => made.write({ more: '' }).then(() => made.git('add', 'more'))],
  ])('%s files are refused by name', async (_, path, change) => {
    const made = await flatten();
    await change(made);
    const error = await refusal(made);
    expect(error).toMatchObject({ code: 'REPOSITORY_DIRTY', details: { paths: [path] } });
    expect(error.message).toContain(`1 file in ${made.dir} is changed: ${path}`);
  });

  it('a change in a file that git was told not to look at is found where the file would go', async () => {
    const made = await flatten();
    await made.git('update-index', '--assume-unchanged', 'agent/old/main.py', 'agent/go/cmd/main.go');
    await made.write({ 'agent/old/main.py': 'my changes', 'agent/go/cmd/main.go': 'mine, moved along' });
    expect(await refusal(made)).toMatchObject({ code: 'REPOSITORY_DIRTY', details: { paths: ['agent/old/main.py'] } });
  });

  it('a file that was only touched is no change', async () => {
    const made = await flatten();
    await made.write({ 'agent/go/cmd/main.go': LAYOUT['agent/go/cmd/main.go'] ?? '' });
    await carryCheckout(made.input(FLATTEN));
    expect(await faults(made, made.to)).toEqual([]);
  });

  it('an index that is not the commit to start from', async () => {
    const made = await flatten();
    await made.git('checkout', '--quiet', '--detach', made.to);
    await made.git('commit', '--quiet', '--allow-empty', '--message', 'another');
    expect(await refusal(made)).toMatchObject({ code: 'REPOSITORY_DIRTY' });
  });
});

describe('files that nobody tracks', () => {
  it('in the way: all are listed, nothing happens', async () => {
    const made = await flatten();
    mkdirSync(join(made.dir, 'agent/.hidden/deep'), { recursive: true });
    await made.write({
      'agent/cmd/main.go': 'mine',
      'agent/cmd/other': 'not in the way',
      'agent/go.mod': 'mine',
      'agent/.hidden/.gitkeep/x': 'a directory for a file',
      'agent/vendor/c': 'mine',
    });
    symlinkSync('nowhere', join(made.dir, 'agent/cmd/-dash'));
    const error = await refusal(made);
    expect(error).toMatchObject({
      code: 'UNTRACKED_IN_WAY',
      details: {
        paths: ['agent/.hidden/.gitkeep/', 'agent/cmd/-dash', 'agent/cmd/main.go', 'agent/go.mod', 'agent/vendor/c'],
      },
    });
    expect(readFileSync(join(made.dir, 'agent/cmd/main.go'), 'utf8')).toBe('mine');
    expect(await faults(made, made.from)).toEqual([]);
  });

  it('ignored files in the way are refused as well', async () => {
    const made = await carryCase({ '.gitignore': 'b\n', 'a/x': 'x' }, 'git mv a b');
    await made.write({ 'b/x': 'mine' });
    expect(await failure(carryCheckout(made.input({ a: 'b' })))).toMatchObject({ code: 'UNTRACKED_IN_WAY' });
    expect(readFileSync(join(made.dir, 'b/x'), 'utf8')).toBe('mine');
  });

  it('elsewhere: they stay where they are, and are reported where their directory has gone', async () => {
    const made = await flatten();
    const mine = {
      'agent/go/bin/tool': 'ignored',
      'agent/go/cmd/x.tmp': 'ignored among moved files',
      'agent/old/deep/notes': 'untracked among deleted files',
      'agent/cmd/own/file': 'where files come to',
      'docs/top.tmp': '',
    };
    await made.write(mine);
    mkdirSync(join(made.dir, 'agent/.hidden/empty'), { recursive: true });
    const result = await carryCheckout(made.input(FLATTEN));
    expect(await faults(made, made.to)).toEqual([]);
    for (const [path, text] of Object.entries(mine)) expect(readFileSync(join(made.dir, path), 'utf8')).toBe(text);
    expect(result.leftovers).toEqual(['agent/go/cmd/x.tmp', 'agent/old/deep/notes']);
    expect(existsSync(join(made.dir, 'agent/cmd/main.go'))).toBe(true);
  });
});

describe('work under way', () => {
  it.each([
    ['merge', async ({ git }: CarryCase) => git('merge', 'side').catch(() => '')],
    ['rebase', async ({ git }: CarryCase) => git('rebase', 'side').catch(() => '')],
    ['cherry-pick', async ({ git }: CarryCase) => git('cherry-pick', 'side').catch(() => '')],
    ['revert', async ({ git }: CarryCase) => git('revert', '--no-edit', 'HEAD~1').catch(() => '')],
    [
      'am',
      async ({ git }: CarryCase) =>
        git('-c', 'alias.x=!git format-patch --stdout -1 side | git am', 'x').catch(() => ''),
    ],
    ['bisect', async ({ git }: CarryCase) => git('bisect', 'start')],
  ] as const)('a %s', async (operation, begin) => {
    const made = await flatten(async ({ git, write, commit }) => {
      await git('branch', 'side');
      await commit('ours', { 'README.md': 'ours\n' });
      await commit('again', { 'README.md': 'again\n' });
      await git('checkout', '--quiet', 'side');
      await commit('theirs', { 'README.md': 'theirs\n' });
      await git('checkout', '--quiet', 'main');
      await write({});
    });
    await begin(made);
    expect((await inspectCheckout(made.dir))?.operation).toBe(operation);
    const error = await failure(carryCheckout(made.input(FLATTEN)));
    expect(error).toMatchObject({ code: 'REPOSITORY_BUSY', details: { operation } });
  });

  it('another git holds the index', async () => {
    const made = await flatten();
    const lock = join(made.dir, '.git/index.lock');
    writeFileSync(lock, '');
    expect((await inspectCheckout(made.dir))?.lock).toBe('other');
    const error = await refusal(made);
    expect(error).toMatchObject({ code: 'REPOSITORY_BUSY' });
    expect(error.message).toContain(lock);
    expect(existsSync(lock)).toBe(true);
  });

  it('no work tree', async () => {
    const made = await flatten();
    const error = await failure(carryCheckout({ ...made.input(), dir: join(made.dir, '.git') }));
    expect(error.message).toContain('is in no work tree');
    expect(await inspectCheckout(join(made.dir, '.git'))).toBeUndefined();
    expect(await inspectCheckout('/')).toBeUndefined();
  });
});
