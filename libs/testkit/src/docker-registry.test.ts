import { readdirSync } from 'node:fs';
import { expect } from 'vitest';
import { DOCKER_REGISTRY_USER, startDockerRegistry } from './docker-registry.ts';
import { needs } from './needs.ts';

const test = needs('docker-registry');

test('it answers, restarts on the same port and root, and stops', async () => {
  const registry = await startDockerRegistry();
  const ping = () => fetch(`http://${registry.host}/v2/`).then(({ status }) => status);
  expect(await ping()).toBe(200);
  const { host, pid } = registry;
  await registry.restart();
  expect([registry.host, registry.pid === pid, await ping()]).toEqual([host, false, 200]);
  expect(readdirSync(registry.root)).toEqual(expect.any(Array));
  await registry.stop();
  await expect(ping()).rejects.toThrow();
  expect(() => process.kill(registry.pid, 0)).toThrow(/ESRCH/);
});

test('two at a time, one with a password', async () => {
  const [open, closed] = await Promise.all([startDockerRegistry(), startDockerRegistry({ auth: 'basic' })]);
  const status = async (host: string, headers = {}) => (await fetch(`http://${host}/v2/`, { headers })).status;
  const { username, password } = DOCKER_REGISTRY_USER;
  const Authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  expect(await status(open.host)).toBe(200);
  expect(await status(closed.host)).toBe(401);
  expect(await status(closed.host, { Authorization })).toBe(200);
  await Promise.all([open.stop(), closed.stop()]);
});

test('a configuration that it does not take is an error with its own words', async () => {
  await expect(startDockerRegistry({ http: ['nonsense: {'] })).rejects.toThrow(
    /did not start[\s\S]*(yaml|configuration)/,
  );
});

needs('docker-registry', 'openssl')('Bearer: it sends clients to a token server whose tokens it believes', async () => {
  const registry = await startDockerRegistry({ auth: 'bearer' });
  const url = `http://${registry.host}/v2/acme/app/tags/list`;
  const refused = await fetch(url);
  const [, realm = ''] = /realm="([^"]+)"/.exec(refused.headers.get('www-authenticate') ?? '') ?? [];
  expect([refused.status, realm]).toEqual([401, expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/token$/)]);
  const { username, password } = DOCKER_REGISTRY_USER;
  const Authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const scope = 'scope=repository:acme/app:pull';
  expect((await fetch(`${realm}?${scope}`)).status).toBe(401);
  const { token } = (await (await fetch(`${realm}?${scope}`, { headers: { Authorization } })).json()) as {
    token: string;
  };
  expect((await fetch(url, { headers: { Authorization: `Bearer ${token}` } })).status).toBe(404);
  expect((await fetch(url.replace('app', 'other'), { headers: { Authorization: `Bearer ${token}` } })).status).toBe(
    401,
  );
  await registry.stop();
});
