import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { writeFiles } from '@baton/testkit';
import { afterAll, describe, expect, test } from 'vitest';
import { findCredentials } from './credentials.ts';
import { findEngine } from './engine.ts';
import { findCache, findNode } from './machine.ts';
import { findPrograms, isRunnable } from './programs.ts';
import { testMachine } from './test-machine.ts';

describe('programs', () => {
  test('versions are read from what they print', async () => {
    const { io } = testMachine({
      npm: '11.19.1',
      'apt-get': 'apt 2.6.1 (amd64)',
      'dpkg-deb': "Debian 'dpkg-deb' program version 1.21.22 (amd64).",
      cc: 'cc (Debian) 12.2.0',
    });
    const findings = await findPrograms(io);
    expect(findings.map(({ id, state, detail }) => [id, state, detail])).toEqual([
      ['npm', 'here', '11.19.1'],
      ['apt', 'here', '2.6.1, 1.21.22'],
      ['cc', 'here', '12.2.0'],
      ['skopeo', 'missing', 'no skopeo on the PATH'],
      ['crane', 'missing', 'no crane on the PATH'],
    ]);
    for (const { state, cost } of findings) expect(cost === undefined).toBe(state === 'here');
  });

  test('half of a pair is named', async () => {
    const [, apt] = await findPrograms(testMachine({ 'apt-get': 'apt 2.6.1' }).io);
    expect(apt).toMatchObject({ state: 'missing', detail: 'no dpkg-deb on the PATH' });
  });

  test('a command of a manifest is a name on the PATH or a path from its folder, and must be executable', async () => {
    const { bin, cwd, env } = testMachine({ make: 'x' });
    writeFileSync(join(cwd, 'plain'), '');
    expect(await isRunnable('make', cwd, env)).toBe(true);
    expect(await isRunnable('../bin/make', cwd, env)).toBe(true);
    expect(await isRunnable(join(bin, 'make'), cwd, env)).toBe(true);
    expect(await isRunnable('plain', cwd, env)).toBe(false);
    expect(await isRunnable('./plain', cwd, env)).toBe(false);
    expect(await isRunnable('absent', cwd, env)).toBe(false);
  });
});

describe('the container engine', () => {
  const servers: Server[] = [];
  afterAll(() => {
    for (const server of servers) server.close();
  });
  const engine = async (socket: string, body: string): Promise<void> => {
    const server = createServer((request, response) => response.end(request.url === '/version' ? body : ''));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(socket, resolve));
  };

  test('is asked for its version over its socket', async () => {
    const { io, socket } = testMachine();
    await engine(socket, '{"Version":"20.10.24","Platform":{"Name":"Docker Engine"}}');
    expect(await findEngine(io)).toEqual({
      id: 'engine',
      title: 'Container engine',
      state: 'here',
      detail: `Docker Engine 20.10.24 (${socket})`,
    });
  });

  test('something else behind the socket is no engine', async () => {
    const { io, socket } = testMachine();
    await engine(socket, '<html>');
    expect(await findEngine(io)).toMatchObject({
      state: 'limited',
      detail: `${socket} answered 200 without a version`,
    });
  });

  test('without a socket there is none, and that costs nothing', async () => {
    expect(await findEngine(testMachine().io)).toMatchObject({
      state: 'missing',
      detail: 'no socket of Docker or Podman',
      cost: 'Nothing: images are built and published without a container engine.',
    });
  });

  test('one at another address is not asked', async () => {
    const { io } = testMachine();
    const env = { ...io.env, DOCKER_HOST: 'tcp://10.0.0.1:2375' };
    expect(await findEngine({ ...io, env })).toMatchObject({
      state: 'limited',
      detail: 'DOCKER_HOST is no unix socket (tcp://10.0.0.1:2375); it was not asked',
    });
  });
});

describe('registry credentials', () => {
  test('hosts and files are named, and never a value', async () => {
    const { io, home } = testMachine();
    const auth = Buffer.from('ada:swordfish-17').toString('base64');
    const config = { auths: { 'r.example': {}, 'ghcr.io': { auth } }, credsStore: 'desktop' };
    await writeFiles(home, { '.docker/config.json': JSON.stringify(config) });
    const finding = await findCredentials({ ...io, env: { ...io.env, GITHUB_TOKEN: 'ghs_verysecret' } });
    expect(finding).toEqual({
      id: 'credentials',
      title: 'Registry credentials',
      state: 'here',
      detail:
        `ghcr.io, r.example (${home}/.docker/config.json), ghcr.io (GITHUB_TOKEN); ` +
        'credential helpers are named there and not asked (the credsStore)',
    });
  });

  test('none, and a file elsewhere', async () => {
    const { io, home } = testMachine();
    expect(await findCredentials(io)).toMatchObject({
      state: 'missing',
      detail: `none in ${home}/.docker/config.json`,
    });
    await writeFiles(home, { 'other/config.json': '{"auths":{"r.example":{}}}' });
    const env = { ...io.env, DOCKER_CONFIG: join(home, 'other') };
    expect(await findCredentials({ ...io, env })).toMatchObject({ detail: `r.example (${home}/other/config.json)` });
  });

  test('a broken file is told without its content', async () => {
    const { io, home } = testMachine();
    await writeFiles(home, { '.docker/config.json': '{"auths": hunter2' });
    expect(await findCredentials(io)).toMatchObject({
      state: 'limited',
      detail: `${home}/.docker/config.json is not valid JSON`,
    });
  });
});

describe('the machine', () => {
  test('the cache directory is looked at and not made', async () => {
    const { io } = testMachine();
    expect((await findCache(io)).detail).toMatch(/\/cache, not made yet; .* free$/);
    mkdirSync(io.cacheDir);
    expect((await findCache(io)).detail).toMatch(/\/cache; .* free$/);
  });

  test('a file in the way of the cache directory', async () => {
    const { io, home } = testMachine();
    writeFileSync(join(home, 'file'), '');
    expect(await findCache({ ...io, cacheDir: join(home, 'file', 'cache') })).toMatchObject({
      state: 'missing',
      detail: `${home}/file/cache cannot be written (ENOTDIR)`,
      cost: 'Nothing can be built: set BATON_CACHE_DIR to a directory that can be written.',
    });
  });

  test('Node is the one that runs this', () => {
    expect(findNode()).toMatchObject({ state: 'here', detail: `${process.versions.node} (${process.execPath})` });
  });
});
