import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ProgressEvent, sha256 } from '@baton/kernel';
import {
  connectRegistry,
  encodeDocument,
  openStore,
  parsePlatform,
  type RegistryClient,
  writeLayoutIndex,
} from '@baton/oci';
import { startRegistryServer, type TestRegistry, temporaryDirectory } from '@baton/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { resolveBase } from './base.ts';
import { makeImage, makeIndex, noPieces, type Pieces } from './base-image.fixture.ts';
import type { SourceIo } from './layers/resolved-layer.ts';
import { emptyLock, type LockFile } from './lock-file.ts';

const both = ['linux/amd64', 'linux/arm64'].map(parsePlatform);
const never = (): never => {
  throw new Error('no registry may be asked');
};

function place() {
  const dir = temporaryDirectory();
  const events: ProgressEvent[] = [];
  const emit = (event: ProgressEvent): void => void events.push(event);
  const io: SourceIo = { emit, cacheDir: join(dir, 'cache'), env: {}, epoch: 0, locked: false };
  return { project: { dir, root: dir }, io, dir, events };
}

test('scratch is nothing', async () => {
  const { project, io } = place();
  const base = await resolveBase(project, 'scratch', both, emptyLock(), io, never);
  expect(base).toEqual({
    title: 'scratch',
    platforms: new Map(),
    blobs: { kind: 'none' },
    materials: [],
    stampInputs: [],
    notes: [],
  });
});

