import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cutoverExample, type TestRepository, temporaryDirectory, temporaryRepository } from '@baton/testkit';
import { beforeEach, describe, expect, test } from 'vitest';
import { document, runBaton } from '../test-baton.ts';

const MANIFEST = `version: 1
name: pump
vars: { word: pump }
paths:
  - delete: { glob: 'pump/old/**', expect: 2 }
  - flatten: { dir: pump/next, into: pump, collisions: { Makefile: nested } }
edits:
  - replace: { in: README.md, find: pump/next, with: <<word>> }
scan:
  - forbid: { id: no-nested, pattern: pump/next, not: [cutover.yaml] }
accept:
  - { id: gone, absent: pump/old }
commit:
  author: { name: Zoë Quill, email: zoe@example.com }
  subject: 'pump: the new one'
pull-request: { branch: switch/pump }
`;

const BEFORE = {
  'README.md': 'See pump/next/main.go.\n',
  'pump/Makefile': 'old:\n',
  'pump/old/main.py': 'print()\n',
  'pump/old/lib/a.py': 'a = 1\n',
  'pump/next/Makefile': 'build:\n\tgo build\n',
  'pump/next/main.go': 'package main\n',
  'cutover.yaml': MANIFEST,
};

let repository: TestRepository;
const baton = (...args: string[]) => runBaton(['cutover', ...args], { cwd: repository.dir });
const git = async (...args: string[]): Promise<string> => (await repository.git(...args)).trim();
const write = (path: string, text: string): void => writeFileSync(join(repository.dir, path), text);
const change = (from: string, to: string): void => write('cutover.yaml', MANIFEST.replace(from, to));

beforeEach(async () => {
  repository = await temporaryRepository(BEFORE);
});

describe('plan', () => {
  test('says everything and what comes next, and writes nothing', async () => {
    const objects = await git('count-objects', '-v');
    const ran = await baton('plan');
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/paths: 7 → 4 files \(2 kept, 2 moved, 2 deleted, 1 replaced; 1 edited\)/);
    expect(ran.stdout).toContain('-See pump/next/main.go.\n+See pump/main.go.\n');
    const tree = /^tree +(\w{40})$/m.exec(ran.stdout)?.[1] ?? '';
    expect(ran.stdout).toMatch(new RegExp(`ready: 2 passed, .*\nnext: baton cutover apply --expect-tree ${tree}\n$`));
    expect(await git('count-objects', '-v')).toBe(objects);
    expect(await git('for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');
    expect((await baton('plan', '--no-diff')).stdout).not.toContain('+See');
  });

  test('as JSON and as a page', async () => {
    const plan = document(await baton('plan', '--json', '--html', 'out/plan.html'));
    expect(plan).toMatchObject({ ok: true, result: { state: 'passed', name: 'pump', objects: { commits: 1 } } });
    expect(readFileSync(join(repository.dir, 'out/plan.html'), 'utf8')).toContain('<title>ready: Cutover pump</title>');
  });

  test('lists all problems with their lines in the manifest and the files that they are about', async () => {
    change("'pump/old/**', expect: 2", "'pump/older/**', expect: 2");
    write(
      'cutover.yaml',
      readFileSync(join(repository.dir, 'cutover.yaml'), 'utf8').replace('find: pump/', 'find: x/'),
    );
    const ran = await baton('plan');
    expect(ran.code).toBe(2);
    expect(ran.stderr).toBe(
      [
        'error CUTOVER_REFUSED: cutover.yaml:5:5: paths[0] delete: expected 2 files to delete, found 0',
        '  hint: Look at what is there, and write the number that is right.',
        '        1 more problem:',
        '          cutover.yaml:8:5: edits[0] replace: README.md: the text "x/next" is not in the file: expected 1, found none',
        '',
      ].join('\n'),
    );
  });

  test('a failed scan is 1, a part that cannot be seen 4', async () => {
    change('find: pump/next, with: <<word>>', 'find: See, with: Look at');
    expect(await baton('plan')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('README.md:1: pump/next: Look at pump/next/main.go.'),
      stderr: expect.stringContaining('error CUTOVER_REJECTED: cutover pump: 1 part failed: no-nested'),
    });
    change('accept:', 'gates: [{ id: suite, evidence: imported, name: e2e }]\naccept:');
    expect(await baton('plan')).toMatchObject({
      code: 4,
      stdout: expect.stringContaining('? pending suite: the imported result of e2e: no such statement'),
      stderr: expect.stringContaining('error CUTOVER_PENDING: '),
    });
  });

  test('says when the base has another manifest than the one here', async () => {
    expect((await baton('plan')).stdout).not.toContain('note:');
    change('the new one', 'the newer one');
    expect((await baton('plan')).stdout).toContain('note: the base does not have this manifest as it is here');
  });

  test('in a sub-directory names the manifest further up', async () => {
    const ran = await runBaton(['cutover', 'plan'], { cwd: join(repository.dir, 'pump/old') });
    expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining('name ../../cutover.yaml.') });
    expect((await runBaton(['cutover', 'plan', '..'], { cwd: join(repository.dir, 'pump') })).code).toBe(0);
  });

  test.each([
    [['plan', 'nowhere'], /^error CUTOVER_NOT_FOUND: no cutover at nowhere\n/],
    [['plan', '--base', 'nope'], /^error USAGE: --base: "nope" names no commit/],
    [['plan', '--repository', 'README.md'], /^error USAGE: expected the directory of a repository, found a file/],
    [['apply', '--expect-tree', 'abc'], /^error USAGE: --expect-tree: expected a full tree id/],
    [['apply', '--branch', 'HEAD'], /^error USAGE: expected the name of a branch, found HEAD/],
    [['apply', '--branch', 'a..b'], /^error USAGE: expected the name of a branch, found a\.\.b/],
    [['apply', '--branch', 'main'], /^error BRANCH_CHECKED_OUT: main is checked out in /m],
    [['verify', 'nope'], /^error USAGE: <commit>: "nope" names no commit/],
    [['verify', 'HEAD', '--manifest', 'x'], /^error USAGE: the parent of <commit>: /],
    [['revert', 'HEAD', '--onto', 'nope'], /^error USAGE: --onto: "nope" names no commit/],
    [['init'], /^error USAGE: there is a manifest already: /],
    [['init', '--author', 'me'], /^error USAGE: --author: expected: Name <name@example.com>; found "me"/],
  ])('refuses %j', async (args, message) => {
    const ran = await baton(...args);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(message);
    expect(ran.stdout).toBe('');
  });
});

