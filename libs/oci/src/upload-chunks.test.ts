import { spawn } from 'node:child_process';
import { sha256 } from '@baton/kernel';
import {
  collect,
  type FaultAction,
  fixedCredentials,
  instantWaits,
  needs,
  noise,
  startDockerRegistry,
  startRegistryServer,
  streamOf,
  type TestRegistry,
  type TestRegistryOptions,
  tinyImage,
} from '@baton/testkit';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { encodeDocument } from './manifest.ts';
import { connectRegistry, type RegistryOptions } from './registry-client.ts';
import { parseUploadRange } from './upload-chunks.ts';

const MIB = 1024 * 1024;
const bytes = noise(1_000_000);
const blob = { digest: sha256(bytes), size: bytes.byteLength };
const CHUNKS = { above: 500_000, size: 300_000 };

function connect(host: string, options: RegistryOptions = {}) {
  const client = connectRegistry(host, {
    credentials: fixedCredentials(),
    waits: instantWaits(),
    chunks: CHUNKS,
    ...options,
  });
  onTestFinished(() => client.close());
  return client;
}

async function setUp(options: TestRegistryOptions = {}, clientOptions: RegistryOptions = {}) {
  const registry = await startRegistryServer(options);
  onTestFinished(() => registry.stop());
  const client = connect(registry.host, clientOptions);
  const opened: number[] = [];
  const source = {
    open: () => {
      opened.push(0);
      return streamOf(bytes)();
    },
    openAt: (offset: number) => {
      opened.push(offset);
      return streamOf(bytes.subarray(offset))();
    },
  };
  const upload = () => client.putBlob('acme/app', blob, source.open);
  const uploadAt = () => client.putBlob('acme/app', blob, source.open, { openAt: source.openAt });
  const stored = async () => (await collect(registry.store.streamBlob(blob.digest, 0))).equals(bytes);
  return { registry, client, opened, upload, uploadAt, stored };
}

const steps = ({ log }: TestRegistry): string[] =>
  log.map(({ method, status, headers }) =>
    [method, headers['content-range'], status].filter((x) => x !== undefined).join(' '),
  );
const PLAIN = [
  'POST 202',
  'PATCH 0-299999 202',
  'PATCH 300000-599999 202',
  'PATCH 600000-899999 202',
  'PATCH 900000-999999 202',
  'PUT 201',
];

test('a large blob goes in chunks, in one reading; a smaller one in one PUT', async () => {
  const { registry, client, upload, opened, stored } = await setUp();
  const sent: number[] = [];
  await client.putBlob('acme/app', blob, streamOf(bytes), { onProgress: (n) => void sent.push(n) });
  expect(steps(registry)).toEqual(PLAIN);
  expect([sent.at(-1), sent.toSorted((a, b) => a - b)]).toEqual([blob.size, sent]);
  await upload();
  expect([opened, await stored()]).toEqual([[0], true]);
  registry.log.length = 0;
  const small = noise(500_000, 2);
  await client.putBlob('acme/app', { digest: sha256(small), size: small.byteLength }, streamOf(small));
  expect(steps(registry)).toEqual(['POST 202', 'PUT 201']);
});

test.each([
  ['from the source at that offset', true, [0, 300_000 + 2 * 65_536]],
  ['by reading it again', false, [0, 0]],
] as const)('after a break in a chunk it goes on behind what has arrived, %s', async (_, offset, expected) => {
  const { registry, upload, uploadAt, opened, stored } = await setUp();
  registry.inject({ method: 'PATCH' }, { kind: 'reset', when: 'request', bytes: 200_000 }, { skip: 1 });
  await (offset ? uploadAt() : upload());
  const seen = steps(registry);
  expect([seen[2], seen[3]]).toEqual(['PATCH 300000-599999 0', 'GET 204']);
  const [start] = /\d+/.exec(seen[4] ?? '') ?? [];
  expect(Number(start)).toBeGreaterThan(300_000);
  expect(seen.filter((step) => step.startsWith('POST'))).toHaveLength(1);
  expect(opened).toHaveLength(expected.length);
  expect(await stored()).toBe(true);
  expect(opened[1]).toBe(offset ? Number(start) : 0);
});

