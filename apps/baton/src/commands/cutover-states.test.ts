import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type TestRepository, temporaryDirectory, temporaryRepository } from '@baton/testkit';
import { beforeEach, expect, test } from 'vitest';
import { runBaton } from '../test-baton.ts';

// The table "The state of the repository" of docs/cutover.md, row by row.

const MANIFEST = `version: 1
name: pump
paths: [{ flatten: { dir: pump/next, into: pump } }]
commit: { author: { name: Zoë Quill, email: zoe@example.com }, subject: 'pump: the new one' }
`;

let repository: TestRepository;
const baton = (...args: string[]) => runBaton(['cutover', ...args], { cwd: repository.dir });
const git = (...args: string[]): Promise<string> => repository.git(...args);
const write = (path: string, text: string): void => writeFileSync(join(repository.dir, path), text);
const refused = (code: string, exit = 2) => ({ code: exit, stderr: expect.stringContaining(`error ${code}: `) });

beforeEach(async () => {
  repository = await temporaryRepository({
    'cutover.yaml': MANIFEST,
    'pump/README.md': 'a pump\n',
    'pump/next/main.go': 'package main\n',
    'docs/x.md': 'x\n',
  });
});

test.each([
  ['changed', () => write('docs/x.md', 'y\n')],
  [
    'staged',
    async () => {
      write('docs/x.md', 'y\n');
      await git('add', 'docs/x.md');
    },
  ],
])('%s files stop --checkout alone', async (_title, change) => {
  await change();
  const status = await git('status', '--porcelain');
  expect(await baton('apply', '--checkout')).toMatchObject(refused('REPOSITORY_DIRTY'));
  expect(await git('status', '--porcelain')).toBe(status);
  expect((await baton('apply')).code).toBe(0);
  write('cutover.yaml', `${MANIFEST}requires: { clean: true }\n`);
  expect(await baton('apply')).toMatchObject(refused('CUTOVER_REJECTED', 1));
});

test('an untracked file in the way is named, and not touched', async () => {
  write('pump/main.go', 'mine\n');
  const ran = await baton('apply', '--checkout');
  expect(ran).toMatchObject(refused('UNTRACKED_IN_WAY'));
  expect(ran.stderr).toContain('pump/main.go');
  expect(readFileSync(join(repository.dir, 'pump/main.go'), 'utf8')).toBe('mine\n');
});

test('ignored files in directories that go stay, and are listed', async () => {
  await repository.commit('ignore', { '.gitignore': '*.o\n' });
  write('pump/next/x.o', 'built');
  const ran = await baton('apply', '--checkout');
  expect(ran.stdout).toMatch(/left in directories that are gone.*\n└─ pump\/next\/x\.o/);
  expect(readFileSync(join(repository.dir, 'pump/next/x.o'), 'utf8')).toBe('built');
  expect(await git('status', '--porcelain')).toBe('');
});

test.each([
  ['a merge', () => git('merge', '--quiet', '--no-commit', '--no-ff', 'side')],
  ['a bisect', () => git('bisect', 'start')],
  ['an index.lock', () => write('.git/index.lock', '')],
])('%s under way stops --checkout alone', async (_title, begin) => {
  await git('checkout', '--quiet', '-b', 'side');
  await git('commit', '--quiet', '--allow-empty', '--message', 'side');
  await git('checkout', '--quiet', 'main');
  await git('commit', '--quiet', '--allow-empty', '--message', 'main');
  await begin();
  expect(await baton('apply', '--checkout')).toMatchObject(refused('REPOSITORY_BUSY'));
  expect((await baton('apply')).code).toBe(0);
});

test('a detached head stays detached, at the new commit', async () => {
  await git('checkout', '--quiet', '--detach');
  expect((await baton('apply', '--checkout')).code).toBe(0);
  expect(await git('rev-parse', '--abbrev-ref', 'HEAD')).toBe('HEAD');
  expect(await git('ls-files', 'pump')).toBe('pump/README.md\npump/main.go');
  expect(await git('status', '--porcelain')).toBe('');
});

test('in a shallow clone an ancestor that is not there is pending', async () => {
  const first = await git('rev-parse', 'HEAD');
  await repository.commit('second', { 'cutover.yaml': `${MANIFEST}requires: { ancestors: [${first}] }\n` });
  const dir = join(temporaryDirectory('shallow'), 'clone');
  await git('clone', '--quiet', '--depth=1', pathToFileURL(repository.dir).href, dir);
  expect((await baton('plan')).code).toBe(0);
  const ran = await runBaton(['cutover', 'plan'], { cwd: dir });
  expect(ran).toMatchObject(refused('CUTOVER_PENDING', 4));
  expect(ran.stdout).toMatch(/\? pending ancestor .* the clone is shallow/);
  // Pending is shown, and does not keep anybody from making the commit.
  expect((await runBaton(['cutover', 'apply'], { cwd: dir })).code).toBe(0);
});

test('a sparse checkout keeps its patterns', async () => {
  await git('sparse-checkout', 'set', '--no-cone', '/pump/', '/cutover.yaml');
  expect((await baton('apply', '--checkout')).code).toBe(0);
  expect(await git('sparse-checkout', 'list')).toBe('/pump/\n/cutover.yaml');
  expect(existsSync(join(repository.dir, 'docs/x.md'))).toBe(false);
  expect(existsSync(join(repository.dir, 'pump/main.go'))).toBe(true);
  expect(await git('status', '--porcelain')).toBe('');
});

test('a branch that is checked out somewhere is not moved', async () => {
  await git('worktree', 'add', '--quiet', '-b', 'cutover/pump', join(temporaryDirectory('tree'), 'w'));
  expect(await baton('apply')).toMatchObject(refused('BRANCH_CHECKED_OUT'));
});

test('a branch with the commit of somebody else is not moved; one of an earlier run is', async () => {
  await git('branch', 'cutover/pump');
  expect(await baton('apply')).toMatchObject(refused('REF_MOVED', 1));
  await git('branch', '--delete', 'cutover/pump');
  expect((await baton('apply')).code).toBe(0);
  await repository.commit('main moved', { 'docs/y.md': 'y\n' });
  expect((await baton('apply')).stdout).toMatch(/\napplied\n/);
  expect(await git('rev-parse', 'cutover/pump^')).toBe(await git('rev-parse', 'main'));
});

test('hooks: the one of references is heard, those of commits are not run', async () => {
  mkdirSync(join(repository.dir, '.git/hooks'), { recursive: true });
  const hook = (name: string, text: string): void => {
    write(`.git/hooks/${name}`, `#!/bin/sh\n${text}\n`);
    chmodSync(join(repository.dir, '.git/hooks', name), 0o755);
  };
  hook('pre-commit', 'exit 1');
  hook('commit-msg', 'exit 1');
  hook('reference-transaction', '[ "$1" = prepared ] || exit 0; echo not today >&2; exit 1');
  const ran = await baton('apply', '--checkout');
  expect(ran).toMatchObject(refused('REF_REFUSED', 3));
  expect(ran.stderr).toContain('not today');
  expect(await git('status', '--porcelain')).toBe('');
  hook('reference-transaction', 'exit 0');
  expect((await baton('apply', '--checkout')).code).toBe(0);
});

test('--checkout --branch switches to that branch', async () => {
  expect((await baton('apply', '--checkout', '--branch', 'side')).code).toBe(0);
  expect(await git('rev-parse', '--abbrev-ref', 'HEAD')).toBe('side');
  expect(await git('log', '--format=%s', 'main')).not.toContain('the new one');
  expect(await git('status', '--porcelain')).toBe('');
});
