import { expect, test } from 'vitest';
import { forgeWorld, NEW } from './test-forge.ts';

test('repository and branches', async () => {
  const { forge, repository } = await forgeWorld();
  repository.defaultBranch = 'trunk';
  await repository.protect('main');
  expect(await forge().repositoryInfo()).toEqual({
    repository: 'Acme/pump',
    defaultBranch: 'trunk',
    archived: false,
  });
  expect(await forge().branch('main')).toEqual({ commit: await repository.head('main'), protected: true });
  expect((await forge().branch('cutover/pump'))?.protected).toBe(false);
  expect(await forge().branch('none/such')).toBeUndefined();
});

test('a pull request is made, found by branch and marker, changed and closed', async () => {
  const { forge, repository, branch } = await forgeWorld();
  await branch('other');
  const { created, pullRequest } = await forge().createPullRequest({ ...NEW, draft: true });
  expect(created).toBe(true);
  expect(pullRequest).toMatchObject({
    number: 1,
    state: 'open',
    title: 'pump',
    body: NEW.body,
    draft: true,
    head: { branch: 'cutover/pump', commit: await repository.head('cutover/pump') },
    base: { branch: 'main' },
    labels: [],
    mergeCommit: undefined,
  });
  await forge().createPullRequest({ ...NEW, head: 'other' });
  const find = forge().findPullRequests;
  expect((await find({ head: 'cutover/pump', marker: '<!-- mark -->' })).map(({ number }) => number)).toEqual([1]);
  expect(await find({ head: 'cutover/pump', marker: '<!-- another -->' })).toEqual([]);
  const crlf = 'Zoë wrote:\r\n\r\nthis\r\n';
  const changed = await forge().updatePullRequest(1, { body: crlf });
  expect(changed).toMatchObject({ title: 'pump', body: crlf });
  expect((await forge().closePullRequest(1)).state).toBe('closed');
  expect(await find({ head: 'cutover/pump', state: 'open' })).toEqual([]);
  expect((await find({ head: 'cutover/pump' })).map(({ state }) => state)).toEqual(['closed']);
});

test('a merged one says where, and one without a body has an empty one', async () => {
  const { forge, repository } = await forgeWorld();
  await forge().createPullRequest(NEW);
  const [stored] = repository.pulls;
  if (stored !== undefined) stored.body = null;
  const commit = await repository.merge(1);
  expect(await forge().findPullRequests({ head: 'cutover/pump' })).toMatchObject([
    { state: 'merged', mergeCommit: commit, body: '' },
  ]);
});

test('lists are read to their last page', async () => {
  const { forge, github, repository } = await forgeWorld();
  await forge().createPullRequest(NEW);
  const [first] = repository.pulls;
  if (first === undefined) throw new Error('no pull request');
  for (let number = 2; number <= 230; number += 1) {
    repository.pulls.push({ ...first, number, id: 1000 + number, state: 'closed' });
  }
  for (let n = 0; n < 130; n += 1) repository.labels.add(`label ${n}`);
  const found = await forge().findPullRequests({ head: 'cutover/pump' });
  expect(found.length).toBe(230);
  expect(found[0]?.number).toBe(230);
  expect(github.count('GET', '/pulls')).toBe(3);
  expect((await forge().labels()).length).toBe(130);
});

test('labels are added to those that are there; none is ever made', async () => {
  const { forge, repository } = await forgeWorld();
  for (const name of ['Release', 'area: pump', 'kept by a person']) repository.labels.add(name);
  await forge().createPullRequest(NEW);
  repository.pulls[0]?.labels.push('kept by a person');
  expect(await forge().addLabels(1, ['release', 'area: pump'])).toEqual(['kept by a person', 'Release', 'area: pump']);
  await expect(forge().addLabels(1, ['nope', 'release', 'neither'])).rejects.toMatchObject({
    code: 'FORGE_NOT_FOUND',
    details: { missing: ['nope', 'neither'] },
  });
  expect([...repository.labels]).toEqual(['Release', 'area: pump', 'kept by a person']);
});

test('checks are runs and statuses, of each name the latest, to the last page', async () => {
  const { forge, repository } = await forgeWorld();
  const commit = (await repository.head('main')) ?? '';
  for (let n = 0; n < 120; n += 1)
    repository.addRun({ commit, name: `job ${n}`, status: 'completed', conclusion: 'success' });
  repository.addRun({ commit, name: 'ci-gate', status: 'completed', conclusion: 'failure' });
  repository.addRun({ commit, name: 'ci-gate', status: 'completed', conclusion: 'success' });
  repository.addRun({ commit, name: 'ci-gate', app: 'other', status: 'in_progress', conclusion: null });
  repository.addStatus({ commit, context: 'dco', state: 'pending' });
  repository.addStatus({ commit, context: 'dco', state: 'success' });
  const found = await forge().checks(commit);
  expect(found.length).toBe(123);
  const named = (name: string) => found.filter((check) => check.name === name);
  expect(
    named('ci-gate')
      .map(({ state, app }) => `${app} ${state}`)
      .sort(),
  ).toEqual(['actions success', 'other in_progress']);
  expect(named('dco')).toEqual([{ name: 'dco', state: 'success', app: undefined }]);
});
