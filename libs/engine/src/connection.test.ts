import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { observeEffects } from '@baton/kernel';
import { startFakeEngine, startHttpServer, temporaryDirectory } from '@baton/testkit';
import { afterEach, describe, expect, test } from 'vitest';
import { connectEngine } from './connect.ts';

const stops: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  observeEffects(undefined);
  for (const stop of stops.splice(0)) await stop();
});

const fake = async (...script: Parameters<typeof startFakeEngine>) => {
  const server = await startFakeEngine(...script);
  stops.push(() => server.stop());
  return server;
};

/** What `probe` and every other call say of an address. */
async function both(DOCKER_HOST: string): Promise<{ reason: string | undefined; error: unknown }> {
  const engine = connectEngine({ DOCKER_HOST });
  const report = await engine.probe();
  expect(report).toEqual({ address: DOCKER_HOST, available: false, reason: report.reason, protocols: [] });
  const error = await engine.inspect('a:1').catch((thrown: unknown) => thrown);
  return { reason: report.reason, error };
}

describe('no engine', () => {
  test('no socket', async () => {
    const host = `unix://${join(temporaryDirectory(), 'none.sock')}`;
    const { reason, error } = await both(host);
    expect(reason).toBe('there is no socket');
    expect(error).toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: `no container engine at ${host}: there is no socket`,
      hint: expect.stringContaining('DOCKER_HOST'),
    });
  });

  test('a socket on which nobody listens any more', async () => {
    const path = join(temporaryDirectory(), 'dead.sock');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    // Closing removes the socket; one that is left over is made by keeping its name.
    const { linkSync } = await import('node:fs');
    linkSync(path, `${path}.left`);
    await new Promise((resolve) => server.close(resolve));
    expect((await both(`unix://${path}.left`)).reason).toBe('nothing listens there');
  });

  test('a file that is not a socket', async () => {
    const path = join(temporaryDirectory(), 'file');
    writeFileSync(path, '');
    expect((await both(`unix://${path}`)).reason).toMatch(/^(nothing listens there|the file is not a socket)$/);
  });

  test('a server that is something else', async () => {
    const server = await startHttpServer((_, response) => response.end('hello'));
    stops.push(() => server.stop());
    expect((await both(`tcp://${server.host}`)).reason).toBe('what answers there is not a container engine');
    const refusing = await startHttpServer((_, response) => response.writeHead(403).end());
    stops.push(() => refusing.stop());
    expect((await both(`tcp://${refusing.host}`)).reason).toBe('what answers there is not a container engine');
  });

  test('a server that does not speak HTTP, and one that hangs up', async () => {
    for (const [say, reason] of [
      ['SSH-2.0-OpenSSH_9.2\r\n', 'what answers there is not a container engine'],
      ['', 'the connection broke before it answered'],
    ] as const) {
      const server = createServer((socket) => socket.end(say).resume());
      const path = join(temporaryDirectory(), 's');
      await new Promise<void>((resolve) => server.listen(path, resolve));
      stops.push(() => void server.close());
      expect((await both(`unix://${path}`)).reason).toBe(reason);
    }
  });

  test('an engine that is too old', async () => {
    const { host } = await fake({ 'GET /_ping': { headers: { 'api-version': '1.39', ostype: 'linux' } } });
    const { reason, error } = await both(host);
    expect(reason).toBe('it is too old: it speaks API 1.39, and Baton needs 1.40 (Docker 19.03) or newer');
    expect(error).toMatchObject({ code: 'ENGINE_UNAVAILABLE', hint: 'Update the engine.' });
  });

  test('an address that cannot be used', async () => {
    const { reason, error } = await both('ssh://me@far.example');
    expect(reason).toMatch(/ssh:\/\//);
    expect(error).toMatchObject({ code: 'ENGINE_UNAVAILABLE', hint: expect.stringContaining('ssh -nNT -L') });
  });

  test('a later call asks again', async () => {
    let up = false;
    const ping = () => (up ? { headers: { 'api-version': '1.41', ostype: 'linux' } } : { status: 500 });
    const { host } = await fake({ 'GET /_ping': ping });
    const engine = connectEngine({ DOCKER_HOST: host });
    await expect(engine.inspect('a')).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
    up = true;
    expect(await engine.inspect('a')).toBeUndefined();
  });
});

describe('an engine', () => {
  const answers = {
    'GET /version': { send: [{ Version: '27.1', Os: 'linux', Arch: 'arm64' }] },
    'GET /info': { send: [{ DriverStatus: [['driver-type', 'io.containerd.snapshotter.v1']] }] },
  };

  test('is reported with what it can', async () => {
    const { host } = await fake(answers);
    expect(await connectEngine({ DOCKER_HOST: host }).probe()).toEqual({
      address: host,
      available: true,
      version: '27.1',
      apiVersion: '1.41',
      platform: 'linux/arm64',
      protocols: ['buildkit', 'classic'],
      store: 'containerd',
    });
  });

  test('without BuildKit: Podman, Windows', async () => {
    for (const headers of [{ ostype: 'linux', 'libpod-api-version': '5.0.0' }, { ostype: 'windows' }]) {
      const { host } = await fake({ ...answers, 'GET /_ping': { headers: { 'api-version': '1.41', ...headers } } });
      expect(await connectEngine({ DOCKER_HOST: host }).probe()).toMatchObject({ protocols: ['classic'] });
    }
  });

  test('is asked by the environment that was given, not by that of the process', async () => {
    const { host, requests } = await fake(answers);
    const before = process.env.DOCKER_HOST;
    try {
      process.env.DOCKER_HOST = 'tcp://127.0.0.1:1';
      expect(await connectEngine({ DOCKER_HOST: host }).inspect('a')).toBeUndefined();
    } finally {
      if (before === undefined) delete process.env.DOCKER_HOST;
      else process.env.DOCKER_HOST = before;
    }
    expect(requests).toHaveLength(1);
  });

  test('is reached over TCP', async () => {
    const server = await startHttpServer((request, response) => {
      response.setHeader('api-version', '1.45');
      if (request.url !== '/_ping') response.statusCode = 404;
      response.end('{}');
    });
    stops.push(() => server.stop());
    expect(await connectEngine({ DOCKER_HOST: `tcp://${server.host}` }).inspect('a')).toBeUndefined();
  });

  test('every call is an effect', async () => {
    const { host } = await fake(answers);
    const targets: string[] = [];
    observeEffects({ before: ({ kind, target }) => void targets.push(`${kind} ${target}`) });
    const engine = connectEngine({ DOCKER_HOST: host });
    await engine.inspect('a:1');
    await engine.remove('a:1');
    expect(targets).toEqual(['request GET /images/a:1/json', 'request DELETE /images/a:1']);
  });

  test('refuses with its own words', async () => {
    const { host } = await fake({ 'GET /images/a/json': { status: 500, send: [{ message: 'disk on fire' }] } });
    await expect(connectEngine({ DOCKER_HOST: host }).inspect('a')).rejects.toMatchObject({
      code: 'ENGINE_FAILED',
      message: 'the container engine refused (HTTP 500) while looking at a: disk on fire',
    });
  });

  test('a name that would leave its place in the path is refused', async () => {
    const { host, requests } = await fake(answers);
    const engine = connectEngine({ DOCKER_HOST: host });
    for (const name of ['../info', 'a?x=1', 'a b', '', 'a/../b'])
      await expect(engine.inspect(name)).rejects.toMatchObject({ code: 'INVALID_REFERENCE' });
    expect(requests).toEqual([]);
  });
});