describe('a base in a layout', () => {
  async function layout(dir: string, fill: (pieces: Pieces) => ReturnType<typeof makeImage>[]): Promise<Pieces> {
    const pieces = noPieces();
    const store = openStore(dir);
    const tops = fill(pieces);
    for (const bytes of pieces.blobs.values()) await store.add(bytes);
    for (const { bytes } of pieces.documents.values()) await store.add(bytes);
    await writeLayoutIndex(dir, tops);
    return pieces;
  }

  test('is read where it is, named by its digest, and stamped by its index', async () => {
    const { project, io, dir, events } = place();
    const out = join(dir, 'base/dist/image');
    let top = '';
    await layout(out, (pieces) => {
      const index = makeIndex(pieces, [makeImage(pieces, 'linux/amd64'), makeImage(pieces, 'linux/arm64')]);
      top = index.digest;
      return [index];
    });
    const base = await resolveBase(project, { layout: 'base/dist/image' }, both, emptyLock(), io, never);
    expect(base).toMatchObject({
      title: 'base/dist/image',
      blobs: { kind: 'layout', dir: out },
      materials: [{ name: 'base/dist/image', digest: { sha256: top.slice(7) }, role: 'base' }],
      stampInputs: [join(out, 'index.json')],
    });
    expect([...base.platforms.keys()]).toEqual(['linux/amd64', 'linux/arm64']);
    expect(events.map((e) => e.type)).toEqual(['base.resolved']);
  });

  test('with one manifest per platform is named by the list of them', async () => {
    const { project, io, dir } = place();
    await layout(join(dir, 'b'), (pieces) => [makeImage(pieces, 'linux/amd64'), makeImage(pieces, 'linux/arm64')]);
    const base = await resolveBase(project, { layout: 'b' }, both, emptyLock(), io, never);
    expect(base.platforms.size).toBe(2);
    expect(base.materials[0]?.digest.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  test('that has not been built is BASE_NOT_FOUND and says how to build it', async () => {
    const { project, io } = place();
    await expect(
      resolveBase(project, { layout: '../base/dist/image' }, both, emptyLock(), io, never),
    ).rejects.toMatchObject({
      code: 'BASE_NOT_FOUND',
      message: expect.stringContaining('the base ../base/dist/image has not been built'),
      hint: expect.stringContaining('baton image build'),
    });
  });

  test('that is sparse is BASE_NOT_FOUND and says how to make it whole', async () => {
    const { project, io, dir } = place();
    const pieces = await layout(join(dir, 'b'), (all) => [
      makeIndex(all, [makeImage(all, 'linux/amd64'), makeImage(all, 'linux/arm64')]),
    ]);
    const layer = [...pieces.blobs.keys()][0];
    if (layer === undefined) throw new Error('a layer expected');
    await rm(openStore(join(dir, 'b')).path(layer));
    await expect(resolveBase(project, { layout: 'b' }, both, emptyLock(), io, never)).rejects.toMatchObject({
      code: 'BASE_NOT_FOUND',
      hint: expect.stringContaining('baton image export'),
    });
  });

  test('that lacks a platform is PLATFORM_MISSING', async () => {
    const { project, io, dir } = place();
    await layout(join(dir, 'b'), (pieces) => [makeIndex(pieces, [makeImage(pieces, 'linux/amd64')])]);
    await expect(resolveBase(project, { layout: 'b' }, both, emptyLock(), io, never)).rejects.toMatchObject({
      code: 'PLATFORM_MISSING',
    });
  });
});

describe('a base in a registry', () => {
  let registry: TestRegistry;
  let clients: RegistryClient[] = [];
  const connect = (host: string): RegistryClient => {
    const client = connectRegistry(host);
    clients.push(client);
    return client;
  };
  beforeAll(async () => {
    registry = await startRegistryServer();
  });
  beforeEach(() => {
    registry.log.length = 0;
  });
  afterEach(() => {
    for (const client of clients) client.close();
    clients = [];
  });
  afterAll(() => registry.stop());

  async function push(repository: string, tag: string, text = 'layer') {
    const pieces = noPieces();
    const index = makeIndex(pieces, [
      makeImage(pieces, 'linux/amd64', { text }),
      makeImage(pieces, 'linux/arm64', { text }),
    ]);
    for (const bytes of pieces.blobs.values()) await registry.store.addBlob(repository, bytes);
    for (const [digest, { bytes, mediaType }] of pieces.documents)
      await registry.store.putManifest(repository, digest, bytes, mediaType);
    const { bytes, mediaType } = pieces.documents.get(index.digest) ?? { bytes: Buffer.alloc(0), mediaType: '' };
    await registry.store.putManifest(repository, tag, bytes, mediaType);
    return { index, pieces };
  }
  const asked = (): string[] =>
    registry.log.map((r) => `${r.method} ${r.path.replace(/sha256:[0-9a-f]{64}/, 'DIGEST')}`);

  test('pinned by digest costs indexes, manifests and configs once, and no layer ever', async () => {
    const { index } = await push('team/base', '1.0');
    const { project, io } = place();
    const ref = `${registry.host}/team/base:1.0@${index.digest}`;
    const base = await resolveBase(project, { ref }, both, emptyLock(), io, connect);
    expect(base).toMatchObject({
      title: ref,
      blobs: {
        kind: 'registry',
        reference: { registry: registry.host, repository: 'team/base', tag: '1.0', digest: index.digest },
      },
      materials: [{ name: ref, digest: { sha256: index.digest.slice(7) }, role: 'base' }],
      stampInputs: [],
    });
    expect(asked().sort()).toEqual([
      'GET /v2/team/base/blobs/DIGEST',
      'GET /v2/team/base/blobs/DIGEST',
      'GET /v2/team/base/manifests/DIGEST',
      'GET /v2/team/base/manifests/DIGEST',
      'GET /v2/team/base/manifests/DIGEST',
    ]);
    registry.log.length = 0;
    const again = await resolveBase(project, { ref }, both, emptyLock(), io, never);
    expect([again.title, again.materials, asked()]).toEqual([base.title, base.materials, []]);
    expect([...again.platforms]).toEqual([...base.platforms]);
  });

  test('by tag is the image that the lock says, whatever the tag says now', async () => {
    const { index } = await push('team/base', 'latest', 'old');
    await push('team/base', 'latest', 'new');
    const { project, io } = place();
    const text = `${registry.host}/team/base:latest`;
    const lock: LockFile = {
      ...emptyLock(),
      bases: { [text]: { digest: index.digest, mediaType: index.mediaType, platforms: [] } },
    };
    const base = await resolveBase(project, { ref: text }, both, lock, io, connect);
    expect(base.title).toBe(`${text}@${index.digest}`);
    await expect(resolveBase(project, { ref: text }, both, emptyLock(), io, never)).rejects.toMatchObject({
      code: 'LOCK_MISSING',
      message: expect.stringContaining(text),
      hint: expect.stringContaining('baton image lock'),
    });
  });

  test('may be a single manifest', async () => {
    const { pieces } = await push('team/single', 'x');
    const [digest] = [...pieces.documents.keys()];
    const { project, io } = place();
    const base = await resolveBase(
      project,
      { ref: `${registry.host}/team/single@${digest}` },
      both.slice(0, 1),
      emptyLock(),
      io,
      connect,
    );
    expect([...base.platforms.keys()]).toEqual(['linux/amd64']);
  });

  test('that is gone is BASE_NOT_FOUND; one that cannot be asked keeps its own code', async () => {
    const { project, io } = place();
    const digest = sha256('nothing');
    await expect(
      resolveBase(project, { ref: `${registry.host}/team/base@${digest}` }, both, emptyLock(), io, connect),
    ).rejects.toMatchObject({
      code: 'BASE_NOT_FOUND',
      message: expect.stringContaining(digest),
    });
    registry.inject(
      { method: 'GET' },
      { kind: 'status', status: 403, body: '{"errors":[{"code":"DENIED"}]}' },
      { times: 5 },
    );
    await expect(
      resolveBase(project, { ref: `${registry.host}/team/base@${digest}` }, both, emptyLock(), io, connect),
    ).rejects.toMatchObject({
      code: expect.stringMatching(/^(AUTH_DENIED|REGISTRY_REJECTED)$/),
    });
    registry.clearFaults();
  });

  test('whose cached copy is damaged is fetched again', async () => {
    const { index } = await push('team/base', 'again', 'again');
    const { project, io } = place();
    const ref = `${registry.host}/team/base@${index.digest}`;
    await resolveBase(project, { ref }, both, emptyLock(), io, connect);
    await writeFile(openStore(join(io.cacheDir, 'v1/bases')).path(index.digest), encodeDocument({ damaged: true }));
    const base = await resolveBase(project, { ref }, both, emptyLock(), io, connect);
    expect(base.platforms.size).toBe(2);
  });
});
