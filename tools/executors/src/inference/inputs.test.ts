import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory, temporaryRepository, writeFiles } from '@baton/testkit';
import { describe, expect, test } from 'vitest';
import {
  contentInput,
  fileInputs,
  gitInput,
  type Input,
  madeInputs,
  signingKeyInput,
  withoutCovered,
} from './inputs.ts';

// As Nx does it: a shell in the workspace's root.
function answer(input: Input | undefined, cwd: string, extra: NodeJS.ProcessEnv = {}): string {
  if (typeof input !== 'object' || !('runtime' in input)) throw new Error(`no runtime input: ${JSON.stringify(input)}`);
  const env = { PATH: process.env.PATH, ...extra };
  return execFileSync('sh', ['-c', input.runtime], {
    cwd,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

describe('fileInputs', () => {
  test('names a path as file and as folder', () => {
    expect(fileInputs('apps/a', ['apps/a/src', 'libs/b'])).toEqual([
      '{projectRoot}/src',
      '{projectRoot}/src/**/*',
      '{workspaceRoot}/libs/b',
      '{workspaceRoot}/libs/b/**/*',
    ]);
  });

  test("leaves out of a project's own folder what targets make there", () => {
    expect(fileInputs('apps/a', ['apps/a'])).toEqual([
      '{projectRoot}/**/*',
      '!{projectRoot}/dist/**/*',
      '!{projectRoot}/node_modules/**/*',
    ]);
  });

  test('watches by content what a fileset cannot name', () => {
    const inputs = fileInputs('apps/a', ['../outside', 'apps/a/[id]']);
    expect(inputs).toHaveLength(1);
    expect(inputs[0]).toMatchObject({ runtime: expect.stringContaining("../outside 'apps/a/[id]'") });
  });
});

test('madeInputs watches files and folders that a dependency made', () => {
  expect(madeInputs(['apps/a/dist/bundle'])).toEqual([
    { dependentTasksOutputFiles: 'apps/a/dist/bundle' },
    { dependentTasksOutputFiles: 'apps/a/dist/bundle/**/*' },
  ]);
});

describe('contentInput', () => {
  test('is nothing for nothing', () => {
    expect(contentInput([])).toEqual([]);
  });

  test('tells content, names and links apart, and nothing else', async () => {
    const root = temporaryDirectory();
    await writeFiles(root, { 'a dir/x': 'one', 'a dir/sub/y': 'two', "it's": 'three' });
    const [input] = contentInput(['a dir', "it's", 'absent']);
    const seen = [answer(input, root)];
    const changes = [
      () => writeFileSync(join(root, 'a dir/x'), 'ONE'),
      () => writeFileSync(join(root, 'a dir/z'), ''),
      () => mkdirSync(join(root, 'a dir/empty')),
      () => symlinkSync('x', join(root, 'a dir/link')),
      () => {
        rmSync(join(root, 'a dir/link'));
        symlinkSync('z', join(root, 'a dir/link'));
      },
      () => rmSync(join(root, "it's")),
    ];
    for (const change of changes) {
      change();
      seen.push(answer(input, root));
      expect(answer(input, root)).toBe(seen.at(-1));
    }
    expect(new Set(seen).size).toBe(changes.length + 1);
    chmodSync(join(root, 'a dir/x'), 0o600);
    expect(answer(input, root)).toBe(seen.at(-1));
  });
});

describe('gitInput', () => {
  const input = gitInput(['apps/a', 'libs/b']);

  test('changes with commits and dirt of its paths, and with nothing else', async () => {
    const repository = await temporaryRepository({ 'apps/a/agent.yaml': '1', 'libs/b/x': '1', README: '1' });
    const first = answer(input, repository.dir);
    await repository.commit('unrelated', { README: '2', 'libs/c/x': '1' });
    expect(answer(input, repository.dir)).toBe(first);

    await repository.write({ 'libs/b/x': '2' });
    const dirty = answer(input, repository.dir);
    expect(dirty).not.toBe(first);
    await repository.commit('the same bytes, now committed');
    const committed = answer(input, repository.dir);
    expect(committed).not.toBe(dirty);
    expect(committed).not.toBe(first);

    await repository.write({ 'apps/a/new': '' });
    expect(answer(input, repository.dir)).not.toBe(committed);
  });

  test('names HEAD while no commit has touched the paths', async () => {
    const repository = await temporaryRepository({ README: '1' });
    await repository.write({ 'apps/a/agent.yaml': '1' });
    const before = answer(input, repository.dir);
    expect(before).toContain(await repository.git('rev-parse', 'HEAD'));
    await repository.write({ README: '2' });
    await repository.git('commit', '--quiet', '--message', 'unrelated', 'README');
    expect(answer(input, repository.dir)).toContain(await repository.git('rev-parse', 'HEAD'));
    expect(answer(input, repository.dir)).not.toBe(before);
  });

  test('says nothing outside git, and fails nowhere', () => {
    expect(answer(input, temporaryDirectory()).trim()).toBe('');
  });
});

test('signingKeyInput changes with the key that the environment names', async () => {
  const root = temporaryDirectory();
  const keyed = (file: string): string => answer(signingKeyInput(), root, { BATON_SIGNING_KEY: join(root, file) });
  await writeFiles(root, { 'a.pem': 'one', 'b.pem': 'one' });
  const first = keyed('a.pem');
  expect(new Set([first, keyed('b.pem'), answer(signingKeyInput(), root)]).size).toBe(3);
  expect(keyed('a.pem')).toBe(first);
  await writeFiles(root, { 'a.pem': 'two' });
  expect(keyed('a.pem')).not.toBe(first);
  expect(keyed('absent.pem')).toBe('');
});

test('withoutCovered keeps one path of each that holds the others', () => {
  expect(withoutCovered(['apps/a', 'apps/a/src', 'libs/b', 'apps/ab', 'apps/a'])).toEqual([
    'apps/a',
    'libs/b',
    'apps/ab',
  ]);
});
