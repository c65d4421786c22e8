import { secondaryLimit } from '@baton/testkit';
import { expect, test } from 'vitest';
import { HEAD, PATHS } from '../engine/test-cutover.ts';
import { ABOUT, openWorld } from './test-open.ts';

test('missing labels are all named before anything is pushed', async () => {
  const { open, forge, clone } = await openWorld(
    HEAD + ABOUT.replace('[area/pump]', '[area/pump, release, "needs: review"]') + PATHS,
  );
  await expect(open()).rejects.toMatchObject({
    code: 'FORGE_NOT_FOUND',
    details: { missing: ['release', 'needs: review'] },
  });
  expect(await forge.git('for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');
  expect(await clone.git('for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');
  expect([...forge.labels]).toEqual(['area/pump']);
});

test('no token, a wrong one, one that reads only', async () => {
  const { open, forge } = await openWorld();
  await expect(open({}, {})).rejects.toMatchObject({ code: 'FORGE_TOKEN_MISSING' });
  await expect(open({}, { GITHUB_TOKEN: 'wrong-token' })).rejects.toMatchObject({ code: 'FORGE_DENIED' });
  await expect(open({}, { GH_TOKEN: 'reader-token' })).rejects.toMatchObject({ code: 'FORGE_DENIED' });
  expect(forge.pulls).toEqual([]);
  expect(await open({ token: 'BOT' }, { BOT: 'writer-token' })).toMatchObject({ state: 'created' });
});

test('a token that may push but open no pull request says which permission is missing; the next run finishes', async () => {
  const { open, forge, github } = await openWorld();
  github.tokens.set('pusher-token', { write: true, lacks: ['pull_requests=write'] });
  await expect(open({}, { GITHUB_TOKEN: 'pusher-token' })).rejects.toMatchObject({
    code: 'FORGE_DENIED',
    hint: expect.stringContaining('pull requests: write'),
  });
  expect(await forge.head('cutover/pump')).toBeDefined();
  expect(await open()).toMatchObject({ state: 'created' });
});

test('a protected branch is told in the words of the forge', async () => {
  const { open, forge } = await openWorld();
  await forge.protect('cutover/pump');
  await expect(open()).rejects.toMatchObject({
    code: 'PUSH_REJECTED',
    message: expect.stringContaining('GH006'),
  });
  expect(forge.pulls).toEqual([]);
});

test.each([
  'a commit on top',
  'an amended one',
  'another branch altogether',
  'a merge of the base',
])('work of somebody on the branch is never overwritten: %s', async (what) => {
  const { open, forge, elsewhere, clone } = await openWorld();
  const { commit = '' } = await open();
  if (what === 'a commit on top') await elsewhere('cutover/pump', { 'fix.txt': 'by hand\n' });
  if (what === 'an amended one') {
    await clone.git('checkout', '--quiet', '--detach', commit);
    await clone.write({ 'fix.txt': 'by hand\n' });
    await clone.git('add', 'fix.txt');
    await clone.git('commit', '--quiet', '--amend', '--no-edit');
    await clone.git('push', '--quiet', '--force', forge.dir, 'HEAD:refs/heads/cutover/pump');
    await clone.git('checkout', '--quiet', 'main');
  }
  if (what === 'another branch altogether') {
    const id = await elsewhere('main', { 'other.txt': 'x\n' });
    await forge.git('update-ref', 'refs/heads/cutover/pump', id);
  }
  const moved = await elsewhere('main', { 'later.txt': 'later\n' });
  if (what === 'a merge of the base') {
    const tree = await forge.git('rev-parse', `${commit}^{tree}`);
    const merge = await forge.git('commit-tree', tree, '-p', commit, '-p', moved, '-m', 'Merge branch main');
    await forge.git('update-ref', 'refs/heads/cutover/pump', merge);
  }
  const there = await forge.head('cutover/pump');
  await expect(open({ dryRun: true })).rejects.toMatchObject({ code: 'REF_MOVED' });
  await expect(open()).rejects.toMatchObject({ code: 'REF_MOVED' });
  expect(await forge.head('cutover/pump')).toBe(there);
});

test('a lease that is lost while pushing', async () => {
  const { open, forge, github, elsewhere } = await openWorld();
  await open();
  await elsewhere('main', { 'later.txt': 'later\n' });
  const run = async () => void (await elsewhere('cutover/pump', { 'fix.txt': 'by hand\n' }));
  github.faults.inject({ method: 'POST', path: 'git-receive-pack' }, { when: 'before', answer: 'serve', run });
  await expect(open()).rejects.toMatchObject({ code: 'REF_MOVED' });
  expect(await forge.git('log', '-1', '--format=%s', 'cutover/pump')).toBe('by somebody: fix.txt');
});

test('two at once make one branch and one pull request', async () => {
  const { open, forge } = await openWorld();
  const both = await Promise.all([open(), open()]);
  expect(both[0]?.commit).toBe(both[1]?.commit);
  expect(both.map(({ pullRequest }) => pullRequest?.number)).toEqual([1, 1]);
  expect(forge.pulls.length).toBe(1);
  expect(await open()).toMatchObject({ state: 'unchanged' });
});

test.each([
  'drop',
  { status: 500 },
] as const)('an answer that was lost (%o) is no second pull request', async (answer) => {
  const { open, forge, github } = await openWorld();
  github.faults.inject({ method: 'POST', path: '/pulls' }, { when: 'after', answer });
  github.faults.inject({ method: 'POST', path: '/labels' }, { when: 'after', answer });
  expect(await open()).toMatchObject({ state: 'created', pullRequest: { number: 1 } });
  expect(forge.pulls).toMatchObject([{ labels: ['area/pump'] }]);
});

test('a rate limit: waited for when short, told when long', async () => {
  const { open, github, events } = await openWorld();
  github.faults.inject({ method: 'POST', path: '/pulls' }, secondaryLimit(3000));
  await expect(open()).rejects.toMatchObject({ code: 'RATE_LIMITED', message: expect.stringContaining('3000 s') });
  github.faults.inject({ method: 'POST', path: '/pulls' }, secondaryLimit(5));
  expect(await open()).toMatchObject({ state: 'created' });
  expect(events).toContainEqual(expect.objectContaining({ type: 'retry', detail: expect.stringContaining('5 s') }));
});

test('a title that breaks its pattern, a branch that is the base, a repository that is another, a remote that is none', async () => {
  const { open, rewrite, forge, clone } = await openWorld(HEAD + ABOUT.replace('"pump: the', '"Pump: the') + PATHS);
  await expect(open()).rejects.toMatchObject({
    code: 'CUTOVER_INVALID',
    message: expect.stringContaining('title-pattern ^pump:'),
  });
  await rewrite(HEAD + ABOUT.replace('cutover/pump', 'main') + PATHS);
  await expect(open()).rejects.toMatchObject({ code: 'CUTOVER_INVALID' });
  await rewrite(`${HEAD}${ABOUT}  repository: zoe/pump\n${PATHS}`);
  await expect(open()).rejects.toMatchObject({ code: 'CUTOVER_INVALID', message: expect.stringContaining('zoe/pump') });
  await rewrite(`${HEAD}${ABOUT}  base: none\n${PATHS}`);
  await expect(open()).rejects.toMatchObject({ code: 'FORGE_NOT_FOUND' });
  await expect(open({ remote: 'upstream' })).rejects.toMatchObject({
    code: 'USAGE',
    hint: expect.stringContaining('origin'),
  });
  await expect(open({ remote: clone.dir })).rejects.toMatchObject({ code: 'USAGE' });
  expect(forge.pulls).toEqual([]);
});

test('a base that the forge does not have is refused, one that it has had is taken', async () => {
  const { open, clone, elsewhere, rewrite } = await openWorld();
  const first = await clone.git('rev-parse', 'HEAD');
  await elsewhere('main', { 'later.txt': 'later\n' });
  await clone.commit('only here', { 'here.txt': 'x\n' });
  await expect(open({ base: 'HEAD' })).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringContaining('not in main'),
  });
  expect(await open({ base: first, dryRun: true })).toMatchObject({ base: { commit: first } });
  await rewrite(`${HEAD}requires: { branch: main }\n${ABOUT}${PATHS}`);
  expect(await open({ base: first })).toMatchObject({ state: 'refused', error: { code: 'CUTOVER_REJECTED' } });
  expect(await open()).toMatchObject({ state: 'created' });
});

test('a token does not go to a remote that the named API has nothing to do with', async () => {
  const world = await openWorld();
  const other = await openWorld();
  const opening = world.open({ api: other.github.api });
  await expect(opening).rejects.toMatchObject({ code: 'FORGE_TOKEN_MISSING' });
  expect(world.github.requests.every(({ authorization }) => authorization === undefined)).toBe(true);
});
