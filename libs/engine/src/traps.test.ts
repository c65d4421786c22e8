import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { Readable } from 'node:stream';
import { type FakeAnswer, type FakeScript, startFakeEngine } from '@baton/testkit';
import Dockerode from 'dockerode';
import { afterEach, describe, expect, test } from 'vitest';
import { connectEngine } from './connect.ts';
import type { Engine } from './engine.ts';
import { contextWith, openResources, recorder } from './test-engine.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

const fake = async (script: FakeScript) => {
  const server = await startFakeEngine(script);
  stops.push(() => server.stop());
  return { ...server, engine: connectEngine({ DOCKER_HOST: server.host }) };
};

const io = { emit: () => undefined };
const archive = () => Readable.from([Buffer.alloc(1024)]);
const FROZEN = { username: 'me', password: 'hunter22+/?>>>', registry: 'r.example' };

/** Every call that reads frames, with its route. */
const CALLS: [string, string, (engine: Engine, signal?: AbortSignal) => Promise<unknown>][] = [
  [
    'build by BuildKit',
    'POST /build',
    (engine, signal) => engine.build({ ...contextWith('FROM scratch\n'), protocol: 'buildkit' }, { ...io, signal }),
  ],
  [
    'classic build',
    'POST /build',
    (engine, signal) => engine.build({ ...contextWith('FROM scratch\n'), protocol: 'classic' }, { ...io, signal }),
  ],
  ['push', 'POST /images/r.example/a/push', (engine, signal) => engine.push('r.example/a:1', { ...io, signal })],
  ['pull', 'POST /images/create', (engine, signal) => engine.pull('r.example/a:1', { ...io, signal })],
  ['load', 'POST /images/load', (engine, signal) => engine.load(archive(), { ...io, signal })],
];

describe.each(CALLS)('%s', (_, route, call) => {
  test('an error in the middle of an answer with status 200 is an error', async () => {
    const { engine } = await fake({ [route]: { send: [{ error: 'it broke', errorDetail: { message: 'it broke' } }] } });
    await expect(call(engine)).rejects.toMatchObject({
      code: expect.stringMatching(/^(BUILD|ENGINE)_FAILED$/),
      message: expect.stringContaining('it broke'),
    });
  });

  test('an answer that is cut short is an error', async () => {
    const { engine } = await fake({ [route]: { send: [{ status: 'on the way' }], after: 'cut' } });
    await expect(call(engine)).rejects.toMatchObject({
      code: 'ENGINE_FAILED',
      message: expect.stringContaining('broke'),
      hint: expect.any(String),
    });
  });

  test('an answer that ends without a result is an error', async () => {
    const { engine } = await fake({ [route]: { send: [{ status: 'done' }] } });
    await expect(call(engine)).rejects.toMatchObject({ code: 'ENGINE_FAILED' });
  });

  test('a refusal is an error with the words of the engine', async () => {
    const { engine } = await fake({ [route]: { status: 500, send: [{ message: 'no room at the inn' }] } });
    await expect(call(engine)).rejects.toMatchObject({ message: expect.stringContaining('no room at the inn') });
  });

  test('an abort in the middle is INTERRUPTED, soon, with no connection left', async () => {
    const before = process.getActiveResourcesInfo();
    const server = await fake({ [route]: { send: [{ status: 'on the way' }], after: 'hang' } });
    const controller = new AbortController();
    const running = call(server.engine, controller.signal).catch((error: unknown) => error);
    while (server.requests.length === 0) await new Promise(setImmediate);
    controller.abort();
    expect(await running).toMatchObject({ code: 'INTERRUPTED' });
    await expect.poll(() => server.connections()).toBe(0);
    await server.stop();
    stops.pop();
    expect(openResources(before)).toEqual([]);
  }, 20_000);

  test('an abort before is INTERRUPTED, and asks nothing', async () => {
    const { engine, requests } = await fake({});
    await expect(call(engine, AbortSignal.abort())).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(requests).toEqual([]);
  });
});

test("dockerode's own followProgress passes over the error: the reason for the first of these tests", async () => {
  const { host } = await fake({ 'POST /images/create': { send: [{ error: 'it broke' }] } });
  const docker = new Dockerode({ socketPath: host.slice('unix://'.length) });
  const stream = await docker.createImage({ fromImage: 'a' });
  const [error] = await new Promise<unknown[]>((resolve) =>
    docker.modem.followProgress(stream, (...result) => resolve(result)),
  );
  expect(error).toBeNull();
});

