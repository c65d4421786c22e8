import { chmodSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { BatonError, observeEffects, redact } from '@baton/kernel';
import { instantWaits, type RegistryAuth, startRegistryServer, temporaryDirectory, writeFiles } from '@baton/testkit';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { askHelper } from './credential-helpers.ts';
import { dockerCredentials } from './credentials.ts';
import { connectRegistry } from './registry-client.ts';

afterEach(() => observeEffects(undefined));

/** A Docker config, and helper programs (shell scripts) that note how they were called. */
async function setUp(config: Record<string, unknown>, helpers: Record<string, string>) {
  const directory = temporaryDirectory('helpers');
  await writeFiles(directory, { 'config.json': JSON.stringify(config), calls: '' });
  for (const [name, script] of Object.entries(helpers)) {
    const file = `bin/docker-credential-${name}`;
    await writeFiles(directory, {
      [file]: `#!/bin/sh\nhost=$(cat)\necho "${name} $* [$host]" >> '${directory}/calls'\n${script}\n`,
    });
    chmodSync(join(directory, file), 0o755);
  }
  const env = {
    PATH: `${join(directory, 'bin')}${delimiter}${process.env.PATH}`,
    HOME: directory,
    DOCKER_CONFIG: directory,
  };
  const calls = async () => (await readFile(join(directory, 'calls'), 'utf8')).split('\n').filter(Boolean);
  return { ...dockerCredentials(env), calls, env, file: join(directory, 'config.json') };
}

const answer = (Username: string, Secret: string): string =>
  `echo '${JSON.stringify({ ServerURL: 'x', Username, Secret })}'`;
const unknown = 'echo "credentials not found in native keychain"; exit 1';

test('credHelpers for its host, credsStore for the others, then auths', async () => {
  const auth = Buffer.from('file:file-canary').toString('base64');
  const { find, calls } = await setUp(
    {
      credHelpers: { 'a.example.com': 'one' },
      credsStore: 'all',
      auths: { 'a.example.com': {}, 'c.example.com': { auth } },
    },
    {
      one: answer('one', 'one-canary'),
      all: `case $host in b.*) ${answer('all', 'all-canary')};; *) ${unknown};; esac`,
    },
  );
  expect(await find('a.example.com')).toEqual({ username: 'one', password: 'one-canary' });
  expect(await find('b.example.com')).toEqual({ username: 'all', password: 'all-canary' });
  expect(await find('c.example.com')).toEqual({ username: 'file', password: 'file-canary' });
  expect(await find('d.example.com')).toBe(undefined);
  expect(await calls()).toEqual([
    'one get [a.example.com]',
    'all get [b.example.com]',
    'all get [c.example.com]',
    'all get [d.example.com]',
  ]);
  expect(redact('one-canary all-canary file-canary')).toBe('*** *** ***');
});

test('Docker Hub is asked for under its old name, and found under each', async () => {
  for (const key of ['docker.io', 'https://index.docker.io/v1/', 'index.docker.io']) {
    const { find, calls } = await setUp({ credHelpers: { [key]: 'hub' } }, { hub: answer('hub', 'hub-canary') });
    expect(await find('docker.io')).toEqual({ username: 'hub', password: 'hub-canary' });
    expect(await calls()).toEqual(['hub get [https://index.docker.io/v1/]']);
  }
});

test('the user <token> brings an identity token; no secret is no credentials', async () => {
  const { find } = await setUp(
    { credHelpers: { 'a.example.com': 'token', 'b.example.com': 'empty' } },
    { token: answer('<token>', 'identity-canary'), empty: answer('', '') },
  );
  expect(await find('a.example.com')).toEqual({ identityToken: 'identity-canary' });
  expect(await find('b.example.com')).toBe(undefined);
});

test('the description names the helpers', async () => {
  const config = { credsStore: 'desktop', credHelpers: { 'x.example.com': 'ecr-login' } };
  expect((await setUp(config, {})).description).toContain(
    'with docker-credential-desktop, docker-credential-ecr-login (or GITHUB_TOKEN, for ghcr.io)',
  );
  const hostile = await setUp({ credsStore: 'a b\u001b[31m', credHelpers: 7 }, {});
  expect(hostile.description).not.toContain('docker-credential');
});

test.each([
  [
    'is missing',
    { credsStore: 'none' },
    {},
    'docker-credential-none, named in FILE for x.example.com, is not installed',
  ],
  [
    'fails',
    { credsStore: 'bad' },
    { bad: 'echo "pass store is uninitialized"; exit 3' },
    'failed with exit code 3: pass store is uninitialized',
  ],
  [
    'says why elsewhere',
    { credsStore: 'bad' },
    { bad: 'echo "no DISPLAY" >&2; exit 1' },
    'failed with exit code 1: no DISPLAY',
  ],
  [
    'fails with its secret in hand',
    { credsStore: 'bad' },
    { bad: `${answer('u', 'leak-canary')}; exit 1` },
    'failed with exit code 1',
  ],
  ['is killed', { credsStore: 'bad' }, { bad: 'kill -9 $$' }, 'was ended by SIGKILL'],
  ['babbles', { credsStore: 'bad' }, { bad: 'echo leak-canary' }, 'answered with something that is not its JSON'],
  [
    'has a secret that is no text',
    { credsStore: 'bad' },
    { bad: `echo '{"Username":"u","Secret":{"leak-canary":1}}'` },
    'not its JSON',
  ],
  ['has a path for a name', { credsStore: '../../bin/evil' }, {}, 'FILE has in "credsStore" what is not the name'],
  [
    'has no name',
    { credHelpers: { 'x.example.com': 7 } },
    {},
    'FILE has in credHelpers["x.example.com"] what is not the name',
  ],
  ['is in no list', { credHelpers: [] }, {}, 'FILE has a "credHelpers" that is not an object'],
])('a helper that %s is CREDENTIALS_INVALID', async (_, config, helpers, expected) => {
  const { find, file } = await setUp(config, helpers);
  const error: unknown = await find('x.example.com').catch((e: unknown) => e);
  expect(error).toBeInstanceOf(BatonError);
  if (!(error instanceof BatonError)) return;
  expect([error.code, error.message.replaceAll(file, 'FILE')]).toEqual([
    'CREDENTIALS_INVALID',
    expect.stringContaining(expected),
  ]);
  expect(JSON.stringify(error.toJSON())).not.toContain('canary');
});

test('a helper that waits for somebody is given up', async () => {
  const { env, file } = await setUp({}, { slow: 'sleep 300' });
  await expect(askHelper('slow', 'x.example.com', { file, env, patience: 300 })).rejects.toMatchObject({
    code: 'CREDENTIALS_INVALID',
    message: expect.stringContaining('did not answer within 0.3 s'),
  });
});

/** Everything that a person, a log or another process could see of a run. */
async function visible(auth: Partial<RegistryAuth>, helper: string) {
  const seen: string[] = [];
  observeEffects({ before: ({ kind, target }) => void seen.push(`${kind} ${target}`) });
  const registry = await startRegistryServer({
    auth: { scheme: 'bearer', username: 'robot', password: 'password-canary', ...auth },
  });
  onTestFinished(() => registry.stop());
  const source = await setUp({ credsStore: 'store' }, { store: helper });
  const client = connectRegistry(registry.host, {
    credentials: source,
    waits: instantWaits(),
    emit: (event) => void seen.push(JSON.stringify(event)),
  });
  onTestFinished(() => client.close());
  registry.inject({ path: 'manifests' }, { kind: 'status', status: 503 });
  const outcome = await client.headManifest('acme/app', 'v1').catch((error: unknown) => {
    seen.push(error instanceof BatonError ? JSON.stringify(error.toJSON()) + String(error.stack) : String(error));
    return 'failed';
  });
  const requests = registry.log.map(({ method, path, query }) => `${method} ${path}${query}`);
  return { outcome, registry, text: [...seen, ...requests, ...(await source.calls())].join('\n') };
}

test('no secret is seen anywhere: not in arguments, effects, events, errors or URLs', async () => {
  const good = await visible({}, answer('robot', 'password-canary'));
  expect(good.outcome).toBe(undefined);
  expect(good.text).toContain('spawn docker-credential-store get');
  const token = await visible({ identityToken: 'identity-canary' }, answer('<token>', 'identity-canary'));
  expect(token.outcome).toBe(undefined);
  const wrong = await visible({}, answer('robot', 'wrong-canary'));
  const refused = await visible({ identityToken: 'identity-canary' }, answer('<token>', 'other-canary'));
  expect([wrong.outcome, refused.outcome]).toEqual(['failed', 'failed']);
  const issued = [good, token].flatMap(({ registry }) =>
    registry.log.map(({ headers }) => headers.authorization ?? '').filter((value) => value.startsWith('Bearer ')),
  );
  expect(issued.length).toBeGreaterThan(1);
  for (const { text } of [good, token, wrong, refused]) {
    expect(text).not.toContain('canary');
    expect(text).not.toContain('test-token-');
    expect(text).not.toContain(Buffer.from('robot:password-canary').toString('base64'));
  }
  for (const value of issued) expect(redact(value.slice(7))).toBe('***');
});