describe('apply, verify, revert', () => {
  test('one commit on a branch; a second run changes nothing; it verifies, and goes back', async () => {
    const base = await git('rev-parse', 'HEAD');
    const ran = await baton('apply', '--statement', 'out/cutover.json');
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/\napplied\n/);
    expect(ran.stdout).toContain('next: baton cutover verify switch/pump, then baton cutover open');
    expect(existsSync(join(repository.dir, 'out/cutover.json'))).toBe(true);
    const commit = await git('rev-parse', 'switch/pump');
    expect(await git('rev-parse', 'switch/pump^')).toBe(base);
    expect(await git('status', '--porcelain', '--', 'pump', 'README.md')).toBe('');
    expect((await baton('apply')).stdout).toMatch(/\nalready done, nothing changed\n/);
    expect(await git('rev-parse', 'switch/pump')).toBe(commit);
    expect(await baton('verify', commit)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^identical: .*\ncommit +\w{40}\n/),
    });
    const reverted = await baton('revert', commit, '--onto', commit, '--dry-run');
    expect(reverted).toMatchObject({ code: 0, stdout: expect.stringMatching(/^can be reverted\nundoes +\w+ pump: /) });
    expect((await baton('revert', commit)).stderr).toMatch(/^error CUTOVER_OVERLAP: .* does not contain the cutover/m);
    expect((await baton('revert', commit, '--onto', commit)).code).toBe(0);
    expect(await git('rev-parse', 'revert/pump^{tree}')).toBe(await git('rev-parse', `${base}^{tree}`));
  });

  test('another tree than the approved one is refused before anything is written', async () => {
    const ran = await baton('apply', '--expect-tree', 'a'.repeat(40));
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('error CUTOVER_TREE_MISMATCH: ') });
    expect(await git('for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');
  });

  test('a dry run names the ids, and writes nothing', async () => {
    const { stdout } = await baton('apply', '--dry-run');
    const id = /^commit +(\w{40})$/m.exec(stdout)?.[1] ?? '';
    expect(await git('for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');
    await baton('apply');
    expect(await git('rev-parse', 'switch/pump')).toBe(id);
  });

  test('with the checkout, which then is clean at the new commit', async () => {
    mkdirSync(join(repository.dir, 'pump/old/cache'));
    write('pump/old/cache/x.pyc', 'mine');
    const ran = await baton('apply', '--checkout');
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain('left in directories that are gone');
    expect(readFileSync(join(repository.dir, 'pump/old/cache/x.pyc'), 'utf8')).toBe('mine');
    expect(await git('status', '--porcelain')).toBe('?? pump/old/');
    expect(await git('ls-files')).toBe('README.md\ncutover.yaml\npump/Makefile\npump/main.go');
    write('README.md', 'changed\n');
    expect(await baton('revert', 'HEAD', '--checkout')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('error REPOSITORY_DIRTY: 1 file'),
    });
  });

  test('a commit that somebody changed differs, and the lines are shown', async () => {
    await baton('apply', '--checkout');
    write('README.md', 'See pump/main.go.\nby hand\n');
    await git('commit', '--quiet', '--all', '--amend', '--no-edit');
    const ran = await baton('verify');
    expect(ran.code).toBe(1);
    expect(ran.stdout).toMatch(/^different: 1 path is not what parent and manifest give\n/);
    expect(ran.stdout).toContain('\n See pump/main.go.\n+by hand\n');
    expect(ran.stderr).toMatch(/^error CUTOVER_DIFFERENT: .* 1 path differs: README.md$/m);
  });

  test('a squash with another message has the same tree', async () => {
    await baton('apply');
    await git('merge', '--quiet', '--squash', 'switch/pump');
    await git('commit', '--quiet', '--message', 'squashed (#12)');
    const ran = await baton('verify', '--json');
    expect(document(ran)).toMatchObject({ ok: true, result: { state: 'same-tree', differences: [] } });
  });

  test('SOURCE_DATE_EPOCH counts for making and for judging', async () => {
    const at = (args: string[], SOURCE_DATE_EPOCH: string) =>
      runBaton(['cutover', ...args], { cwd: repository.dir, env: { SOURCE_DATE_EPOCH } });
    await at(['apply'], '1700000000');
    expect(await git('log', '-1', '--format=%ct', 'switch/pump')).toBe('1700000000');
    expect((await at(['verify', 'switch/pump'], '1700000000')).stdout).toMatch(/^identical: /);
    expect((await baton('verify', 'switch/pump')).stdout).toMatch(/^same tree: /);
  });

  test('a bare repository has no checkout, and no place for a manifest', async () => {
    const bare = join(temporaryDirectory('bare'), 'r.git');
    await git('clone', '--quiet', '--bare', '.', bare);
    const args = ['cutover.yaml', '--repository', bare];
    expect((await baton('apply', ...args, '--checkout')).stderr).toMatch(/^error USAGE: .* is a bare repository/);
    expect((await baton('apply', ...args)).code).toBe(0);
    expect((await runBaton(['cutover', 'verify', 'switch/pump'], { cwd: bare })).stdout).toMatch(/^identical: /);
    expect((await runBaton(['cutover', 'init'], { cwd: bare })).stderr).toMatch(/^error USAGE: a bare repository/);
  });
});

describe('init', () => {
  test('writes a manifest that loads, and names what is left for a person', async () => {
    const { dir } = await cutoverExample();
    const inExample = (...args: string[]) => runBaton(['cutover', ...args], { cwd: dir });
    const author = ['--author', 'Zoë Quill <zoe@example.com>'];
    const ran = await inExample('init', '--to', 'first.yaml', ...author);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/^component +agent\n/);
    expect(ran.stdout).toContain('for a person to decide: ');
    const text = readFileSync(join(dir, 'first.yaml'), 'utf8');
    expect(text).toContain('Zoë Quill');
    expect((await inExample('plan', 'first.yaml', '--no-diff')).stderr).not.toMatch(/CUTOVER_(INVALID|REFUSED)/);
    expect((await inExample('init', '--dry-run', ...author)).stdout).toContain(text);
  });

  test('says what it looked for when there is nothing to cut over', async () => {
    const ran = await baton('init', '--dry-run');
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(/hint: .*--(nested|old)/);
  });
});