test('nothing that a caller gives is changed, and credentials stay out of addresses', async () => {
  const push = { send: [{ aux: { Tag: '1', Digest: `sha256:${'a'.repeat(64)}`, Size: 7 } }] };
  const id = `sha256:${'b'.repeat(64)}`;
  const { engine, requests } = await fake({
    'POST /images/r.example/a/push': push,
    'POST /build': { send: [{ aux: { ID: id } }] },
    [`GET /images/${id}/json`]: { send: [{ Id: id, Os: 'linux', Architecture: 'arm', Variant: 'v7', Size: 3 }] },
  });
  const auth = Object.freeze({ ...FROZEN });
  const build = Object.freeze({
    ...contextWith('FROM scratch\n'),
    protocol: 'classic',
    args: Object.freeze({ A: '1' }),
    labels: Object.freeze({ l: 'x' }),
    tags: Object.freeze(['r.example/a:1', 'r.example/a:2']),
    auth: Object.freeze([auth]),
    target: 't',
    network: 'host',
    platform: 'linux/arm/v7',
    noCache: true,
  } as const);
  const frozen = Object.freeze({ ...io, auth, signal: new AbortController().signal });
  for (const _ of [1, 2]) {
    expect(await engine.push('r.example/a:1', frozen)).toEqual({ digest: `sha256:${'a'.repeat(64)}`, size: 7 });
    expect(await engine.build(build, frozen)).toMatchObject({ id, platform: 'linux/arm/v7', size: 3 });
  }
  const sent = requests.filter(({ method }) => method === 'POST');
  expect(sent).toHaveLength(4);
  for (const { path, query, headers } of sent) {
    expect(query.toString()).not.toMatch(/auth|signal|hunter/i);
    if (path === '/build') {
      expect(Object.fromEntries(query)).toEqual({
        dockerfile: 'Dockerfile',
        version: '1',
        rm: 'true',
        forcerm: 'true',
        t: 'r.example/a:2',
        buildargs: '{"A":"1"}',
        labels: '{"l":"x"}',
        target: 't',
        networkmode: 'host',
        platform: 'linux/arm/v7',
        nocache: 'true',
      });
      expect(query.getAll('t')).toEqual(['r.example/a:1', 'r.example/a:2']);
      // The alphabet that engines read: with the other one they go on without credentials.
      const header = String(headers['x-registry-config']);
      expect(header).toMatch(/^[A-Za-z0-9_=-]+$/);
      expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toMatchObject({
        'r.example': { username: 'me', password: FROZEN.password },
      });
    } else {
      expect(Object.fromEntries(query)).toEqual({ tag: '1' });
      expect(JSON.parse(Buffer.from(String(headers['x-registry-auth']), 'base64url').toString())).toMatchObject({
        username: 'me',
        password: FROZEN.password,
        serveraddress: 'r.example',
      });
    }
  }
});

test('a password is never in a message', async () => {
  const { engine } = await fake({
    'POST /images/r.example/a/push': { send: [{ error: `denied: me:${FROZEN.password} may not` }] },
  });
  const error = await engine.push('r.example/a:1', { ...io, auth: FROZEN }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'AUTH_DENIED', message: expect.stringContaining('***') });
  expect(String(error)).not.toContain(FROZEN.password);
});

test('without credentials the header is there all the same: engines refuse to push without it', async () => {
  const { engine, requests } = await fake({});
  await engine.push('r.example/a:1', io).catch(() => undefined);
  expect(requests[0]?.headers['x-registry-auth']).toBe(Buffer.from('{}').toString('base64'));
});

describe.each<[string, string]>([
  ['unauthorized: authentication required', 'AUTH_MISSING'],
  ['no basic auth credentials', 'AUTH_MISSING'],
  ['denied: requested access to the resource is denied', 'AUTH_MISSING'],
  ['toomanyrequests: You have reached your pull rate limit', 'RATE_LIMITED'],
  ['manifest for r.example/a:1 not found: manifest unknown', 'IMAGE_NOT_FOUND'],
  ['no matching manifest for linux/arm64 in the manifest list entries', 'PLATFORM_MISSING'],
  ['Get "http://r.example/v2/": dial tcp: lookup r.example: no such host', 'REGISTRY_UNREACHABLE'],
  ['something new', 'ENGINE_FAILED'],
])('"%s" without credentials', (message, code) => {
  test.each([
    { send: [{ error: message }] },
    { status: 500, send: [{ message }] },
  ] satisfies FakeAnswer[])('is %s', async (answer) => {
    const { engine } = await fake({ 'POST /images/create': answer });
    await expect(engine.pull('r.example/a:1', io)).rejects.toMatchObject({ code });
  });
});

test('layers that move are events', async () => {
  const id = 'abcdefabcdef';
  const { engine } = await fake({
    'POST /images/create': {
      send: [
        { status: 'Pulling from a', id: '1' },
        { status: 'Already exists', id: 'ffffffffffff' },
        { status: 'Pulling fs layer', id, progressDetail: {} },
        { status: 'Downloading', id, progressDetail: { current: 5, total: 10 } },
        { status: 'Download complete', id, progressDetail: {} },
        { status: 'Pull complete', id, progressDetail: {} },
      ],
    },
    'GET /images/r.example/a:1/json': { send: [{ Id: `sha256:${'b'.repeat(64)}` }] },
  });
  const { events, emit } = recorder();
  await engine.pull('r.example/a:1', { emit });
  expect(events.map(({ type, done, total, detail }) => [type, done, total, detail])).toEqual([
    ['pull.start', undefined, undefined, undefined],
    ['pull.end', undefined, undefined, 'already there'],
    ['pull.start', undefined, undefined, undefined],
    ['pull.progress', 5, 10, undefined],
    ['pull.end', undefined, undefined, undefined],
  ]);
});

