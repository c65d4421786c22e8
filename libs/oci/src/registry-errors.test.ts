import { BatonError, type ProgressEvent, registerSecret, sha256 } from '@baton/kernel';
import {
  collect,
  type FaultAction,
  fixedCredentials,
  instantWaits,
  needs,
  startRegistryServer,
  streamOf,
  type TestRegistryOptions,
  testCertificate,
  tinyImage,
} from '@baton/testkit';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connectRegistry, type RegistryOptions } from './registry-client.ts';
import { clean } from './registry-errors.ts';

const user = { username: 'robot', password: 'password-canary' };

async function setUp(options: TestRegistryOptions = {}, clientOptions: RegistryOptions = {}) {
  const registry = await startRegistryServer(options);
  onTestFinished(() => registry.stop());
  const events: ProgressEvent[] = [];
  const waits = instantWaits();
  const client = connectRegistry(registry.host, {
    credentials: fixedCredentials(user),
    waits,
    emit: (event) => void events.push(event),
    ...clientOptions,
  });
  onTestFinished(() => client.close());
  return { registry, client, events, waits };
}

async function failureOf(work: Promise<unknown>): Promise<BatonError> {
  const error = await work.then(
    () => undefined,
    (e: unknown) => e,
  );
  if (error instanceof BatonError) return error;
  throw new Error(`expected a BatonError, found ${String(error)}`);
}

/** The error of a GET that is answered like this. */
async function answered(fault: Partial<Extract<FaultAction, { kind: 'status' }>> & { status: number }) {
  const { registry, client } = await setUp();
  registry.inject({}, { kind: 'status', ...fault }, { times: 10 });
  return await failureOf(client.getManifest('acme/app', 'v1'));
}

test('the first line stands alone', async () => {
  const error = await answered({ status: 400, body: '{"errors":[{"code":"NAME_INVALID","message":"bad name"}]}' });
  expect(error.message).toMatch(
    /^127\.0\.0\.1:\d+ answered with status 400 while reading manifest acme\/app:v1: NAME_INVALID: bad name$/,
  );
  expect(error.details).toMatchObject({ status: 400, registryCode: 'NAME_INVALID', registryMessage: 'bad name' });
});

test.each([
  ['empty', ''],
  ['HTML', '<html><body>secret-ish page</body></html>'],
  ['JSON of another shape', '{"errors":"no"}'],
  ['null', 'null'],
  ['a list', '[1,2]'],
  ['errors that are none', '{"errors":[null,7,{"code":7}]}'],
  ['broken JSON', '{"errors":['],
  ['huge', 'x'.repeat(5_000_000)],
  ['deep', `${'['.repeat(20_000)}`],
  ['binary', Buffer.from([0, 255, 254, 1])],
])('a body that is %s does no harm', async (_, body) => {
  const error = await answered({ status: 418, body });
  expect(error.code).toBe('REGISTRY_REJECTED');
  expect(error.message).toMatch(/answered with status 418 while reading manifest acme\/app:v1$/);
});

test('what a registry says is one clean line of at most 200 characters', async () => {
  const message = `a\u001b[31mred\nnew\u0000line \u202eevil ${'x'.repeat(500)}`;
  const error = await answered({ status: 400, body: JSON.stringify({ errors: [{ code: 'X', message }] }) });
  expect(error.message).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
  expect(error.message).toContain('X: a [31mred new line evil xxx');
  expect(String(error.details.registryMessage).length).toBe(200);
  registerSecret('registered-canary');
  // Cut after it was redacted: half a secret would be shown otherwise.
  expect(clean(`${'y'.repeat(190)} registered-canary`)).not.toContain('regist');
  const plain = await answered({ status: 400, headers: { 'Content-Type': 'text/plain' }, body: 'just\nwords' });
  expect(plain.message).toMatch(/: just words$/);
});

