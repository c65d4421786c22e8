import { redact } from '@baton/kernel';
import { secondaryLimit } from '@baton/testkit';
import { expect, test } from 'vitest';
import { openForge } from './open-forge.ts';
import { forgeWorld, NEW, QUICK } from './test-forge.ts';

const trouble = { when: 'before', answer: { status: 502, body: '<html>bad gateway</html>' } } as const;

test('a read is tried again after 500, and gives up with the status', async () => {
  const { forge, github, events } = await forgeWorld();
  github.faults.inject({ method: 'GET', path: '/labels' }, trouble, { times: 2 });
  expect(await forge().labels()).toEqual([]);
  expect(events.filter(({ type }) => type === 'retry').map(({ detail }) => detail)).toEqual([
    'status 502; trying again',
    'status 502; trying again',
  ]);
  github.faults.inject({ method: 'GET', path: '/labels' }, trouble, { times: 9 });
  await expect(forge().labels()).rejects.toMatchObject({ code: 'FORGE_UNREACHABLE', retryable: true });
});

test.each([
  'drop',
  'stall',
  { status: 500 },
  { status: 200, body: '{"number": "7"}' },
] as const)('a pull request whose answer was lost (%o) is found again, never doubled', async (answer) => {
  const { forge, github, repository } = await forgeWorld();
  github.faults.inject({ method: 'POST', path: '/pulls' }, { when: 'after', answer });
  const made = await forge({ pace: { ...QUICK, timeout: 1500 } }).createPullRequest(NEW);
  expect(made).toMatchObject({ created: true, pullRequest: { number: 1 } });
  expect(repository.pulls.length).toBe(1);
  expect(github.faults.pending()).toBe(0);
});

test('a pull request that was not made is asked for again', async () => {
  const { forge, github, repository } = await forgeWorld();
  github.faults.inject({ method: 'POST', path: '/pulls' }, trouble);
  expect(await forge().createPullRequest(NEW)).toMatchObject({ created: true });
  expect(repository.pulls.length).toBe(1);
  github.faults.inject({ method: 'POST', path: '/pulls' }, trouble, { times: 9 });
  await expect(forge().createPullRequest({ ...NEW, base: 'cutover/pump', head: 'main' })).rejects.toMatchObject({
    code: 'FORGE_UNREACHABLE',
  });
});

test('one that exists is given as it is; other rules of GitHub are told in its words', async () => {
  const { forge, repository } = await forgeWorld();
  await forge().createPullRequest(NEW);
  const again = await forge().createPullRequest({ ...NEW, title: 'another' });
  expect(again).toMatchObject({ created: false, pullRequest: { number: 1, title: 'pump' } });
  await expect(forge().createPullRequest({ ...NEW, base: 'none' })).rejects.toMatchObject({
    code: 'FORGE_REJECTED',
    message: expect.stringContaining('PullRequest base invalid'),
  });
  await expect(forge().createPullRequest({ ...NEW, head: 'main' })).rejects.toMatchObject({
    message: expect.stringContaining('No commits between main and main'),
  });
  expect(repository.pulls.length).toBe(1);
});

test('401, 403 and 404 are told apart, with the permission that is needed', async () => {
  const { forge, github, repository } = await forgeWorld();
  await expect(forge({ token: 'wrong-token' }).labels()).rejects.toMatchObject({
    code: 'FORGE_DENIED',
    message: expect.stringContaining('refused the token'),
  });
  github.tokens.set('weak-token', { write: true, lacks: ['pull_requests=write'] });
  await expect(forge({ token: 'weak-token' }).createPullRequest(NEW)).rejects.toMatchObject({
    code: 'FORGE_DENIED',
    hint: expect.stringMatching(/pull requests: write.*pull_requests=write/),
  });
  await expect(forge({ repository: 'Acme/none' }).labels()).rejects.toMatchObject({
    code: 'FORGE_NOT_FOUND',
    hint: expect.stringContaining('issues: read'),
  });
  expect(await forge({ token: undefined }).labels()).toEqual([]);
  await expect(forge({ token: undefined }).createPullRequest(NEW)).rejects.toMatchObject({
    code: 'FORGE_TOKEN_MISSING',
  });
  expect(github.count('POST', 'weak')).toBe(0);
  repository.private = true;
  await expect(forge({ token: undefined }).labels()).rejects.toMatchObject({
    code: 'FORGE_NOT_FOUND',
    hint: expect.stringContaining('Without a token'),
  });
});

test('a short rate limit is waited for and told; a long one names its end', async () => {
  const { forge, github, events } = await forgeWorld();
  github.faults.inject({ method: 'POST', path: '/pulls' }, secondaryLimit(7));
  expect(await forge().createPullRequest(NEW)).toMatchObject({ created: true });
  expect(events).toContainEqual(expect.objectContaining({ type: 'retry', detail: expect.stringContaining('in 7 s') }));
  github.faults.inject({ path: '/labels' }, secondaryLimit(3600));
  await expect(forge().labels()).rejects.toMatchObject({
    code: 'RATE_LIMITED',
    message: expect.stringContaining('for 3600 s'),
  });
  github.limit.remaining = 0;
  await expect(forge().labels()).rejects.toMatchObject({
    code: 'RATE_LIMITED',
    message: expect.stringContaining('until 2096-10-02T07:06:40.000Z'),
  });
});

