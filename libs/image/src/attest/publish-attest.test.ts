import { rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseStatement } from '@baton/evidence';
import type { Digest } from '@baton/kernel';
import { connectRegistry, parseManifest } from '@baton/oci';
import { startRegistryServer, type TestRegistry } from '@baton/testkit';
import { afterEach, describe, expect, test } from 'vitest';
import { inspectImage } from '../inspect-image.ts';
import { planPublish } from '../plan-publish.ts';
import { baseLayout, publishOptions, type TestProject } from '../project.fixture.ts';
import { build, digestOfTag, publish, publishProject } from '../publish.fixture.ts';
import type { BuildResult } from '../types.ts';
import { testKey } from './keys.fixture.ts';
import type { SpdxDocument } from './spdx.ts';
import { spdxProblems } from './spdx-checks.fixture.ts';

let registry: TestRegistry;
afterEach(async () => {
  expect(registry.pendingFaults()).toBe(0);
  await registry.stop();
});

async function start(referrers: boolean, image: Record<string, unknown> = {}, key?: string): Promise<TestProject> {
  registry = await startRegistryServer({ referrers });
  const p = await publishProject(registry, { tags: ['{version}', 'latest'], ...image });
  if (key !== undefined) p.io.env = { ...p.io.env, BATON_SIGNING_KEY: key };
  return p;
}

const since = (n: number): string[] => registry.log.slice(n).map(({ method, path }) => `${method} ${path}`);
const writes = (n: number): string[] => since(n).filter((line) => !/^(HEAD|GET) /.test(line));

/** The statements that are attached to a digest, as `kind: type` by their predicate, and the layers that carry them. */
async function attachedTo(digest: Digest): Promise<{ type: string; mediaType: string; bytes: Buffer }[]> {
  const client = connectRegistry(registry.host);
  try {
    const { descriptors } = await client.listReferrers('acme/agent', digest);
    return await Promise.all(
      descriptors.map(async (descriptor) => {
        const { bytes } = await client.getManifest('acme/agent', descriptor.digest);
        const { artifactType, layers, subject, config } = parseManifest(bytes, 'test');
        expect(artifactType).toBe('application/vnd.in-toto+json');
        expect(config.mediaType).toBe('application/vnd.oci.empty.v1+json');
        expect(subject?.digest).toBe(digest);
        const [layer] = layers;
        if (layer === undefined) throw new Error('no layer');
        const content: Buffer[] = [];
        for await (const chunk of client.getBlob('acme/agent', layer)) content.push(chunk);
        const type = descriptor.annotations?.['in-toto.io/predicate-type'] ?? '';
        return { type, mediaType: layer.mediaType, bytes: Buffer.concat(content) };
      }),
    );
  } finally {
    client.close();
  }
}