test.each([
  ['before a chunk', 'PATCH', { kind: 'reset', when: 'before' }],
  ['after a chunk whose answer was lost', 'PATCH', { kind: 'reset', when: 'after' }],
  ['before the end', 'PUT', { kind: 'reset', when: 'before' }],
  ['with a 503', 'PATCH', { kind: 'status', status: 503 }],
  ['while asking', 'PATCH', { kind: 'reset', when: 'request', bytes: 100 }],
] as const)('a break %s costs no new session', async (_, method, fault) => {
  const { registry, upload, stored } = await setUp();
  registry.inject({ method }, fault);
  registry.inject({ method: 'GET' }, { kind: 'reset', when: 'before' });
  expect(await upload()).toBe('uploaded');
  expect(steps(registry).filter((step) => step.startsWith('POST'))).toHaveLength(1);
  expect([await stored(), registry.pendingFaults()]).toEqual([true, 0]);
});

test('an end whose answer was lost is found to be done', async () => {
  const { registry, upload } = await setUp();
  registry.inject({ method: 'PUT' }, { kind: 'reset', when: 'after' });
  expect(await upload()).toBe('uploaded');
  expect(steps(registry).slice(PLAIN.length - 1)).toEqual(['PUT 0', 'GET 404', 'HEAD 200']);
});

test('many breaks are survived as long as there is progress', async () => {
  const large = noise(20 * MIB, 3);
  const { registry, client } = await setUp({}, { chunks: { above: MIB, size: 4 * MIB } });
  registry.inject({ method: 'PATCH' }, { kind: 'reset', when: 'request', bytes: 2 * MIB }, { times: 9 });
  await client.putBlob('acme/app', { digest: sha256(large), size: large.byteLength }, streamOf(large));
  expect(client.stats.retries).toBe(9);
  registry.inject({ method: 'PATCH' }, { kind: 'reset', when: 'before' }, { times: 99 });
  const other = noise(2 * MIB, 4);
  const work = client.putBlob('acme/app', { digest: sha256(other), size: other.byteLength }, streamOf(other));
  await expect(work).rejects.toMatchObject({ code: 'REGISTRY_UNREACHABLE' });
});

test('a PUT of one large blob that broke in the middle is gone on with in chunks', async () => {
  const large = noise(5 * MIB, 5);
  const { registry, client } = await setUp({}, { chunks: {} });
  registry.inject({ method: 'PUT' }, { kind: 'reset', when: 'request', bytes: 3 * MIB });
  const sent: number[] = [];
  const onProgress = (n: number) => void sent.push(n);
  await client.putBlob('acme/app', { digest: sha256(large), size: large.byteLength }, streamOf(large), { onProgress });
  const seen = steps(registry);
  expect(seen.map((step) => step.split(' ')[0])).toEqual(['POST', 'PUT', 'GET', 'PATCH', 'PUT']);
  expect(Number(/\d+/.exec(seen[3] ?? '')?.[0])).toBeGreaterThan(2 * MIB);
  expect(sent.at(-1)).toBe(large.byteLength);
  expect(client.stats.sent).toBeLessThan(1.7 * large.byteLength);
});

test('the least length of a chunk is kept', async () => {
  const { registry, upload, stored } = await setUp({ chunkMinLength: 400_000 });
  await upload();
  expect(steps(registry).slice(1, -1)).toEqual([
    'PATCH 0-399999 202',
    'PATCH 400000-799999 202',
    'PATCH 800000-999999 202',
  ]);
  expect(await stored()).toBe(true);
});

test('chunks, and the whole, that a proxy finds too large are sent in smaller parts', async () => {
  const large = noise(6 * MIB, 6);
  for (const chunks of [{}, { above: MIB, size: 5 * MIB }]) {
    const { registry, client } = await setUp({ bodyLimit: 1.5 * MIB }, { chunks });
    await client.putBlob('acme/app', { digest: sha256(large), size: large.byteLength }, streamOf(large));
    expect(steps(registry)).toContain(
      'PATCH 0-1310719 202'.replace('1310719', chunks.size === undefined ? '1572863' : '1310719'),
    );
    expect(client.stats.retries).toBe(0);
  }
  const { registry, client } = await setUp({ bodyLimit: 1000 }, { chunks: {} });
  const work = client.putBlob('acme/app', { digest: sha256(large), size: large.byteLength }, streamOf(large));
  await expect(work).rejects.toMatchObject({ code: 'REGISTRY_REJECTED', details: { status: 413 } });
  expect(registry.log.length).toBeLessThan(20);
});

