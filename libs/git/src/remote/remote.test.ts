import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { type TestRepository, temporaryDirectory, temporaryRepository } from '@baton/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { failure } from '../test-open.ts';
import { fetchBranch } from './fetch-branch.ts';
import { lsRemote } from './ls-remote.ts';
import { pushBranch } from './push-branch.ts';
import { type HttpGit, serveGit } from './test-http-git.ts';

const TOKEN = 'ghp_0123456789secretTOKEN';
const servers: HttpGit[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

/** A repository with two commits, and a bare one that has the first on `main`. */
async function pair(): Promise<{ made: TestRepository; bare: string; first: string; second: string }> {
  const made = await temporaryRepository({ a: '1' });
  const first = await made.git('rev-parse', 'HEAD');
  const bare = join(temporaryDirectory('remote'), 'up stream.git');
  await made.git('clone', '--quiet', '--bare', made.dir, bare);
  const second = await made.commit('two', { a: '2' });
  return { made, bare, first, second };
}

async function serve(bare: string, answer?: Parameters<typeof serveGit>[1]): Promise<HttpGit> {
  const server = await serveGit(bare, answer);
  servers.push(server);
  return server;
}

/** Puts a commit of somebody else on a branch of the bare repository. */
async function somebodyPushes(made: TestRepository, bare: string, branch: string): Promise<string> {
  const clone = join(temporaryDirectory('other'), 'clone');
  await made.git('clone', '--quiet', bare, clone);
  writeFileSync(join(clone, 'theirs'), 'theirs');
  await made.git('-C', clone, 'add', '.');
  await made.git('-C', clone, 'commit', '--quiet', '--author=Grace <grace@example.com>', '--message=their work');
  await made.git('-C', clone, 'push', '--quiet', '--force', 'origin', `HEAD:refs/heads/${branch}`);
  return await made.git('-C', clone, 'rev-parse', 'HEAD');
}

describe.each(['file', 'http'])('over %s', (kind) => {
  const address = async (bare: string) => (kind === 'file' ? `file://${bare}` : (await serve(bare)).url);

  it('creates a branch, moves it, and finds it there', async () => {
    const { made, bare, first, second } = await pair();
    const remote = { url: await address(bare) };
    const push = { ...remote, dir: made.dir, branch: 'cut/over' };
    expect((await pushBranch({ ...push, commit: first, expect: undefined })).state).toBe('created');
    expect((await pushBranch({ ...push, commit: second, expect: first })).state).toBe('updated');
    expect((await pushBranch({ ...push, commit: second, expect: first })).state).toBe('unchanged');
    // Also back: a lease is about where the branch is, not about what it contains.
    expect((await pushBranch({ ...push, commit: first, expect: second })).state).toBe('updated');
    const { head, refs } = await lsRemote(remote);
    expect(head).toBe('refs/heads/main');
    expect([...refs]).toEqual([
      ['refs/heads/cut/over', first],
      ['refs/heads/main', first],
    ]);
    expect([...(await lsRemote(remote, ['refs/heads/m'])).refs.keys()]).toEqual(['refs/heads/main']);
  });

  it('a lost lease tells where the branch is and who moved it', async () => {
    const { made, bare, first, second } = await pair();
    const theirs = await somebodyPushes(made, bare, 'cut');
    const push = { url: await address(bare), dir: made.dir, branch: 'cut', commit: second };
    const error = await failure(pushBranch({ ...push, expect: first }));
    expect(error).toMatchObject({ code: 'REF_MOVED', details: { expected: first, found: theirs } });
    expect(error.message).toContain(
      `expected to be at ${first.slice(0, 12)}, and it is at ${theirs.slice(0, 12)} (Grace <grace@example.com>: their work)`,
    );
    expect((await failure(pushBranch({ ...push, expect: undefined }))).message).toContain('expected to be absent');
    expect((await failure(pushBranch({ ...push, branch: 'gone', expect: first }))).message).toContain('it is gone');
    expect((await lsRemote(push, ['refs/heads/cut'])).refs.get('refs/heads/cut')).toBe(theirs);
  });

  it('a hook that refuses is quoted', async () => {
    const { made, bare, first, second } = await pair();
    const hook = join(bare, 'hooks', 'pre-receive');
    writeFileSync(
      hook,
      '#!/bin/sh\necho "working on it"\necho "error: GH006: Protected branch update failed" >&2\nexit 1\n',
    );
    chmodSync(hook, 0o755);
    const push = { url: await address(bare), dir: made.dir, branch: 'main', commit: second, expect: first };
    const error = await failure(pushBranch(push));
    expect(error.code).toBe('PUSH_REJECTED');
    expect(error.message).toContain(
      'refused the push of refs/heads/main: pre-receive hook declined: GH006: Protected branch',
    );
    expect(error.details.said).toContain('working on it');
  });

  it('fetches a branch and leaves no trace but objects', async () => {
    const { made, bare } = await pair();
    const theirs = await somebodyPushes(made, bare, 'main');
    const before = await made.git('for-each-ref');
    const remote = { url: await address(bare) };
    expect(await fetchBranch(made.dir, remote, 'main')).toBe(theirs);
    expect(await made.git('cat-file', '-t', theirs)).toBe('commit');
    expect(await made.git('for-each-ref')).toBe(before);
    expect(existsSync(join(made.dir, '.git/FETCH_HEAD'))).toBe(false);
    expect((await failure(fetchBranch(made.dir, remote, 'absent'))).code).toBe('FORGE_NOT_FOUND');
  });

  it('pushes from a shallow clone, and from a bare repository of SHA-256', async () => {
    const { made, bare } = await pair();
    const theirs = await somebodyPushes(made, bare, 'main');
    const shallow = join(temporaryDirectory('shallow'), 'clone');
    await made.git('clone', '--quiet', '--depth=1', `file://${bare}`, shallow);
    const push = { url: await address(bare), dir: shallow, branch: 'new', commit: theirs, expect: undefined };
    expect((await pushBranch(push)).state).toBe('created');
    const sha256 = temporaryDirectory('sha256');
    for (const name of ['one.git', 'two.git']) {
      await made.git('init', '--quiet', '--bare', '--object-format=sha256', join(sha256, name));
    }
    const tree = await made.git('-C', join(sha256, 'one.git'), 'hash-object', '-t', 'tree', '-w', '/dev/null');
    const commit = await made.git('-C', join(sha256, 'one.git'), 'commit-tree', '-m', 'x', tree);
    const other = { url: await address(join(sha256, 'two.git')), dir: join(sha256, 'one.git') };
    expect((await pushBranch({ ...other, branch: 'main', commit, expect: undefined })).state).toBe('created');
  });
});

describe('what a person configured', () => {
  it('plays no part in a push: no hook, no other address, no tag', async () => {
    const { made, bare, first, second } = await pair();
    const hook = join(made.dir, '.git/hooks/pre-push');
    writeFileSync(hook, '#!/bin/sh\nexit 1\n');
    chmodSync(hook, 0o755);
    await made.git('tag', '-a', '-m', 'x', 'v1', second);
    await made.git('config', 'push.followTags', 'true');
    await made.git('config', 'push.pushOption', 'x');
    await made.git('config', `url./nowhere/.pushInsteadOf`, `file://${bare}`);
    const push = { url: `file://${bare}`, dir: made.dir, branch: 'main', commit: second, expect: first };
    expect((await pushBranch(push)).state).toBe('updated');
    expect([...(await lsRemote(push)).refs.keys()]).toEqual(['refs/heads/main']);
  });
});

describe('a token', () => {
  const guarded = (status: number) => (request: IncomingMessage, response: ServerResponse) => {
    const wanted = `Basic ${Buffer.from(`x-access-token:${TOKEN}`).toString('base64')}`;
    if (request.headers.authorization === wanted) return false;
    response.writeHead(status, { 'www-authenticate': 'Basic realm="x"' }).end();
    return true;
  };

  it('is sent as a header and is in no argument, file or message', async () => {
    const { made, bare, first, second } = await pair();
    const { url, seen } = await serve(bare, guarded(401));
    // Every git writes down how it was called.
    const log = join(temporaryDirectory('argv'), 'log');
    const path = process.env.PATH;
    const bin = temporaryDirectory('bin');
    const git = (path ?? '')
      .split(':')
      .map((dir) => join(dir, 'git'))
      .find((file) => existsSync(file));
    writeFileSync(join(bin, 'git'), `#!/bin/sh\necho "$@" >> '${log}'\nexec '${git}' "$@"\n`);
    chmodSync(join(bin, 'git'), 0o755);
    process.env.PATH = `${bin}:${path}`;
    try {
      const push = { url, token: TOKEN, dir: made.dir, branch: 'main', commit: second, expect: first };
      expect((await pushBranch(push)).state).toBe('updated');
      expect(await fetchBranch(made.dir, { url, token: TOKEN }, 'main')).toBe(second);
    } finally {
      process.env.PATH = path;
    }
    expect(seen.every((header) => header !== undefined)).toBe(true);
    const argv = readFileSync(log, 'utf8');
    expect(argv).toContain('push');
    expect(argv).not.toMatch(/ghp_|eC1hY2Nl|Basic/);
    expect(readFileSync(join(made.dir, '.git/config'), 'utf8')).not.toContain('http');
  });

  it('that is missing or wrong is told apart', async () => {
    const { made, bare, first, second } = await pair();
    const push = { dir: made.dir, branch: 'main', commit: second, expect: first };
    const { url } = await serve(bare, guarded(401));
    expect((await failure(pushBranch({ ...push, url }))).code).toBe('FORGE_TOKEN_MISSING');
    const wrong = await failure(pushBranch({ ...push, url, token: 'ghp_wrongwrongwrong' }));
    expect(wrong.code).toBe('FORGE_DENIED');
    expect(JSON.stringify(wrong)).not.toContain('ghp_wrong');
    const forbidden = await serve(bare, guarded(403));
    expect((await failure(pushBranch({ ...push, url: forbidden.url, token: 'abcdef' }))).code).toBe('FORGE_DENIED');
  });

  it('follows no redirect, goes to no other host, and to none without encryption', async () => {
    const { bare } = await pair();
    const other = await serve(bare);
    const first = await serve(bare, (request, response) => {
      response.writeHead(301, { location: `http://${new URL(other.url).host}${request.url}` }).end();
      return true;
    });
    expect((await failure(lsRemote({ url: first.url, token: TOKEN }))).code).toBe('FORGE_REJECTED');
    expect(other.seen).toEqual([]);
    expect((await failure(lsRemote({ url: 'http://example.com/a.git', token: TOKEN }))).message).toContain(
      'in the clear',
    );
    const inUrl = await failure(lsRemote({ url: `https://x:${TOKEN}@example.com/a.git` }));
    expect(inUrl.message).toContain('holds credentials');
    expect(inUrl.message).not.toContain(TOKEN);
  });
});

describe('a remote that is not there', () => {
  it.each([
    [500, 'FORGE_UNREACHABLE'],
    [404, 'FORGE_NOT_FOUND'],
  ])('answers %d', async (status, code) => {
    const { bare } = await pair();
    const { url } = await serve(bare, (_, response) => {
      response.writeHead(status).end();
      return true;
    });
    expect((await failure(lsRemote({ url }))).code).toBe(code);
  });

  it('does not answer, does not exist, or is no address', async () => {
    expect((await failure(lsRemote({ url: 'http://127.0.0.1:1/a.git' }))).code).toBe('FORGE_UNREACHABLE');
    expect((await failure(lsRemote({ url: 'file:///nowhere/at/all' }))).code).toBe('FORGE_NOT_FOUND');
    expect((await failure(lsRemote({ url: '--upload-pack=touch x' }))).code).toBe('FORGE_REJECTED');
    expect((await failure(lsRemote({ url: 'ext::sh -c true' }))).message).toContain("transport 'ext' not allowed");
  });
});