test('what a load reads is closed when the engine hangs up, and its own error is the one that is told', async () => {
  const { engine } = await fake({ 'POST /images/load': { status: 500, send: [{ message: 'full' }], early: true } });
  let closed = false;
  async function* endless(): AsyncGenerator<Buffer> {
    try {
      for (;;) yield Buffer.alloc(65536);
    } finally {
      closed = true;
    }
  }
  await expect(engine.load(endless(), io)).rejects.toMatchObject({ code: 'ENGINE_FAILED' });
  await expect.poll(() => closed).toBe(true);
  async function* broken(): AsyncGenerator<Buffer> {
    yield Buffer.alloc(10);
    throw new Error('my own');
  }
  const { engine: other } = await fake({});
  await expect(other.load(broken(), io)).rejects.toThrow('my own');
});

test('an engine whose uploaded context gets lost builds in the classic way', async () => {
  const id = `sha256:${'c'.repeat(64)}`;
  const { engine, requests } = await fake({
    'POST /build': ({ query }) =>
      query.get('version') === '2'
        ? { send: [{ error: 'failed to solve: failed to read downloaded context: failed to load cache key' }] }
        : { send: [{ stream: 'Step 1/1 : FROM scratch' }, { aux: { ID: id } }] },
    [`GET /images/${id}/json`]: { send: [{ Id: id }] },
  });
  expect(await engine.build(contextWith('FROM scratch\n'), io)).toMatchObject({ id });
  expect(requests.map(({ path, query }) => [path, query.get('version')])).toContainEqual(['/build', '2']);
  await expect(engine.build({ ...contextWith('FROM scratch\n'), protocol: 'buildkit' }, io)).rejects.toMatchObject({
    code: 'BUILD_FAILED',
  });
});

test.each([
  { send: [{ error: 'it broke' }] },
  { status: 500, send: [{ message: 'it broke' }] },
  { send: [{ status: 'on the way' }], after: 'cut' },
] satisfies FakeAnswer[])('the session of a build that fails is closed: %j', async (answer) => {
  const before = process.getActiveResourcesInfo();
  const server = await fake({ 'POST /build': answer });
  const source = { ...contextWith('FROM scratch\n'), protocol: 'buildkit', auth: [FROZEN] } as const;
  await expect(server.engine.build(source, io)).rejects.toThrow();
  const [session, build] = server.requests;
  expect(session).toMatchObject({ path: '/session', headers: { upgrade: 'h2c' } });
  expect(build?.query.get('session')).toBe(session?.headers['x-docker-expose-session-uuid']);
  await expect.poll(() => server.connections()).toBe(0);
  await server.stop();
  stops.pop();
  expect(openResources(before)).toEqual([]);
});

test('a build without credentials gets a session when a base asks for some, as Docker Hub does of everybody', async () => {
  const id = `sha256:${'d'.repeat(64)}`;
  const { engine, requests } = await fake({
    'POST /build': ({ query }) =>
      query.has('session')
        ? { send: [{ id: 'moby.image.id', aux: { ID: id } }] }
        : { send: [{ error: 'failed to authorize: no active sessions' }] },
    [`GET /images/${id}/json`]: { send: [{ Id: id }] },
  });
  expect(await engine.build(contextWith('FROM scratch\n'), io)).toMatchObject({ id });
  expect(requests.map(({ path }) => path)).toEqual(['/build', '/session', '/build', `/images/${id}/json`]);
});

test('the context of a build that the engine refuses early is closed', async () => {
  const { engine } = await fake({ 'POST /build': { status: 500, send: [{ message: 'full' }], early: true } });
  const source = contextWith('FROM scratch\n', { big: 'x'.repeat(20_000_000) });
  await expect(engine.build({ ...source, protocol: 'classic' }, io)).rejects.toThrow('full');
  const open = (): string[] =>
    readdirSync('/proc/self/fd').flatMap((fd) => {
      const target = existsSync(`/proc/self/fd/${fd}`) ? readlinkSync(`/proc/self/fd/${fd}`) : '';
      return target.startsWith(source.context) ? [target] : [];
    });
  await expect.poll(open).toEqual([]);
});

test('reading a saved image half ends the transfer', async () => {
  const server = await fake({ 'GET /images/a:1/get': { send: ['x'.repeat(100_000)], after: 'hang' } });
  for await (const chunk of server.engine.save('a:1', io)) {
    expect(chunk.byteLength).toBeGreaterThan(0);
    break;
  }
  await expect.poll(() => server.connections()).toBe(0);
  await expect(server.engine.save('none', io).next()).rejects.toMatchObject({ code: 'IMAGE_NOT_BUILT' });
  const cut = await fake({ 'GET /images/a:1/get': { send: ['x'.repeat(1_000)], after: 'cut' } });
  const reading = (async () => {
    for await (const _ of cut.engine.save('a:1', io));
  })();
  await expect(reading).rejects.toMatchObject({ code: 'ENGINE_FAILED' });
});
