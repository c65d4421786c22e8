import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory, temporaryRepository } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import { carryCheckout } from './carry-checkout.ts';
import { inspectCheckout } from './inspect-checkout.ts';
import { carryCase, FLATTEN, FLATTEN_COMMANDS, faults, LAYOUT } from './test-carry.ts';

describe('a checkout with settings of its own', () => {
  it('core.autocrlf: written files get the line endings, carried ones keep theirs', async () => {
    const made = await carryCase(LAYOUT, FLATTEN_COMMANDS, async ({ git }) => {
      await git('config', 'core.autocrlf', 'true');
      await git('rm', '-rq', '--cached', '.');
      await git('reset', '--quiet', '--hard');
    });
    expect(readFileSync(join(made.dir, 'README.md'), 'utf8')).toBe('agent/go\r\n');
    const main = lstatSync(join(made.dir, 'agent/go/cmd/main.go')).mtimeMs;
    await carryCheckout(made.input(FLATTEN));
    expect(await faults(made, made.to)).toEqual([]);
    expect(readFileSync(join(made.dir, 'README.md'), 'utf8')).toBe('agent\r\n');
    expect(lstatSync(join(made.dir, 'agent/cmd/main.go')).mtimeMs).toBe(main);
  });

  it('core.fileMode=false: a mode that the disk does not have is no change', async () => {
    const made = await carryCase({ 'a/run': '#!', 'a/x': 'x' }, 'git mv a b && echo >> b/x', async ({ git, dir }) => {
      await git('config', 'core.fileMode', 'false');
      await git('update-index', '--chmod=+x', 'a/run');
      await git('commit', '--quiet', '--message', 'mode');
      chmodSync(join(dir, 'a/run'), 0o644);
    });
    await carryCheckout(made.input({ a: 'b' }));
    expect(await faults(made, made.to)).toEqual([]);
    expect(await made.git('ls-files', '--stage', 'b/run')).toContain('100755');
    expect(lstatSync(join(made.dir, 'b/run')).mode & 0o111).toBe(0);
  });

  it('core.symlinks=false: links are files with a target in them', async () => {
    const made = await carryCase({ 'a/x': 'x' }, 'git mv a b && ln -s x b/link', async ({ git }) => {
      await git('config', 'core.symlinks', 'false');
    });
    await carryCheckout(made.input({ a: 'b' }));
    expect(await faults(made, made.to)).toEqual([]);
    expect(lstatSync(join(made.dir, 'b/link')).isFile()).toBe(true);
  });

  it('an LFS pointer whose filter is not installed stays a pointer', async () => {
    const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n';
    const files = { '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n', 'a/x.bin': pointer, 'a/y': 'y' };
    const made = await carryCase(files, 'git mv a b && echo >> b/x.bin && cp b/y b/z.bin');
    await carryCheckout(made.input({ a: 'b' }));
    expect(await faults(made, made.to)).toEqual([]);
    expect(readFileSync(join(made.dir, 'b/x.bin'), 'utf8')).toBe(`${pointer}\n`);
  });

  const FILTERED = { 'a/.gitattributes': '*.up filter=upper\n', 'a/x.up': 'one\n', 'a/y': 'y\n' };
  const upper = async (git: (...args: string[]) => Promise<string>, smudge: string) => {
    await git('config', 'filter.upper.smudge', smudge);
    await git('config', 'filter.upper.required', 'true');
  };

  it('filters apply by the attributes at the new place', async () => {
    const made = await carryCase(FILTERED, 'git mv a b && echo two > b/x.up && cp b/x.up b/y.txt', async ({ git }) => {
      await git('config', 'filter.upper.clean', 'tr A-Z a-z');
      await upper(git, 'tr a-z A-Z');
      await git('rm', '-rq', '--cached', '.');
      await git('reset', '--quiet', '--hard');
    });
    await carryCheckout(made.input({ a: 'b' }));
    expect(await faults(made, made.to)).toEqual([]);
    expect(readFileSync(join(made.dir, 'b/x.up'), 'utf8')).toBe('TWO\n');
    expect(readFileSync(join(made.dir, 'b/y.txt'), 'utf8')).toBe('two\n');
  });

  it('a filter that fails fails before anything has moved', async () => {
    const made = await carryCase(FILTERED, 'git mv a b && echo two > b/x.up');
    await made.git('config', 'filter.upper.clean', 'cat');
    await upper(made.git, 'false');
    await expect(carryCheckout(made.input({ a: 'b' }))).rejects.toMatchObject({
      code: 'GIT_FAILED',
      message: expect.stringContaining('git checkout-index'),
    });
    expect(await faults(made, made.from)).toEqual([]);
  });

  it('the configuration of the user counts: the checkout must be what their git expects', async () => {
    const made = await carryCase({ 'a/x': 'x\n', y: 'y\n' }, 'git mv a b && echo >> y');
    const home = temporaryDirectory('home');
    writeFileSync(join(home, 'config'), '[core]\n\tautocrlf = true\n');
    process.env.GIT_CONFIG_GLOBAL = join(home, 'config');
    try {
      await carryCheckout(made.input({ a: 'b' }));
    } finally {
      delete process.env.GIT_CONFIG_GLOBAL;
    }
    expect(readFileSync(join(made.dir, 'y'), 'utf8')).toBe('y\r\n\r\n');
  });
});