const range = (value: string | undefined): FaultAction => ({ kind: 'headers', headers: { Range: value } });
test.each([
  ['more than was sent', 'PATCH', range('0-999999')],
  ['nothing', 'PATCH', range('0-0')],
  ['more than was sent, when asked', 'GET', range('0-999999999')],
  ['nonsense, when asked', 'GET', range('10-20')],
  ['a part of it, when asked, and lies', 'GET', range('0-399999')],
  ['that it is not asked such things', 'GET', { kind: 'status', status: 405 }],
  ['not found, when asked', 'GET', { kind: 'lose-session' }],
] as const)('a registry that says it has %s gets the blob anew', async (_, method, fault) => {
  const { registry, upload, stored } = await setUp();
  if (method === 'GET')
    registry.inject({ method: 'PATCH' }, { kind: 'reset', when: 'request', bytes: 200_000 }, { skip: 1 });
  registry.inject({ method }, fault);
  expect(await upload()).toBe('uploaded');
  expect([await stored(), registry.pendingFaults()]).toEqual([true, 0]);
  expect(steps(registry).filter((step) => step.startsWith('POST'))).toHaveLength(2);
});

test('what cannot have arrived is not built upon: the session is left alone', async () => {
  const { registry, upload } = await setUp();
  registry.inject({ method: 'PATCH' }, { kind: 'reset', when: 'request', bytes: 200_000 }, { skip: 1 });
  registry.inject({ method: 'GET' }, range('0-999999'));
  await upload();
  expect(steps(registry).slice(3)).toEqual(['GET 204', 'HEAD 404', 'POST 202', 'PUT 201']);
});

test('an answer without Range and Location means that all is well', async () => {
  const { registry, upload, stored } = await setUp();
  registry.inject(
    { method: 'PATCH' },
    { kind: 'headers', headers: { Range: undefined, Location: undefined } },
    { times: 9 },
  );
  await upload();
  expect([steps(registry), await stored()]).toEqual([PLAIN, true]);
});

test('a lost session begins anew twice, then UPLOAD_LOST', async () => {
  const { registry, upload, stored } = await setUp();
  registry.inject({ method: 'PATCH' }, { kind: 'lose-session' }, { skip: 2, times: 2 });
  await upload();
  expect(await stored()).toBe(true);
  const again = await setUp();
  again.registry.inject({ method: 'PATCH' }, { kind: 'lose-session' }, { times: 9 });
  await expect(again.upload()).rejects.toMatchObject({ code: 'UPLOAD_LOST', details: { lost: 3 } });
});

test('sessions that a restarted registry forgot, in the middle of a chunk', async () => {
  const { registry, upload, stored } = await setUp();
  registry.inject({ method: 'PATCH' }, { kind: 'after', run: () => registry.store.dropUploads() }, { skip: 2 });
  registry.inject({ method: 'PATCH' }, { kind: 'reset', when: 'request', bytes: 100_000 }, { skip: 4 });
  await upload();
  expect([await stored(), registry.pendingFaults()]).toEqual([true, 0]);
});

test('an expired token in the middle', async () => {
  const user = { username: 'robot', password: 'password-canary' };
  const { registry, client } = await setUp(
    { auth: { scheme: 'bearer', ...user } },
    { credentials: fixedCredentials(user) },
  );
  registry.inject({ method: 'PATCH' }, { kind: 'after', run: () => registry.expireTokens() }, { skip: 1 });
  registry.inject({ method: 'PUT' }, { kind: 'after', run: () => registry.expireTokens() });
  expect(await client.putBlob('acme/app', blob, streamOf(bytes))).toBe('uploaded');
  expect(client.stats.retries).toBe(0);
});

test('a source with too few or other bytes is DIGEST_MISMATCH', async () => {
  const { client } = await setUp();
  const short = client.putBlob('acme/app', blob, streamOf(bytes.subarray(0, 700_000)));
  await expect(short).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
  const long = client.putBlob('acme/app', { ...blob, size: 900_000 }, streamOf(bytes));
  await expect(long).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
  const other = client.putBlob('acme/app', blob, streamOf(noise(blob.size, 9)));
  await expect(other).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
});

test('the habits of crane: 204 to PATCH, a Location of the upload at the end, no question', async () => {
  const { registry, upload, stored } = await setUp({ answers: 'crane' });
  await upload();
  expect([steps(registry), await stored()]).toEqual([
    PLAIN.map((step) => step.replace(/(PATCH .*)202/, '$1204')),
    true,
  ]);
  const broken = await setUp({ answers: 'crane' });
  broken.registry.inject({ method: 'PATCH' }, { kind: 'reset', when: 'request', bytes: 100_000 });
  await broken.upload();
  expect(await broken.stored()).toBe(true);
});