describe.each([
  ['a registry that lists referrers', true],
  ['one that does not', false],
])('on %s', (_, referrers) => {
  test('a publish attaches the statement, an SBOM per platform and provenance', async () => {
    const p = await start(referrers);
    const built = await build(p, { release: '1.0.0' });
    const result = await publish(p, { release: '1.0.0' });
    expect(result.attached.map(({ kind, of, state, by }) => `${kind} ${of} ${state} ${by}`)).toEqual(
      ['statement index', 'sbom linux/amd64', 'sbom linux/arm64', 'provenance index'].map(
        (what) => `${what} attached ${referrers ? 'api' : 'tag'}`,
      ),
    );
    const onIndex = await attachedTo(built.index.digest);
    expect(onIndex.map(({ type }) => type).sort()).toEqual([
      'https://baton.dev/evidence/image/v1',
      'https://slsa.dev/provenance/v1',
    ]);
    const statement = onIndex.find(({ type }) => type.includes('evidence'))?.bytes ?? Buffer.alloc(0);
    expect(statement).toEqual(await readFile(built.statement));
    expect(parseStatement(statement, 'attached').predicate.result).toBe('built');
    for (const { manifest } of built.platforms) {
      const [sbom, ...more] = await attachedTo(manifest.digest);
      expect(more).toEqual([]);
      const { predicate, subject } = JSON.parse(sbom?.bytes.toString() ?? '') as {
        predicate: SpdxDocument;
        subject: { digest: { sha256: string } }[];
      };
      expect(`sha256:${subject[0]?.digest.sha256}`).toBe(manifest.digest);
      expect(spdxProblems(predicate)).toEqual([]);
    }
    // The index itself does not know of any of it.
    expect(await digestOfTag(registry, '1.0.0')).toBe(built.index.digest);
  });

  test.each([
    'none',
    'ed25519',
    'ecdsa',
  ] as const)('a second publish attaches nothing, with the key: %s', async (kind) => {
    const key = kind === 'none' ? undefined : (await testKey(kind)).private;
    const p = await start(referrers, {}, key);
    await publish(p, { build: true, release: '1.0.0' });
    const statement = await p.read('dist/evidence/publish.json');
    const before = registry.log.length;
    expect(await publish(p, { build: true, release: '1.0.0' })).toMatchObject({ unchanged: true });
    expect(since(before)).toEqual(['HEAD /v2/acme/agent/manifests/1.0.0']);
    const again = await publish(p, { release: '1.0.0', force: true });
    expect(again.unchanged).toBe(true);
    expect(again.attached.map(({ state }) => state)).toEqual(again.attached.map(() => 'present'));
    expect(again.attached).toHaveLength(kind === 'none' ? 4 : 5);
    expect(writes(before)).toEqual([]);
    expect(await p.read('dist/evidence/publish.json')).toEqual(statement);
  });

  test('they come after the index and before the first tag', async () => {
    const p = await start(referrers, {}, (await testKey('ed25519')).private);
    const built = await build(p, { release: '1.0.0' });
    await publish(p, { release: '1.0.0' });
    const puts = writes(0).filter((line) => line.includes('/manifests/'));
    const at = (part: string): number => puts.indexOf(`PUT /v2/acme/agent/manifests/${part}`);
    const mine = new Set([...built.platforms.map(({ manifest }) => manifest.digest), built.index.digest]);
    const attaching = puts
      .map((line, i) => ({ reference: line.slice(line.lastIndexOf('/') + 1), i }))
      .filter(({ reference }) => !mine.has(reference as Digest) && reference.startsWith('sha256'));
    // Four statements, cosign's three tags of attestations, one of the signature, and the lists where there are none.
    expect(attaching).toHaveLength(referrers ? 8 : 12);
    for (const { i } of attaching) {
      expect(i).toBeGreaterThan(at(built.index.digest));
      expect(i).toBeLessThan(at('1.0.0'));
    }
    expect(at('1.0.0')).toBeLessThan(at('latest'));
  });

  test('what an interrupted publish has not attached, the next one does, and no tag is there before', async () => {
    const key = (await testKey('ecdsa')).private;
    const p = await start(referrers, {}, key);
    const built = await build(p, { release: '1.0.0' });
    const mine = new Set<string>([...built.platforms.map(({ manifest }) => manifest.digest), built.index.digest]);
    // Every manifest that is about another one fails once, each in a run of its own.
    const total = referrers ? 8 : 12;
    for (let skip = 0; skip < total; skip += 1) {
      const repository = `${registry.host}/acme/agent-${skip}`;
      registry.inject(
        {
          method: 'PUT',
          path: new RegExp(`agent-${skip}/manifests/sha256(?!:(?:${[...mine].map((d) => d.slice(7)).join('|')})$)`),
        },
        { kind: 'status', status: 400 },
        { skip },
      );
      await expect(publish(p, { release: '1.0.0', repository })).rejects.toMatchObject({ code: 'REGISTRY_REJECTED' });
      expect(await registry.store.manifest(`acme/agent-${skip}`, '1.0.0')).toBeUndefined();
      const { attached } = await publish(p, { release: '1.0.0', repository });
      expect(attached).toHaveLength(5);
      const found = await inspectImage({ image: `${repository}:1.0.0`, key }, p.io);
      expect(found.attached.map((each) => each.signature)).toEqual(['valid', 'valid', 'valid', 'valid']);
      expect(found.signatures).toMatchObject([{ state: 'valid' }]);
      expect((await publish(p, { release: '1.0.0', repository, force: true })).unchanged).toBe(true);
    }
  });
});

