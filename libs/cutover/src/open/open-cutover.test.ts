import { openObjectStore } from '@baton/git';
import { expect, test } from 'vitest';
import { HEAD, PATHS } from '../engine/test-cutover.ts';
import { verifyCutover } from '../engine/verify-cutover.ts';
import { loadCutover } from '../manifest/load-cutover.ts';
import { openedJson, reportOpened } from '../report/report-opened.ts';
import { ABOUT, openWorld } from './test-open.ts';

test('opens a pull request: local branch, push, text and labels; the second run has nothing to do', async () => {
  const { open, forge, clone, github, events } = await openWorld();
  const opened = await open();
  expect(opened).toMatchObject({ state: 'created', repository: 'acme/pump', pending: [], notes: [], error: undefined });
  expect(opened.pullRequest).toMatchObject({ number: 1, title: 'pump: the new one takes over', draft: false });
  expect(await forge.head('cutover/pump')).toBe(opened.commit);
  expect(await clone.git('rev-parse', 'cutover/pump')).toBe(opened.commit);
  expect(await clone.git('rev-parse', 'cutover/pump^')).toBe(await forge.head('main'));
  const [pull] = forge.pulls;
  expect(pull).toMatchObject({ base: 'main', head: 'cutover/pump', labels: ['area/pump'] });
  expect(pull?.body).toMatch(/^Written for people\.\n\n<!-- baton:cutover pump -->\n/);
  expect(pull?.body).toContain('The log prefix is gone.');
  expect(pull?.body).toContain(`baton cutover verify ${opened.commit}`);
  expect(opened.steps.map(({ kind }) => kind)).toEqual(['ref', 'push', 'request', 'request']);
  expect(reportOpened(opened)).toContain('pull request opened');
  expect(JSON.stringify(openedJson(opened))).not.toContain('writer-token');
  expect(events.some(({ id, type }) => id === 'push' && type === 'cutover.end')).toBe(true);

  const requests = github.requests.length;
  const again = await open();
  expect(again).toMatchObject({ state: 'unchanged', commit: opened.commit, steps: [], pullRequest: { number: 1 } });
  expect(
    github.requests.slice(requests).every(({ method, url }) => method === 'GET' || url.includes('upload-pack')),
  ).toBe(true);
});

test('a dry run prints every ref, push and request, and writes nothing; it needs no token', async () => {
  const { open, forge, clone, github, elsewhere } = await openWorld();
  // The base has a commit that this repository does not have.
  await elsewhere('main', { 'later.txt': 'later\n' });
  const before = await clone.git('count-objects', '-v');
  const planned = await open({ dryRun: true }, {});
  expect(planned.state).toBe('planned');
  expect(planned.steps.map(({ kind, text }) => `${kind} ${text}`)).toEqual([
    `ref refs/heads/cutover/pump: new → ${planned.commit}`,
    `push ${forge.url} refs/heads/cutover/pump: ${planned.commit}, if it does not exist`,
    'request POST /repos/acme/pump/pulls: cutover/pump into main',
    'request POST /repos/acme/pump/issues/NEW/labels: area/pump',
  ]);
  expect(reportOpened(planned)).toContain('Written for people.');
  expect(await clone.git('count-objects', '-v')).toBe(before);
  expect(await clone.git('for-each-ref', '--format=%(refname)')).toBe('refs/heads/main');
  expect(forge.pulls).toEqual([]);
  expect(github.requests.every(({ authorization }) => authorization === undefined)).toBe(true);
  const opened = await open();
  expect(opened.commit).toBe(planned.commit);
  expect(opened.steps.map(({ kind, body }) => [kind, body])).toEqual(
    planned.steps.map(({ kind, body }) => [kind, body]),
  );
  expect(await open({ dryRun: true }, {})).toMatchObject({ state: 'unchanged', steps: [] });
});

test('human text and a renamed title stay, through CRLF; labels of people stay; what the cutover says is renewed', async () => {
  const { open, forge, rewrite } = await openWorld();
  await open();
  const [pull] = forge.pulls;
  if (pull === undefined) throw new Error('no pull request');
  pull.body = `Ärger?\r\n\r\n- a list\r\n${pull.body?.replaceAll('\n', '\r\n')}\r\n\r\n| a | table |  \r\n`;
  pull.title = 'pump: better words';
  pull.labels.push('by a person');
  expect(await open()).toMatchObject({ state: 'unchanged', pullRequest: { title: 'pump: better words' } });
  const kept = pull.body;
  await rewrite(HEAD + ABOUT.replace('The log prefix is gone.', 'Nothing changes.') + PATHS);
  const updated = await open();
  expect(updated.state).toBe('updated');
  expect(updated.notes).toEqual([expect.stringContaining('better words')]);
  const [above, below] = [
    kept.split('<!-- baton:cutover')[0] ?? '',
    kept.split('<!-- /baton:cutover pump -->')[1] ?? '',
  ];
  expect(pull.body.startsWith(`${above}<!-- baton:cutover pump -->\n`)).toBe(true);
  expect(pull.body.endsWith(`<!-- /baton:cutover pump -->${below}`)).toBe(true);
  expect(pull.body).toContain('Nothing changes.');
  expect(pull.body).not.toContain('The log prefix is gone.');
  expect(pull.labels).toEqual(['area/pump', 'by a person']);
  // A title that breaks the rule does not stay, and one that nobody touched follows the manifest.
  pull.title = 'Better words';
  expect((await open()).pullRequest?.title).toBe('pump: the new one takes over');
  await rewrite(HEAD + ABOUT.replace('takes over', 'is here') + PATHS);
  expect((await open()).pullRequest?.title).toBe('pump: the new one is here');
});