test('429: waits as it is told, then RATE_LIMITED', async () => {
  const { registry, client, waits, events } = await setUp();
  registry.inject({}, { kind: 'status', status: 429, headers: { 'Retry-After': '7' } });
  expect(await client.headManifest('acme/app', 'v1')).toBe(undefined);
  expect(waits.asked).toEqual([7000]);
  expect(events).toEqual([
    {
      type: 'retry',
      label: 'looking for manifest acme/app:v1',
      detail: 'status 429; try 2 of 5 in 7.0 s',
      data: { reason: 'status 429', attempt: 2, attempts: 5, delay: 7000 },
    },
  ]);
  registry.inject({}, { kind: 'status', status: 429, headers: { 'Retry-After': '3600' } });
  const error = await failureOf(client.headManifest('acme/app', 'v1'));
  expect([error.code, error.details.retryAfter, error.hint]).toEqual(['RATE_LIMITED', 3600, 'Try again in 3600 s.']);
  expect(waits.asked).toEqual([7000]);
});

test('5xx after all tries: an answer came, so it is REGISTRY_REJECTED and retryable', async () => {
  const error = await answered({ status: 503, headers: { 'Retry-After': '86400' } });
  expect([error.code, error.retryable]).toEqual(['REGISTRY_REJECTED', true]);
  expect(error.message).toContain('it asks to wait 86400 s');
});

test('401 and 403 with credentials, without, and unasked', async () => {
  const given = await setUp({ auth: { scheme: 'basic', ...user, allow: () => false } });
  const denied = await failureOf(given.client.getManifest('acme/app', 'v1'));
  expect([denied.code, denied.details.status]).toEqual(['AUTH_DENIED', 403]);
  expect(denied.message).toContain('refused the credentials from the credentials of this test');
  const none = await setUp({ auth: { scheme: 'basic', ...user } }, { credentials: fixedCredentials() });
  expect((await failureOf(none.client.getManifest('acme/app', 'v1'))).code).toBe('AUTH_MISSING');
  const unasked = await answered({ status: 403 });
  expect(unasked.code).toBe('AUTH_DENIED');
  expect(unasked.message).toContain('refused this without asking for credentials');
});

test('a host name that does not exist, in one line', async () => {
  const client = connectRegistry('nowhere.invalid', {
    credentials: fixedCredentials(),
    waits: instantWaits(),
    retries: 0,
  });
  onTestFinished(() => client.close());
  const error = await failureOf(client.ping());
  expect(error.code).toBe('REGISTRY_UNREACHABLE');
  expect(error.message).toMatch(/^no answer from nowhere\.invalid while asking whether it is a registry: /);
});

test('https to a registry that speaks http says so', async () => {
  const { registry } = await setUp();
  const client = connectRegistry(registry.host, {
    insecure: false,
    credentials: fixedCredentials(),
    waits: instantWaits(),
  });
  onTestFinished(() => client.close());
  const error = await failureOf(client.ping());
  expect([error.code, error.hint]).toEqual([
    'REGISTRY_UNREACHABLE',
    'The registry may speak plain http: set `insecure: true`.',
  ]);
});

test('a server that does not speak HTTP is REGISTRY_PROTOCOL', async () => {
  const { createServer } = await import('node:net');
  const server = createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const client = connectRegistry(`127.0.0.1:${port}`, { credentials: fixedCredentials(), waits: instantWaits() });
  onTestFinished(() => client.close());
  expect((await failureOf(client.ping())).code).toBe('REGISTRY_PROTOCOL');
});

