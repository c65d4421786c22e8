import { join } from 'node:path';
import { temporaryDirectory, temporaryRepository } from '@baton/testkit';
import { expect, test } from 'vitest';
import { fingerprints, firstChange } from './fingerprints.ts';
import { gitStateFiles, gitTagDirectory, mayBeShallow, mayHaveTags } from './git-state.ts';

test.each<[string, (repository: Awaited<ReturnType<typeof temporaryRepository>>) => Promise<unknown>]>([
  ['a commit', (repository) => repository.commit('second', { 'b.txt': 'b' })],
  [
    'staging',
    async (repository) => {
      await repository.write({ 'b.txt': 'b' });
      await repository.git('add', 'b.txt');
    },
  ],
  ['another branch', (repository) => repository.git('switch', '--quiet', '--create', 'other')],
  ['a detached head', (repository) => repository.git('switch', '--quiet', '--detach')],
  ['packing refs', (repository) => repository.git('pack-refs', '--all')],
  ['what is ignored', (repository) => repository.write({ '.gitignore': 'b.txt' })],
  ['what is ignored in a directory between', (repository) => repository.write({ 'apps/.gitignore': 'b.txt' })],
  ['what is ignored here alone', (repository) => repository.write({ '.git/info/exclude': 'b.txt' })],
])('sees %s', async (_, change) => {
  const repository = await temporaryRepository({ 'apps/a/agent.yaml': 'version: 1' });
  const taken = fingerprints(gitStateFiles(join(repository.dir, 'apps/a')));
  expect(firstChange(taken)).toBeUndefined();
  await change(repository);
  expect(firstChange(taken)).toBeDefined();
});

test('follows a linked work tree to where its state is', async () => {
  const repository = await temporaryRepository({ 'a.txt': 'a' });
  const linked = join(temporaryDirectory('linked'), 'tree');
  await repository.git('worktree', 'add', '--quiet', '-b', 'other', linked);
  const taken = fingerprints(gitStateFiles(linked));
  await repository.commit('on main', { 'b.txt': 'b' });
  expect(firstChange(taken)).toBeUndefined();
  await repository.git('-C', linked, 'commit', '--quiet', '--allow-empty', '--message', 'on other');
  expect(firstChange(taken)).toBeDefined();
  expect(gitTagDirectory(linked)).toBe(join(repository.dir, '.git/refs/tags'));
});

test('outside git it watches for the day that somebody begins', async () => {
  const dir = temporaryDirectory('outside');
  expect(gitStateFiles(join(dir, 'apps/a'))).toContain(join(dir, '.git'));
  expect(gitTagDirectory(dir)).toBeUndefined();
});

test('knows without asking that there is no tag', async () => {
  const repository = await temporaryRepository({ 'a.txt': 'a' });
  expect(mayHaveTags(repository.dir)).toBe(false);
  await repository.git('tag', 'agent/v1.0.0');
  expect(mayHaveTags(repository.dir)).toBe(true);
  await repository.git('pack-refs', '--all');
  expect(mayHaveTags(repository.dir)).toBe(true);
  expect(mayHaveTags(temporaryDirectory('outside'))).toBe(false);
});

test('knows without asking that history is whole', async () => {
  const repository = await temporaryRepository({ 'a.txt': 'a' });
  await repository.commit('second', { 'b.txt': 'b' });
  expect(mayBeShallow(repository.dir)).toBe(false);
  const clone = join(temporaryDirectory('clone'), 'shallow');
  await repository.git('clone', '--quiet', '--depth=1', `file://${repository.dir}`, clone);
  expect(mayBeShallow(clone)).toBe(true);
});