test('the base moved between: planned again, pushed over the own commit, one pull request', async () => {
  const { open, forge, elsewhere } = await openWorld();
  const first = await open();
  const base = await elsewhere('main', { 'README.md': 'See pump/next/README.md and pump/old.\nMore.\n' });
  const second = await open();
  expect(second).toMatchObject({ state: 'updated', base: { commit: base }, pullRequest: { number: 1 } });
  expect(second.commit).not.toBe(first.commit);
  expect(second.steps.map(({ kind }) => kind)).toEqual(['ref', 'push', 'request']);
  expect(await forge.head('cutover/pump')).toBe(second.commit);
  expect(await forge.git('rev-parse', 'cutover/pump^')).toBe(base);
  expect(forge.pulls.length).toBe(1);
});

test.each([
  ['squash', undefined],
  ['merge', undefined],
  ['squash', 'pump: rewritten by a person'],
] as const)('after a %s (message %j) it is done, and the commit verifies', async (method, message) => {
  const { open, forge, clone, manifest } = await openWorld();
  await open();
  const merged = await forge.merge(1, { method, ...(message === undefined ? {} : { message }) });
  expect(await open()).toMatchObject({ state: 'already-done', steps: [], pullRequest: { number: 1 } });
  expect(forge.pulls.length).toBe(1);
  await clone.git('fetch', '--quiet', forge.dir, 'main');
  const store = await openObjectStore(clone.dir);
  const verified = await verifyCutover({ store, commit: merged, cutover: await loadCutover(manifest) });
  await store.close();
  expect(verified.state).toBe('same-tree');
});

test('a closed one stays closed, and a new one is made; after a revert as well', async () => {
  const { open, forge } = await openWorld();
  await open();
  Object.assign(forge.pulls[0] ?? {}, { state: 'closed' });
  expect(await open()).toMatchObject({ state: 'created', pullRequest: { number: 2 } });
  await forge.merge(2);
  const [tree, head] = [await forge.git('rev-parse', 'main^^{tree}'), (await forge.head('main')) ?? ''];
  await forge.git('update-ref', 'refs/heads/main', await forge.git('commit-tree', tree, '-p', head, '-m', 'back'));
  expect(await open()).toMatchObject({ state: 'created', pullRequest: { number: 3 } });
});

test('one that somebody opened by hand from the branch is taken over, its text kept', async () => {
  const { open, forge } = await openWorld();
  await open();
  const [pull] = forge.pulls;
  if (pull === undefined) throw new Error('no pull request');
  Object.assign(pull, { body: 'My own.  ', title: 'Mine', labels: [] });
  expect(await open()).toMatchObject({ state: 'updated', pullRequest: { number: 1 } });
  expect(pull.body?.startsWith('My own.  \n\n<!-- baton:cutover pump -->')).toBe(true);
  expect(pull).toMatchObject({ title: 'pump: the new one takes over', labels: ['area/pump'] });
});

test('what is pending makes a draft and is shown as open; where there are no drafts it is none', async () => {
  const { open, forge, rewrite } = await openWorld(
    `${HEAD}requires: { branch: main, checks: [ci-gate] }\n${ABOUT}${PATHS}`,
  );
  const base = (await forge.head('main')) ?? '';
  forge.drafts = false;
  const opened = await open();
  expect(opened).toMatchObject({ state: 'created', pending: ['check ci-gate'], pullRequest: { draft: false } });
  expect(opened.notes).toEqual([expect.stringContaining('no drafts')]);
  expect(forge.pulls[0]?.body).toContain('- [ ] ? **check ci-gate** (pending)');
  forge.drafts = true;
  Object.assign(forge.pulls[0] ?? {}, { state: 'closed' });
  expect((await open()).pullRequest).toMatchObject({ number: 2, draft: true });
  forge.addRun({ commit: base, name: 'ci-gate', status: 'completed', conclusion: 'success' });
  expect(await open()).toMatchObject({ state: 'updated', pending: [] });
  expect(forge.pulls[1]?.body).toContain('- [x] ✓ **check ci-gate**');
  forge.addRun({ commit: base, name: 'ci-gate', status: 'completed', conclusion: 'failure' });
  const refused = await open();
  expect(refused).toMatchObject({ state: 'refused', steps: [], error: { code: 'CUTOVER_REJECTED' } });
  expect(reportOpened(refused)).toContain('expected success, found failure');
  await rewrite(HEAD + ABOUT + PATHS);
  expect((await open()).state).toBe('updated');
});