needs('openssl').describe('TLS', () => {
  const connect = (host: string, options: RegistryOptions = {}) => {
    const waits = instantWaits();
    const client = connectRegistry(host, { credentials: fixedCredentials(user), insecure: false, waits, ...options });
    onTestFinished(() => client.close());
    return { client, waits };
  };

  test('a certificate that is not trusted is REGISTRY_UNREACHABLE at once, and names the remedy', async () => {
    const { registry } = await setUp({ tls: true });
    const { client, waits } = connect(registry.host);
    const error = await failureOf(client.ping());
    expect(error.code).toBe('REGISTRY_UNREACHABLE');
    expect(error.message).toContain('TLS: its certificate is self-signed and not trusted here');
    expect(error.hint).toMatch(/NODE_EXTRA_CA_CERTS or SSL_CERT_FILE/);
    expect([error.retryable, waits.asked]).toEqual([false, []]);
  });

  test('trusted by option and by SSL_CERT_FILE, with Bearer over https', async () => {
    const { registry } = await setUp({ tls: true, auth: { scheme: 'bearer', ...user } });
    const ca = registry.ca ?? '';
    expect(ca).toContain('BEGIN CERTIFICATE');
    const image = tinyImage();
    const { client } = connect(registry.host, { ca });
    await client.putBlob('acme/app', image.layer, streamOf(image.layer.bytes));
    expect((await collect(client.getBlob('acme/app', image.layer))).equals(image.layer.bytes)).toBe(true);
    const { temporaryDirectory, writeFiles } = await import('@baton/testkit');
    const directory = temporaryDirectory('ca');
    await writeFiles(directory, { 'ca.pem': ca });
    const before = process.env.SSL_CERT_FILE;
    onTestFinished(() => {
      if (before === undefined) delete process.env.SSL_CERT_FILE;
      else process.env.SSL_CERT_FILE = before;
    });
    process.env.SSL_CERT_FILE = `${directory}/ca.pem`;
    await connect(registry.host).client.ping();
    process.env.SSL_CERT_FILE = `${directory}/none.pem`;
    expect((await failureOf(connect(registry.host).client.ping())).code).toBe('FILE_UNREADABLE');
  });

  test('a certificate for another name', async () => {
    const names = 'DNS:other.example.com';
    const { registry } = await setUp({ tls: { names } });
    const { client } = connect(registry.host, { ca: testCertificate(names).cert });
    expect((await failureOf(client.ping())).message).toContain('TLS: its certificate is for another name');
  });

  test('http to a registry that speaks https is no answer', async () => {
    const { registry } = await setUp({ tls: true });
    const { client } = connect(registry.host, { insecure: true, retries: 0 });
    expect((await failureOf(client.ping())).code).toBe('REGISTRY_UNREACHABLE');
  });
});

describe('secrets stay out of messages and events', () => {
  const secrets = /canary|cGFzc3dvcmQ|test-token-/;
  const image = tinyImage();
  const faults: [string, FaultAction][] = [
    [
      'refused',
      {
        kind: 'status',
        status: 400,
        body: JSON.stringify({ errors: [{ code: 'X', message: `you sent ${user.password}` }] }),
      },
    ],
    ['forbidden', { kind: 'status', status: 403 }],
    ['busy', { kind: 'status', status: 503 }],
    ['broken', { kind: 'reset', when: 'before' }],
    ['lost', { kind: 'lose-session' }],
    [
      'elsewhere',
      { kind: 'headers', headers: { Location: 'http://127.0.0.1:9/up?_state=location-canary&sig=signature-canary' } },
    ],
    [
      'nowhere',
      { kind: 'headers', headers: { Location: 'ftp://robot:url-canary@127.0.0.1/up?token=location-canary' } },
    ],
  ];

  test.each(
    faults.flatMap(([name, fault]) => (['basic', 'bearer'] as const).map((scheme) => [name, scheme, fault] as const)),
  )('%s, %s', async (_, scheme, fault) => {
    const { registry, client, events } = await setUp({ auth: { scheme, ...user } });
    await client.headBlob('acme/app', image.layer.digest);
    registry.inject({}, fault, { times: 1000 });
    const errors = [
      await failureOf(client.putBlob('acme/app', image.layer, streamOf(image.layer.bytes))),
      await failureOf(client.getManifest('acme/app', 'v1')),
      await failureOf(collect(client.getBlob('acme/app', { digest: sha256('none'), size: 4 }))),
    ];
    for (const error of errors) {
      const printed = `${error.message} ${error.hint} ${JSON.stringify(error)} ${error.stack}`;
      expect(printed).not.toMatch(secrets);
      const causes = error.cause instanceof Error ? `${error.cause.message} ${error.cause.stack}` : '';
      expect(causes).not.toMatch(secrets);
    }
    expect(JSON.stringify(events)).not.toMatch(secrets);
  });
});
