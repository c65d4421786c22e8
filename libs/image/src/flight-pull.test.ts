import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Digest, type ProgressEvent, sha256 } from '@baton/kernel';
import { openStore, parseReference } from '@baton/oci';
import {
  type NodeChildOptions,
  noise,
  runNode,
  startRegistryServer,
  type TestRegistry,
  temporaryDirectory,
} from '@baton/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buildImage } from './build-image.ts';
import { exportImage } from './export-image.ts';
import { pullBlob } from './flight-pull.ts';
import { lockImage } from './lock-image.ts';
import { imageExportOptions } from './options.ts';
import { buildOptions, publishOptions, TWO_PLATFORMS, testProject } from './project.fixture.ts';
import { publishImage } from './publish-image.ts';

const CHILD = fileURLToPath(new URL('./pull.fixture.ts', import.meta.url));
const MiB = 1024 * 1024;

interface Blob {
  bytes: Buffer;
  digest: Digest;
  size: number;
}

let registry: TestRegistry;
let cacheDir: string;
beforeEach(async () => {
  registry = await startRegistryServer();
  cacheDir = temporaryDirectory('cache');
});
afterEach(() => registry.stop());

async function blobOf(size: number, seed: number): Promise<Blob> {
  const bytes = noise(size, seed);
  await registry.store.addBlob('acme/base', bytes);
  return { bytes, digest: sha256(bytes), size };
}

const start = (blobs: Blob[], options: NodeChildOptions = {}) =>
  runNode(
    CHILD,
    [cacheDir, `${registry.host}/acme/base`, ...blobs.map(({ digest, size }) => `${digest}:${size}`)],
    options,
  );

const linesOf = (stdout: Buffer): (ProgressEvent & { code?: string })[] =>
  stdout
    .toString()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as ProgressEvent);

const gets = (): string[] =>
  registry.log.filter(({ method }) => method === 'GET').map(({ path }) => path.split('/').at(-1) ?? '');

const partSize = (): number => {
  const folder = join(cacheDir, 'parts');
  const [name] = existsSync(folder) ? readdirSync(folder) : [];
  return name === undefined ? 0 : statSync(join(folder, name)).size;
};

test('eight processes fetch each blob once', async () => {
  const large = await blobOf(2 * MiB, 2);
  const blobs = [await blobOf(300_000, 1), large, await blobOf(10, 3)];
  registry.inject({ path: large.digest }, { kind: 'slow', chunk: 256 * 1024, pause: 20 });
  const ends = await Promise.all(Array.from({ length: 8 }, () => start(blobs)));
  expect(ends.map(({ code, stderr }) => [code, stderr.toString()])).toEqual(Array(8).fill([0, '']));
  expect(gets().sort()).toEqual(blobs.map(({ digest }) => digest).sort());
  for (const { digest, bytes } of blobs)
    expect(readFileSync(openStore(cacheDir).path(digest)).equals(bytes)).toBe(true);
  expect(readdirSync(join(cacheDir, 'parts'))).toEqual([]);
});

test('one who comes late sees how far it is', async () => {
  const blob = await blobOf(4 * MiB, 1);
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  registry.inject({ method: 'GET' }, { kind: 'stall', bytes: 3 * MiB });
  const store = openStore(cacheDir);
  const io = { cacheDir, env: {} };
  const from = { reference: parseReference(`${registry.host}/acme/base`) };
  const going = new AbortController();
  const first = pullBlob(from, blob, store, { ...io, emit: () => undefined, shutdown: going.signal });
  first.catch(() => undefined);
  while (partSize() < 3 * MiB) await sleep(5);
  const events: ProgressEvent[] = [];
  const second = pullBlob(from, blob, store, {
    ...io,
    emit: (event) => {
      events.push(event);
      if (event.type === 'download.progress') open();
    },
  });
  await opened;
  const label = `base layer ${blob.digest.slice(0, 19)}`;
  const work = { id: blob.digest, label, total: blob.size, unit: 'bytes' };
  expect(events.filter(({ type }) => type !== 'note')).toEqual([
    { type: 'download.start', ...work },
    { type: 'download.progress', ...work, done: expect.any(Number) },
  ]);
  expect(events.at(-1)?.done).toBeGreaterThanOrEqual(2 * MiB);
  // The first one's process goes away: the second takes over, and fetches what is missing.
  going.abort();
  await expect(first).rejects.toMatchObject({ code: 'INTERRUPTED' });
  await second;
  expect(registry.log.map(({ headers }) => headers.range)).toEqual([undefined, `bytes=${3 * MiB}-`]);
  expect(events.at(-1)).toEqual({ type: 'download.end', ...work, done: blob.size });
});