test('with requests spaced as GitHub wants them it is the same', async () => {
  const { forge, github } = await forgeWorld();
  const spaced = forge({ pace: { ...QUICK, spaced: true } });
  github.faults.inject({ path: '/labels' }, secondaryLimit(2));
  expect(await spaced.labels()).toEqual([]);
  github.faults.inject({ path: '/labels' }, secondaryLimit(3600));
  await expect(spaced.labels()).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  github.faults.inject({ method: 'GET', path: '/labels' }, trouble);
  expect(await spaced.labels()).toEqual([]);
});

test('a limit that comes back each time is not waited for without end', async () => {
  const { forge, github } = await forgeWorld();
  github.faults.inject({ path: '/labels' }, secondaryLimit(1), { times: 99 });
  await expect(forge().labels()).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  expect(github.count('GET', '/labels')).toBe(3);
});

test('a signal ends a wait and a request', async () => {
  const { forge, github } = await forgeWorld();
  const waiting = new AbortController();
  github.faults.inject({ path: '/labels' }, secondaryLimit(50));
  const emit = () => waiting.abort();
  await expect(
    forge({ signal: waiting.signal, emit, pace: { ...QUICK, second: 1000 } }).labels(),
  ).rejects.toMatchObject({ code: 'INTERRUPTED' });
  const asking = new AbortController();
  github.faults.inject({ path: '/labels' }, { when: 'before', answer: 'stall', run: () => asking.abort() });
  await expect(forge({ signal: asking.signal }).labels()).rejects.toMatchObject({ code: 'INTERRUPTED' });
});

test.each([
  '<html>log in</html>',
  '{',
  'null',
  '[',
  '7',
  '{"message": 1}',
])('the answer %j where a list should be is no answer', async (body) => {
  const { forge, github } = await forgeWorld();
  github.faults.inject({ path: '/labels' }, { when: 'before', answer: { status: 200, body } });
  await expect(forge().labels()).rejects.toMatchObject({ code: 'FORGE_UNREACHABLE' });
});

test.each([
  '<html>log in</html>',
  'null',
  '7',
  '{"message": 1}',
  '[]',
])('the answer %j where a repository, a branch or a pull request should be is no answer', async (body) => {
  const { forge, github } = await forgeWorld();
  const nonsense = { when: 'before', answer: { status: 200, body } } as const;
  github.faults.inject({}, nonsense, { times: 3 });
  await expect(forge().repositoryInfo()).rejects.toMatchObject({ code: 'FORGE_UNREACHABLE' });
  await expect(forge().branch('main')).rejects.toMatchObject({ code: 'FORGE_UNREACHABLE' });
  await expect(forge().updatePullRequest(1, {})).rejects.toMatchObject({ code: 'FORGE_UNREACHABLE' });
});

test('no redirect is followed, and nothing goes to another host', async () => {
  const { forge, github } = await forgeWorld();
  const elsewhere = await forgeWorld();
  const moved = { status: 301, headers: { location: `${elsewhere.github.api}/repositories/1` }, body: {} };
  github.faults.inject({ method: 'POST', path: '/pulls' }, { when: 'before', answer: moved });
  await expect(forge().createPullRequest(NEW)).rejects.toMatchObject({
    code: 'FORGE_REJECTED',
    message: expect.stringContaining('has moved'),
  });
  const links = { status: 200, headers: { link: `<${elsewhere.github.api}/x?page=2>; rel="next"` }, body: [] };
  github.faults.inject({ path: '/labels' }, { when: 'before', answer: links });
  expect(await forge().labels()).toEqual([]);
  expect(elsewhere.github.requests).toEqual([]);
});

test('the token is a secret, and goes over plain http to this machine alone', async () => {
  const { forge, github } = await forgeWorld();
  await forge({ token: 'writer-token' }).labels();
  expect(github.requests.at(-1)?.authorization).toBe('token writer-token');
  expect(redact('it was writer-token')).not.toContain('writer-token');
  const open = (api: string, token?: string) => () => openForge({ api, repository: 'acme/pump', token });
  expect(open('http://git.example.org/api/v3', 'secret-token')).toThrow(
    expect.objectContaining({ code: 'FORGE_REJECTED' }),
  );
  expect(open('http://git.example.org/api/v3')).not.toThrow();
  for (const api of ['ftp://x', 'nope', 'https://user:word@git.example.org']) {
    expect(open(api)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  }
});

test('a host that is not there is unreachable', async () => {
  const { github } = await forgeWorld();
  await github.stop();
  const forge = openForge({ api: github.api, repository: 'acme/pump', pace: QUICK });
  await expect(forge.labels()).rejects.toMatchObject({ code: 'FORGE_UNREACHABLE', retryable: true });
});