describe('other kinds of an index', () => {
  it.each([
    ['version 4', ['update-index', '--index-version', '4']],
    ['split', ['update-index', '--split-index']],
    ['with an untracked cache', ['update-index', '--force-untracked-cache']],
  ])('%s', async (_, command) => {
    const made = await carryCase(LAYOUT, FLATTEN_COMMANDS);
    await made.git(...command);
    await carryCheckout(made.input(FLATTEN));
    expect(await faults(made, made.to)).toEqual([]);
    expect(await made.git('fsck', '--no-dangling')).toBe('');
  });

  it.each([
    [[]],
    [['--cone']],
    [['--cone', '--sparse-index']],
  ])('a sparse checkout %j keeps what is not checked out so', async (options) => {
    const made = await carryCase(LAYOUT, FLATTEN_COMMANDS);
    await made.git(
      'sparse-checkout',
      'set',
      ...options,
      ...(options.length === 0 ? ['--no-cone', '/agent/go/cmd', '/README.md'] : ['agent/go/cmd']),
    );
    expect((await inspectCheckout(made.dir))?.sparse).toBe(true);
    expect(existsSync(join(made.dir, 'agent/go/vendor'))).toBe(false);
    await carryCheckout(made.input(FLATTEN));
    expect(await faults(made, made.to)).toEqual([]);
    expect(existsSync(join(made.dir, 'agent/cmd/main.go'))).toBe(true);
    expect(existsSync(join(made.dir, 'agent/vendor'))).toBe(false);
    await made.git('sparse-checkout', 'disable');
    expect(await faults(made, made.to)).toEqual([]);
  });

  it('a linked work tree', async () => {
    const made = await carryCase(LAYOUT, FLATTEN_COMMANDS);
    const dir = join(temporaryDirectory('linked'), 'tree');
    await made.git('worktree', 'add', '--quiet', '-b', 'side', dir);
    const moveRef = async () => void (await made.git('update-ref', 'refs/heads/side', made.to));
    await carryCheckout({ ...made.input(FLATTEN), dir, branch: 'refs/heads/side', moveRef });
    const git = (...args: string[]) => made.git('-C', dir, ...args);
    expect(await faults({ ...made, dir, git }, made.to)).toEqual([]);
    expect(await faults(made, made.from)).toEqual([]);
    expect((await inspectCheckout(made.dir))?.workTrees).toEqual([
      { path: made.dir, branch: 'refs/heads/main' },
      { path: dir, branch: 'refs/heads/side' },
    ]);
  });

  it('a repository with SHA-256 objects', async () => {
    const made = await temporaryRepository();
    const dir = temporaryDirectory('sha256');
    const git = (...args: string[]) => made.git('-C', dir, ...args);
    await git('init', '--quiet', '--initial-branch=main', '--object-format=sha256');
    mkdirSync(join(dir, 'a'));
    writeFileSync(join(dir, 'a/x'), 'x');
    writeFileSync(join(dir, 'y'), 'y');
    await git('add', '.');
    await git('commit', '--quiet', '--message', 'one');
    const from = await git('rev-parse', 'HEAD');
    await git('mv', 'a', 'b');
    writeFileSync(join(dir, 'y'), 'z');
    await git('commit', '--quiet', '--all', '--message', 'two');
    const to = await git('rev-parse', 'HEAD');
    await carryCheckout({ dir, from: to, to: from, renames: [{ from: 'b', to: 'a' }], branch: undefined });
    expect(await faults({ ...made, dir, git }, from)).toEqual([]);
  });
});

describe('submodules', () => {
  it('a populated one moves with its directory, deeper or higher', async () => {
    const inner = await temporaryRepository({ 'x/file': '1' });
    const made = await temporaryRepository({ 'a/deep/x': 'x', y: 'y' });
    await made.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner.dir, 'a/deep/sub');
    const from = await made.commit('submodule');
    // What "git mv" would commit, made without a checkout of the submodule.
    await made.git('clone', '--quiet', '--no-local', made.dir, join(made.dir, '.git', 'other'));
    const other = join(made.dir, '.git', 'other');
    const script = 'git mv a/deep b && sed -i s,a/deep/sub,b/sub, .gitmodules && git add --all && git commit -qm x';
    await made.git('-C', other, '-c', `alias.do=!${script}`, 'do');
    await made.git('fetch', '--quiet', other, 'HEAD');
    const to = await made.git('rev-parse', 'FETCH_HEAD');
    await made.git('update-ref', 'refs/heads/main', to);
    const result = await carryCheckout({
      dir: made.dir,
      from,
      to,
      renames: [{ from: 'a/deep', to: 'b' }],
      branch: 'refs/heads/main',
    });
    expect(result.moved).toBe(1);
    expect(await faults(made, to)).toEqual([]);
    const sub = join(made.dir, 'b/sub');
    expect(await made.git('-C', sub, 'rev-parse', '--show-toplevel')).toBe(sub);
    expect(await made.git('-C', sub, 'status', '--porcelain')).toBe('');
    writeFileSync(join(sub, 'x/file'), '2');
    expect((await inspectCheckout(made.dir))?.modified).toEqual(['b/sub']);
  });
});
