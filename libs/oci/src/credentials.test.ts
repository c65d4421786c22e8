import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { BatonError, redact, runProcess } from '@baton/kernel';
import { needs, startRegistryServer, temporaryDirectory, writeFiles } from '@baton/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { dockerCredentials } from './credentials.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

async function source(config: unknown, env: NodeJS.ProcessEnv = {}) {
  const directory = temporaryDirectory('docker-config');
  const text = typeof config === 'string' ? config : JSON.stringify(config);
  if (config !== undefined) await writeFiles(directory, { 'config.json': text });
  return { directory, ...wrap(dockerCredentials({ DOCKER_CONFIG: directory, ...env })) };
}

function wrap(inner: ReturnType<typeof dockerCredentials>) {
  return { find: (host: string) => inner.find(host), inner };
}

test('the forms of a key: host, https://host, https://host/v1/, with and without port', async () => {
  const auth = (name: string) => ({ auth: base64(`${name}:pass-${name}`) });
  const { find } = await source({
    auths: {
      'one.example.com': auth('one'),
      'https://two.example.com': auth('two'),
      'https://three.example.com:5000/v2/': auth('three'),
      'http://localhost:5000/': auth('four'),
    },
  });
  expect(await find('one.example.com')).toEqual({ username: 'one', password: 'pass-one' });
  expect(await find('two.example.com')).toEqual({ username: 'two', password: 'pass-two' });
  expect(await find('three.example.com:5000')).toEqual({ username: 'three', password: 'pass-three' });
  expect(await find('localhost:5000')).toEqual({ username: 'four', password: 'pass-four' });
  expect(await find('three.example.com')).toBe(undefined);
  expect(await find('example.com')).toBe(undefined);
});

test('Docker Hub is found under its old name', async () => {
  const { find } = await source({ auths: { 'https://index.docker.io/v1/': { auth: base64('hub:hub-password') } } });
  expect(await find('docker.io')).toEqual({ username: 'hub', password: 'hub-password' });
  expect(await find('quay.io')).toBe(undefined);
});

test('the exact key wins over a longer one', async () => {
  const { find } = await source({
    auths: {
      'https://x.example.com': { auth: base64('a:long-key') },
      'x.example.com': { auth: base64('b:exact-key') },
    },
  });
  expect(await find('x.example.com')).toEqual({ username: 'b', password: 'exact-key' });
});

test('user and password in clear, identity tokens, passwords with colons, empty entries', async () => {
  const { find } = await source({
    auths: {
      'a.example.com': { username: 'u', password: 'clear-password' },
      'b.example.com': { auth: base64('<token>:'), identitytoken: 'identity-canary' },
      'c.example.com': { auth: base64('u:a:b:c') },
      'd.example.com': {},
      'e.example.com': { auth: '' },
    },
  });
  expect(await find('a.example.com')).toEqual({ username: 'u', password: 'clear-password' });
  expect(await find('b.example.com')).toEqual({ identityToken: 'identity-canary' });
  expect(await find('c.example.com')).toEqual({ username: 'u', password: 'a:b:c' });
  expect(await find('d.example.com')).toBe(undefined);
  expect(await find('e.example.com')).toBe(undefined);
});

test('GITHUB_TOKEN is for ghcr.io only, and only where docker has no entry', async () => {
  const env = { GITHUB_TOKEN: 'github-canary', GITHUB_ACTOR: 'octo' };
  const none = await source(undefined, env);
  expect(await none.find('ghcr.io')).toEqual({ username: 'octo', password: 'github-canary' });
  expect(await none.find('docker.io')).toBe(undefined);
  expect(await none.find('ghcr.io.example.com')).toBe(undefined);
  const both = await source({ auths: { 'ghcr.io': { auth: base64('me:docker-entry') } } }, env);
  expect(await both.find('ghcr.io')).toEqual({ username: 'me', password: 'docker-entry' });
  const empty = await source(undefined, { GITHUB_TOKEN: '' });
  expect(await empty.find('ghcr.io')).toBe(undefined);
});

test('without DOCKER_CONFIG the file is below the home directory; an absent one is no error', async () => {
  const home = temporaryDirectory('home');
  const { find, inner } = wrap(dockerCredentials({ HOME: home }));
  expect(await find('x.example.com')).toBe(undefined);
  await writeFiles(home, {
    '.docker/config.json': JSON.stringify({ auths: { 'x.example.com': { auth: base64('u:late-login') } } }),
  });
  expect(await find('x.example.com')).toEqual({ username: 'u', password: 'late-login' });
  expect(inner.description).toContain(join(home, '.docker', 'config.json'));
});

test('of several files the first with an entry counts: REGISTRY_AUTH_FILE, Docker, podman', async () => {
  const home = temporaryDirectory('home');
  const file = (name: string, hosts: string[]) =>
    JSON.stringify({
      auths: Object.fromEntries(hosts.map((host) => [`${host}.example.com`, { auth: base64(`${name}:password`) }])),
    });
  await writeFiles(home, {
    'chosen.json': file('chosen', ['a']),
    'docker/config.json': file('docker', ['a', 'b']),
    'run/containers/auth.json': file('runtime', ['a', 'b', 'c']),
    '.config/containers/auth.json': file('home', ['a', 'b', 'c', 'd']),
  });
  const env = { HOME: home, DOCKER_CONFIG: join(home, 'docker'), XDG_RUNTIME_DIR: join(home, 'run') };
  const all = dockerCredentials({ ...env, REGISTRY_AUTH_FILE: join(home, 'chosen.json') });
  const users = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((host) => all.find(`${host}.example.com`)));
  expect(users.map((found) => found && 'username' in found && found.username)).toEqual([
    'chosen',
    'docker',
    'runtime',
    'home',
    undefined,
  ]);
  for (const path of [
    'chosen.json',
    'docker/config.json',
    'run/containers/auth.json',
    '.config/containers/auth.json',
  ]) {
    expect(all.description).toContain(join(home, path));
  }
  const elsewhere = { ...env, XDG_CONFIG_HOME: join(home, 'other') };
  expect(await dockerCredentials(elsewhere).find('d.example.com')).toBe(undefined);
  await writeFiles(home, { 'other/containers/auth.json': file('other', ['d']), 'run/containers/auth.json': '' });
  expect(await dockerCredentials(elsewhere).find('d.example.com')).toMatchObject({ username: 'other' });
});