describe('a plan', () => {
  test('says what would be attached to what, as plain data, and changes nothing', async () => {
    const { private: key, signer } = await testKey('ed25519');
    const p = await start(true, {}, key);
    const built = await build(p, { release: '1.0.0' });
    const plan = await planPublish(await p.load(), publishOptions({ release: '1.0.0' }), p.io);
    const [amd, arm] = built.platforms.map(({ manifest }) => manifest.digest);
    const index = built.index.digest;
    expect(JSON.parse(JSON.stringify(plan))).toMatchObject({
      signingKey: signer.keyId,
      attachments: [
        { kind: 'statement', of: 'index', subject: index, action: 'attach' },
        { kind: 'sbom', of: 'linux/amd64', subject: amd, action: 'attach' },
        { kind: 'sbom', of: 'linux/arm64', subject: arm, action: 'attach' },
        { kind: 'provenance', of: 'index', subject: index, action: 'attach' },
        { kind: 'signature', of: 'index', subject: index, action: 'attach' },
      ],
    });
    expect(writes(0)).toEqual([]);
    await publish(p, { release: '1.0.0' });
    const after = await planPublish(await p.load(), publishOptions({ release: '1.0.0' }), p.io);
    expect(new Set(after.attachments.map(({ action }) => action))).toEqual(new Set(['present']));
    expect(after.unchanged).toBe(true);
  });

  test('of an image without proof has neither statement nor provenance, and says so', async () => {
    const p = await start(true);
    await build(p, { release: '1.0.0' });
    rmSync(join(p.dir, 'dist/evidence/image.json'));
    const options = publishOptions({ release: '1.0.0', acceptUnproven: 'restored' });
    const { attachments, notes } = await planPublish(await p.load(), options, p.io);
    expect(attachments.map(({ kind }) => kind)).toEqual(['sbom', 'sbom']);
    expect(notes).toContain('no statement and no provenance are attached: there is no proof of the build');
  });
});

describe('what is wanted', () => {
  test('nothing: then no request is sent for it', async () => {
    const p = await start(false, { attest: [] }, (await testKey('ed25519')).private);
    const result = await publish(p, { build: true, release: '1.0.0' });
    expect(result.attached).toEqual([]);
    expect(since(0).filter((line) => /referrers|sha256-/.test(line))).toEqual([]);
    // 5 blobs with two requests each, 3 manifests and 2 tags.
    expect(writes(0)).toHaveLength(15);
    expect(await registry.store.tags('acme/agent')).toEqual(['1.0.0', 'latest']);
  });

  test('some of it', async () => {
    const p = await start(true, { attest: ['sbom'] });
    const { attached } = await publish(p, { build: true, release: '1.0.0' });
    expect(attached.map(({ kind }) => kind)).toEqual(['sbom', 'sbom']);
  });

  test('a key that comes later signs what is there, in spite of the memory', async () => {
    const p = await start(true);
    await publish(p, { build: true, release: '1.0.0' });
    const { private: key, signer } = await testKey('ecdsa');
    p.io.env = { ...p.io.env, BATON_SIGNING_KEY: key };
    const { attached, unchanged } = await publish(p, { release: '1.0.0' });
    expect(unchanged).toBe(false);
    expect(attached.map(({ kind, state, keyId }) => `${kind} ${state} ${keyId === signer.keyId}`)).toEqual(
      ['statement', 'sbom', 'sbom', 'provenance', 'signature'].map((kind) => `${kind} attached true`),
    );
  });

  test('another key signs beside the first', async () => {
    const [one, two] = [await testKey('ed25519'), await testKey('ed25519')];
    const p = await start(false, {}, one.private);
    await publish(p, { build: true, release: '1.0.0' });
    p.io.env = { ...p.io.env, BATON_SIGNING_KEY: two.private };
    // The build signs its statement anew; another key's is refused by every publish.
    await publish(p, { build: true, release: '1.0.0', force: true });
    for (const key of [one.public, two.public]) {
      const { signatures = [] } = await inspectImage({ image: `${registry.host}/acme/agent:1.0.0`, key }, p.io);
      expect(signatures.map(({ state }) => state).sort()).toEqual(['unknown key', 'valid']);
    }
  });
});

describe('the same everywhere', () => {
  async function attachments(p: TestProject, built: BuildResult): Promise<string[]> {
    const { attached } = await publish(p, { release: '1.0.0', force: true });
    expect(built.unchanged).toBe(false);
    return attached.map(({ kind, of, payload }) => `${kind} ${of} ${payload}`);
  }

  test('two builds of one commit have equal attachments', async () => {
    const p = await start(true);
    const first = await attachments(p, await build(p, { release: '1.0.0' }));
    rmSync(join(p.dir, 'dist'), { recursive: true });
    p.io.cacheDir = `${p.io.cacheDir}-other`;
    expect(await attachments(p, await build(p, { release: '1.0.0', force: true }))).toEqual(first);
  });
});

describe('a base', () => {
  const BASE = '../base/dist/image';

  test('is read once for its packages, and not again by a warm publish', async () => {
    const p = await start(true, { base: { layout: BASE } });
    await baseLayout(join(p.dir, BASE));
    await publish(p, { build: true, release: '1.0.0' });
    // What is known of its layers by digest is enough from here on.
    rmSync(join(p.dir, BASE, 'blobs'), { recursive: true });
    const { attached } = await publish(p, { release: '1.0.0', force: true });
    expect(attached.filter(({ kind }) => kind === 'sbom')).toHaveLength(2);
  });
});