test('after a SIGKILL it goes on behind what came: no byte is fetched twice', async () => {
  const blob = await blobOf(5 * MiB, 1);
  registry.inject({ method: 'GET' }, { kind: 'stall', bytes: 3 * MiB });
  const killed = new AbortController();
  const first = start([blob], { signal: killed.signal });
  first.catch(() => undefined);
  while (partSize() < 3 * MiB) await sleep(5);
  const second = start([blob]);
  killed.abort();
  await expect(first).rejects.toMatchObject({ code: 'INTERRUPTED' });
  expect((await second).code).toBe(0);
  expect(readFileSync(openStore(cacheDir).path(blob.digest)).equals(blob.bytes)).toBe(true);
  expect(registry.log.map(({ headers, status }) => [headers.range, status])).toEqual([
    [undefined, 200],
    [`bytes=${3 * MiB}-`, 206],
  ]);
});

test('a blob that the registry does not have is one error for all who wait, and is asked for again by the next', async () => {
  const blob = { bytes: Buffer.alloc(0), digest: sha256('never'), size: 5 };
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  registry.inject({ path: blob.digest }, { kind: 'after', run: () => opened });
  const waiting = new Set<number>();
  const ends = await Promise.all(
    [1, 2, 3, 4].map(async (n) => {
      const chunks: Buffer[] = [];
      const onStdout = (chunk: Buffer): void => {
        chunks.push(chunk);
        if (Buffer.concat(chunks).includes('waiting for it')) waiting.add(n);
        if (waiting.size === 3) open();
      };
      const { code } = await start([blob], { onStdout });
      return { code, last: linesOf(Buffer.concat(chunks)).at(-1) };
    }),
  );
  expect(gets()).toHaveLength(1);
  for (const end of ends) expect(end).toMatchObject({ code: 1, last: { code: 'IMAGE_NOT_FOUND' } });
  await start([blob]);
  expect(gets()).toHaveLength(2);
});

describe('the base of several projects', () => {
  test('is fetched once: its documents by their builds, its layers by their exports', async () => {
    const base = await testProject({ ...TWO_PLATFORMS, repository: `${registry.host}/acme/base`, tags: ['one'] });
    await publishImage(await base.load(), publishOptions({ build: true }), base.io);
    const projects = await Promise.all(
      [1, 2, 3, 4].map(async (n) => {
        const files = {
          layers: [{ from: 'own.txt', to: '/app/own.txt' }],
          base: { ref: `${registry.host}/acme/base:one` },
        };
        const project = await testProject(files);
        await project.write({ 'own.txt': `project ${n}` });
        await lockImage(await project.load(), { check: false }, project.io);
        return { ...project, io: { ...project.io, cacheDir } };
      }),
    );
    registry.log.length = 0;
    await Promise.all(projects.map(async ({ load, io }) => await buildImage(await load(), buildOptions(), io)));
    await Promise.all(
      projects.map(async ({ load, io }) => {
        const to = join(temporaryDirectory('export'), 'out');
        await exportImage(await load(), imageExportOptions.parse({ to, format: 'layout' }), io);
      }),
    );
    const fetched = gets();
    // Index, manifest, config and two layers.
    expect(fetched).toHaveLength(5);
    expect(new Set(fetched).size).toBe(5);
    for (const digest of fetched) expect(digest).toMatch(/^sha256:/);
  });
});