test('of keys with a path the longest that leads to the repository counts', async () => {
  const { find, inner } = await source({
    auths: {
      'quay.io': { auth: base64('host:password') },
      'quay.io/acme': { auth: base64('acme:password') },
      'quay.io/acme/team': { auth: base64('team:password') },
      'https://quay.io/acme/team/app': {},
      'docker.io/acme': { auth: base64('hub-acme:password') },
      'https://index.docker.io/v1/': { auth: base64('hub:password') },
    },
  });
  const user = async (host: string, repository?: string) => {
    const found = await inner.find(host, repository);
    return found !== undefined && 'username' in found ? found.username : undefined;
  };
  expect(await user('quay.io', 'acme/team/app')).toBe('team');
  expect(await user('quay.io', 'acme/team')).toBe('team');
  expect(await user('quay.io', 'acme/teams')).toBe('acme');
  expect(await user('quay.io', 'other')).toBe('host');
  expect(await user('docker.io', 'acme/app')).toBe('hub-acme');
  expect(await user('docker.io', 'library/node')).toBe('hub');
  expect(await find('quay.io')).toMatchObject({ username: 'host' });
});

test.each([
  ['{"auths": {"x.example.com": {"auth": "c2VjcmV0LWNhbmFyeQ', 'is not valid JSON'],
  ['[]', 'is not a JSON object'],
  ['{"auths": []}', 'has an "auths" that is not an object'],
  ['{"auths": {"x.example.com": "secret-canary"}}', 'auths["x.example.com"] that is not an object'],
  ['{"auths": {"x.example.com": {"auth": "secret-canary!"}}}', 'auths["x.example.com"].auth that is not base64'],
  [
    `{"auths": {"x.example.com": {"auth": "${base64('secret-canary')}"}}}`,
    'auths["x.example.com"].auth that is not base64',
  ],
  ['{"auths": {"x.example.com": {"auth": 7}}}', 'non-text auths["x.example.com"].auth'],
  ['{"auths": {"x.example.com": {"password": "secret-canary"}}}', 'auths["x.example.com"] with only one of'],
])('a broken file is CREDENTIALS_INVALID and shows no value: %s', async (text, expected) => {
  const { find, directory } = await source(text);
  const error: unknown = await find('x.example.com').catch((e: unknown) => e);
  expect(error).toBeInstanceOf(BatonError);
  if (!(error instanceof BatonError)) return;
  expect(error.code).toBe('CREDENTIALS_INVALID');
  expect(error.message).toContain(join(directory, 'config.json'));
  expect(error.message).toContain(expected);
  expect(JSON.stringify(error.toJSON())).not.toMatch(/canary|c2VjcmV0/);
});

test('a file that cannot be read is CREDENTIALS_INVALID', async () => {
  const directory = temporaryDirectory('docker-config');
  mkdirSync(join(directory, 'config.json'));
  const { find } = wrap(dockerCredentials({ DOCKER_CONFIG: directory }));
  await expect(find('x.example.com')).rejects.toMatchObject({ code: 'CREDENTIALS_INVALID' });
});

test('what was found is hidden from every message', async () => {
  const { find } = await source({ auths: { 'x.example.com': { auth: base64('user:found-canary') } } });
  await find('x.example.com');
  const text = redact(`found-canary ${base64('user:found-canary')}`);
  expect(text).toBe('*** ***');
});

needs('skopeo')('what "skopeo login" leaves behind is found, by its file and where it puts it by itself', async () => {
  const registry = await startRegistryServer({
    auth: { scheme: 'basic', username: 'robot', password: 'skopeo-canary' },
  });
  onTestFinished(() => registry.stop());
  const home = temporaryDirectory('home');
  const env = { PATH: process.env.PATH, HOME: home, XDG_RUNTIME_DIR: join(home, 'run') };
  mkdirSync(env.XDG_RUNTIME_DIR);
  const login = async (args: string[]) => {
    const account = ['--username', 'robot', '--password-stdin', '--tls-verify=false', registry.host];
    const stdin = Buffer.from('skopeo-canary');
    const result = await runProcess({ command: 'skopeo', args: ['login', ...args, ...account], env, stdin });
    expect([result.code, result.stderr.toString()]).toEqual([0, '']);
  };
  const robot = { username: 'robot', password: 'skopeo-canary' };
  const file = join(home, 'chosen.json');
  await login(['--authfile', file]);
  expect(await dockerCredentials(env).find(registry.host)).toBe(undefined);
  expect(await dockerCredentials({ ...env, REGISTRY_AUTH_FILE: file }).find(registry.host)).toEqual(robot);
  await login([]);
  expect(await dockerCredentials(env).find(registry.host)).toEqual(robot);
});
