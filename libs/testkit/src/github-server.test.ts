import { afterEach, expect, test } from 'vitest';
import { temporaryRepository } from './git-repository.ts';
import { secondaryLimit } from './github-faults.ts';
import { type FakeGithub, startGithub } from './github-server.ts';

const running: FakeGithub[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((github) => github.stop()));
});

async function world() {
  const github = await startGithub();
  running.push(github);
  const repository = await github.addRepository('acme/pump');
  const work = await temporaryRepository({ a: 'a' });
  await work.git('push', '--quiet', repository.dir, 'HEAD:refs/heads/main');
  const send = async (method: string, path: string, body?: unknown, token: string | undefined = 'writer-token') => {
    const response = await fetch(`${github.api}${path}`, {
      method,
      headers: token === '' ? {} : { authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return {
      status: response.status,
      headers: response.headers,
      data: (await response.json()) as Record<string, unknown>,
    };
  };
  return { github, repository, work, send };
}

test('pages are linked, 30 to a page and 100 at most', async () => {
  const { repository, send } = await world();
  for (let n = 0; n < 101; n += 1) repository.labels.add(`l${n}`);
  const first = await send('GET', '/repos/acme/pump/labels');
  expect(first.data.length).toBe(30);
  expect(first.headers.get('link')).toMatch(/[?&]page=2>; rel="next", <.*[?&]page=4>; rel="last"/);
  const second = await send('GET', '/repos/acme/pump/labels?per_page=500&page=2');
  expect(second.data.length).toBe(1);
  expect(second.headers.get('link')).toMatch(/rel="prev", .*rel="first"$/);
});

test('a label that does not exist is made by adding it', async () => {
  const { repository, send, work } = await world();
  await work.commit('more', { b: 'b' });
  await work.git('push', '--quiet', repository.dir, 'HEAD:refs/heads/next');
  await send('POST', '/repos/acme/pump/pulls', { title: 't', head: 'next', base: 'main' });
  await send('POST', '/repos/acme/pump/issues/1/labels', { labels: ['surprise'] });
  expect([...repository.labels]).toEqual(['surprise']);
});

test('what is wrong with a pull request is told by field or by message', async () => {
  const { repository, send, work } = await world();
  await work.commit('more', { b: 'b' });
  await work.git('push', '--quiet', repository.dir, 'HEAD:refs/heads/next');
  const errors = async (body: unknown) => (await send('POST', '/repos/acme/pump/pulls', body)).data.errors;
  const good = { title: 't', head: 'acme:next', base: 'main' };
  expect(await errors({ ...good, title: undefined })).toMatchObject([{ code: 'missing_field', field: 'title' }]);
  expect(await errors({ ...good, head: 'none' })).toMatchObject([{ code: 'invalid', field: 'head' }]);
  expect(await errors({ ...good, base: 'next' })).toMatchObject([{ message: 'No commits between next and next' }]);
  expect(await errors({ ...good, body: 'x'.repeat(65_537) })).toMatchObject([{ field: 'body' }]);
  expect(await errors(good)).toBeUndefined();
  expect(await errors(good)).toEqual([
    { resource: 'PullRequest', code: 'custom', message: 'A pull request already exists for acme:next.' },
  ]);
  expect(repository.pulls.length).toBe(1);
});

test('who may do what: nobody, a wrong token, a reader, a writer that lacks something', async () => {
  const { github, repository, send } = await world();
  const status = async (token: string, method = 'GET', path = '/repos/acme/pump') =>
    (await send(method, path, method === 'GET' ? undefined : {}, token)).status;
  expect(await status('')).toBe(200);
  expect(await status('nope')).toBe(401);
  expect(await status('', 'POST', '/repos/acme/pump/pulls')).toBe(401);
  expect(await status('reader-token', 'POST', '/repos/acme/pump/pulls')).toBe(403);
  github.tokens.set('half', { write: true, lacks: ['pull_requests=write'] });
  const refused = await send('POST', '/repos/acme/pump/pulls', {}, 'half');
  expect(refused.headers.get('x-accepted-github-permissions')).toBe('pull_requests=write');
  repository.private = true;
  expect(await status('')).toBe(404);
  expect(await status('reader-token')).toBe(200);
  expect(await status('reader-token', 'GET', '/repos/acme/none')).toBe(404);
});

test('limits: headers on every answer, 403 when nothing is left, and the secondary one', async () => {
  const { github, send } = await world();
  github.limit.remaining = 2;
  const answer = await send('GET', '/repos/acme/pump');
  expect(answer.headers.get('x-ratelimit-remaining')).toBe('1');
  github.faults.inject({ path: '/repos' }, secondaryLimit(9));
  const second = await send('GET', '/repos/acme/pump');
  expect([second.status, second.headers.get('retry-after')]).toEqual([403, '9']);
  await send('GET', '/repos/acme/pump');
  const none = await send('GET', '/repos/acme/pump');
  expect([none.status, none.headers.get('x-ratelimit-remaining')]).toEqual([403, '0']);
});

test('git pushes with a token, fetches without, and not to a protected branch', async () => {
  const { repository, work } = await world();
  const url = repository.url.replace('://', '://x-access-token:writer-token@');
  const id = await work.commit('more', { b: 'b' });
  await work.git('push', '--quiet', url, 'HEAD:refs/heads/next');
  expect(await repository.head('next')).toBe(id);
  await repository.protect('main');
  await expect(work.git('push', '--quiet', url, 'HEAD:refs/heads/main')).rejects.toThrow(/GH006.*\n.*pull request/);
  await work.git('fetch', '--quiet', repository.url, 'next');
  await expect(work.git('push', '--quiet', repository.url, 'HEAD:refs/heads/x')).rejects.toThrow();
});
