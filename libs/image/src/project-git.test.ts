import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { observeEffects } from '@baton/kernel';
import { afterEach, expect, test } from 'vitest';
import { TWO_PLATFORMS, testProject } from './project.fixture.ts';
import { projectGit } from './project-git.ts';

afterEach(() => observeEffects(undefined));

test('the revision is the last commit that touched what the manifest declares', async () => {
  const project = await testProject(
    { layers: [{ from: '../../LICENSE', to: '/' }] },
    { bundle: { command: ['true'], inputs: ['../../libs/a'] } },
  );
  const revision = async (): Promise<string | undefined> => projectGit(await project.load(), project.io).revision();
  const own = await project.repository.git('rev-parse', 'HEAD');
  await project.repository.commit('another library', { 'libs/b/x.ts': 'x' });
  expect(await revision()).toBe(own);
  const library = await project.repository.commit('an input of the bundle', { 'libs/a/x.ts': 'x' });
  expect(await revision()).toBe(library);
  const license = await project.repository.commit('a file of a layer', { LICENSE: 'free' });
  expect(await revision()).toBe(license);
  await project.repository.write({ 'libs/b/y.ts': 'y' });
  expect(await revision()).toBe(license);
  await project.repository.write({ 'libs/a/y.ts': 'y' });
  expect(await revision()).toBe(`${license}-dirty`);
});

test('inputs that no commit has yet stand on what is checked out', async () => {
  const project = await testProject();
  rmSync(join(project.repository.dir, '.git'), { recursive: true });
  await project.repository.git('init', '--quiet');
  expect(await projectGit(await project.load(), project.io).revision()).toBeUndefined();
  await project.repository.git('add', 'README.md');
  await project.repository.git('commit', '--quiet', '--message', 'only the readme');
  const head = await project.repository.git('rev-parse', 'HEAD');
  expect(await projectGit(await project.load(), project.io).revision()).toBe(`${head}-dirty`);
});

test('outputs that git does not ignore are uncommitted, and it is said why', async () => {
  const project = await testProject();
  await project.repository.commit('ignore nothing', { '.gitignore': '' });
  await project.write({ 'dist/out.txt': 'made' });
  expect(await projectGit(await project.load(), project.io).revision()).toMatch(/-dirty$/);
  expect(project.events).toContainEqual(expect.objectContaining({ type: 'warn', data: { code: 'DIST_NOT_IGNORED' } }));
});

test('each question is asked once, however many ask', async () => {
  const project = await testProject(TWO_PLATFORMS);
  const git = projectGit(await project.load(), project.io);
  const spawned: string[] = [];
  observeEffects({ before: ({ kind, target }) => void (kind === 'spawn' && spawned.push(target)) });
  git.askAhead();
  const paths = ['shared', 'amd64', 'arm64'].map((name) => join(project.dir, 'files', name));
  await Promise.all([git.revision(), git.revision(), git.root(), ...paths.map((path) => git.executables([path]))]);
  expect(spawned.filter((line) => line.includes('ls-files'))).toHaveLength(1);
  expect(spawned.filter((line) => line.includes('rev-list'))).toHaveLength(1);
  // And where the repository is, and whether it is clean.
  expect(spawned).toHaveLength(4);
});

test("modes come from git's index, also for paths that were not foreseen", async () => {
  const project = await testProject(TWO_PLATFORMS);
  const tool = join(project.dir, 'files/amd64/tool');
  chmodSync(tool, 0o755);
  await project.commit();
  chmodSync(tool, 0o644);
  const git = projectGit(await project.load(), project.io);
  expect((await git.executables([join(project.dir, 'files/amd64')])).get(tool)).toBe(true);
  expect((await git.executables([tool])).get(tool)).toBe(true);
});

test('nothing is asked about what the bundle makes, nor about tags where there are none', async () => {
  const project = await testProject({ layers: [{ from: 'dist/bundle', to: '/' }] }, { bundle: { command: ['true'] } });
  const git = projectGit(await project.load(), project.io);
  const spawned: string[] = [];
  observeEffects({ before: ({ kind, target }) => void (kind === 'spawn' && spawned.push(target)) });
  expect(await git.executables([join(project.dir, 'dist/bundle')])).toEqual(new Map());
  expect(await git.tagsAtHead()).toEqual([]);
  expect(spawned).toEqual([]);
  await project.repository.git('tag', 'v1');
  expect(await projectGit(await project.load(), project.io).tagsAtHead()).toEqual(['v1']);
});

test('outside git there is nothing to say', async () => {
  const project = await testProject();
  rmSync(join(project.repository.dir, '.git'), { recursive: true });
  const git = projectGit(await project.load(), project.io);
  expect(await git.root()).toBe(project.dir);
  expect(await git.revision()).toBeUndefined();
  expect(await git.tagsAtHead()).toEqual([]);
  expect(await git.executables([project.dir])).toEqual(new Map());
});