test('random breaks: what is stored is what was sent', async () => {
  const place = fc.record({
    method: fc.constantFrom('PATCH', 'PUT', 'GET', 'POST'),
    skip: fc.nat(3),
    fault: fc.oneof(
      fc.record({ kind: fc.constant('reset' as const), when: fc.constantFrom('before' as const, 'after' as const) }),
      fc.record({ kind: fc.constant('reset' as const), when: fc.constant('request' as const), bytes: fc.nat(300_000) }),
      fc.constant({ kind: 'status' as const, status: 502 }),
      fc.constant({ kind: 'lose-session' as const }),
    ),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(place, { maxLength: 4 }), fc.boolean(), async (places, at) => {
      const { registry, upload, uploadAt, stored, client } = await setUp({}, { retries: 9 });
      for (const { method, fault, skip } of places) registry.inject({ method }, fault, { skip });
      const outcome = await (at ? uploadAt() : upload()).catch((error: unknown) => error);
      if (outcome !== 'uploaded') expect(outcome).toMatchObject({ code: 'UPLOAD_LOST' });
      else expect(await stored()).toBe(true);
      client.close();
      await registry.stop();
    }),
    { numRuns: 30 },
  );
});

needs('docker-registry')('distribution 2.8 takes chunks; after a break it is gone on with or begun anew', async () => {
  const real = await startDockerRegistry();
  onTestFinished(() => real.stop());
  const waits = { random: Math.random, sleep: () => new Promise<void>((resolve) => setTimeout(resolve, 100)) };
  const plain = connect(real.host, { retries: 100, waits });
  expect(await plain.putBlob('acme/app', blob, streamOf(bytes))).toBe('uploaded');
  expect(plain.stats.requests).toBe(6);
  expect((await collect(plain.getBlob('acme/app', blob))).equals(bytes)).toBe(true);
  // A source that ends its own connection's process is not needed: the registry itself is restarted.
  const other = noise(1_000_000, 8);
  const second = { digest: sha256(other), size: other.byteLength };
  let restarted = false;
  async function* restarting() {
    yield other.subarray(0, 700_000);
    if (!restarted) {
      restarted = true;
      await real.restart();
    }
    yield other.subarray(700_000);
  }
  expect(await plain.putBlob('acme/app', second, restarting)).toBe('uploaded');
  expect((await collect(plain.getBlob('acme/app', second))).equals(other)).toBe(true);
});

/** crane's own registry, which ends with the test. */
async function startCrane(): Promise<string> {
  const child = spawn('crane', ['registry', 'serve', '--address', '127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return await new Promise((resolve, reject) => {
    let said = '';
    const listen = (chunk: Buffer): void => {
      said += chunk.toString();
      const port = /serving on (?:port |\S*:)(\d+)/i.exec(said)?.[1];
      if (port !== undefined) resolve(`127.0.0.1:${port}`);
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.once('close', () => reject(new Error(`crane ended: ${said}`)));
  });
}

needs('crane')('crane’s registry takes chunks and the whole, and has no referrers but the tag', async () => {
  const client = connect(await startCrane());
  expect(await client.putBlob('acme/app', blob, streamOf(bytes))).toBe('uploaded');
  expect(client.stats.requests).toBe(6);
  expect((await collect(client.getBlob('acme/app', blob))).equals(bytes)).toBe(true);
  const image = tinyImage(noise(1000));
  for (const part of [image.config, image.layer]) await client.putBlob('acme/app', part, streamOf(part.bytes));
  await client.putManifest('acme/app', 'v1', image.manifest, image.mediaType);
  const subject = { mediaType: image.mediaType, digest: image.digest, size: image.manifest.byteLength };
  const about = encodeDocument({ ...JSON.parse(image.manifest.toString()), subject, artifactType: 'application/x' });
  const { by } = await client.putReferrer('acme/app', about, image.mediaType);
  const listed = await client.listReferrers('acme/app', image.digest);
  expect([listed.by, listed.descriptors.map(({ digest }) => digest)]).toEqual([by, [sha256(about)]]);
});

test('the Range of an upload session', () => {
  expect(['0-99', 'bytes=0-99', '0-0', '0--1', '1-9', '', 'x', '0-99999999999999999999'].map(parseUploadRange)).toEqual(
    [100, 100, 0, 0, undefined, undefined, undefined, undefined],
  );
  expect(parseUploadRange(undefined)).toBe(undefined);
  fc.assert(fc.property(fc.integer({ min: 1, max: 2 ** 48 }), (last) => parseUploadRange(`0-${last}`) === last + 1));
  fc.assert(
    fc.property(fc.string(), (text) => {
      const arrived = parseUploadRange(text);
      return arrived === undefined || (Number.isSafeInteger(arrived) && arrived >= 0);
    }),
  );
});
