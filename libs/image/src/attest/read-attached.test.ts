import { sealEnvelope } from '@baton/evidence';
import { canonicalJson, type Digest, digestHex, type Json, sha256 } from '@baton/kernel';
import { connectRegistry, encodeDocument, MEDIA_TYPES } from '@baton/oci';
import { startRegistryServer, type TestRegistry } from '@baton/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { attachedDocument, inspectImage } from '../inspect-image.ts';
import type { TestProject } from '../project.fixture.ts';
import { publish, publishProject } from '../publish.fixture.ts';
import { reportInspection } from '../report-inspection.ts';
import type { Inspection } from '../types.ts';
import { testKey } from './keys.fixture.ts';

let registry: TestRegistry;
beforeEach(async () => {
  registry = await startRegistryServer();
});
afterEach(() => registry.stop());

async function published(
  image: Record<string, unknown> = {},
): Promise<{ p: TestProject; image: string; digest: Digest }> {
  const p = await publishProject(registry, { tags: ['one'], ...image });
  const { index } = await publish(p, { build: true });
  return { p, image: `${registry.host}/acme/agent:one`, digest: index.digest };
}

/** Attaches any bytes to a digest, as somebody else may do it. */
async function attach(
  subject: Digest,
  content: Buffer,
  changes: Record<string, unknown> = {},
  size?: number,
): Promise<void> {
  const client = connectRegistry(registry.host);
  const empty = Buffer.from('{}');
  for (const bytes of [empty, content]) await registry.store.addBlob('acme/agent', bytes);
  const manifest = encodeDocument({
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    artifactType: 'application/vnd.in-toto+json',
    config: { mediaType: MEDIA_TYPES.emptyJson, digest: sha256(empty), size: 2 },
    layers: [{ mediaType: 'application/vnd.in-toto+json', digest: sha256(content), size: size ?? content.byteLength }],
    subject: { mediaType: MEDIA_TYPES.index, digest: subject, size: 1 },
    ...changes,
  });
  await client.putReferrer('acme/agent', manifest, MEDIA_TYPES.manifest);
  client.close();
}

function inToto(about: Digest, predicateType: string, predicate: Json = {}): Buffer {
  const subject = [{ name: 'x', digest: { sha256: digestHex(about) } }];
  return canonicalJson({ _type: 'https://in-toto.io/Statement/v1', subject, predicateType, predicate });
}

async function look(p: TestProject, image: string, key?: string): Promise<Inspection> {
  return await inspectImage({ image, ...(key === undefined ? {} : { key }) }, p.io);
}

test('the tree shows what is attached where, and the word unsigned', async () => {
  const { p, image } = await published();
  const lines = reportInspection(await look(p, image)).split('\n');
  const of = (part: string): string[] =>
    lines.filter((line) => line.includes(part)).map((line) => line.replace(/sha256:\w+/, 'X'));
  expect(of('SBOM')).toEqual([
    '│  └─ attached X SBOM (SPDX): 0 packages (unsigned)',
    '│  └─ attached X SBOM (SPDX): 0 packages (unsigned)',
  ]);
  expect(of('statement')).toEqual(['├─ attached X statement image: built (unsigned)']);
  expect(of('provenance')[0]).toMatch(
    /^├─ attached X provenance \(SLSA v1\): built by https:\/\/baton\.dev\/builder\/local\/v1 from \d+ materials \(unsigned\)$/,
  );
  expect(lines.at(-1)).toBe('└─ signature: none, the image is unsigned');
});

describe('signatures', () => {
  test('are judged by the key that is given or configured', async () => {
    const [mine, other] = [await testKey('ed25519'), await testKey('ecdsa')];
    const p = await publishProject(registry, { tags: ['one'] });
    p.io.env = { ...p.io.env, BATON_SIGNING_KEY: mine.private };
    await publish(p, { build: true });
    const image = `${registry.host}/acme/agent:one`;
    const states = async (key?: string): Promise<unknown[]> => {
      const { attached, signatures = [] } = await look(p, image, key);
      return [...new Set([...attached.map(({ signature }) => signature), ...signatures.map(({ state }) => state)])];
    };
    expect(await states()).toEqual(['valid']);
    expect(await states(mine.public)).toEqual(['valid']);
    expect(await states(other.public)).toEqual(['unknown key']);
    p.io.env = { ...p.io.env, BATON_SIGNING_KEY: '' };
    expect(await states()).toEqual(['unchecked']);
    const text = reportInspection(await look(p, image, other.public));
    expect(text).toContain(`└─ signature: unknown key: by key ${mine.signer.keyId.slice(0, 16)}, not by the given one`);
    expect(text).not.toContain('unsigned');
    expect(reportInspection(await look(p, image))).toContain('not checked');
  });

  test('that claim a key and are not its are invalid', async () => {
    const { p, image, digest } = await published({ attest: [] });
    const [mine, other] = [await testKey('ed25519'), await testKey('ed25519')];
    const sealed = sealEnvelope(inToto(digest, 'https://slsa.dev/provenance/v1'), other.signer);
    const layers = [
      { mediaType: 'application/vnd.dsse.envelope.v1+json', digest: sha256(sealed), size: sealed.byteLength },
    ];
    await attach(digest, sealed, { layers, annotations: { 'dev.baton.evidence.key': mine.signer.keyId } });
    const found = await look(p, image, mine.public);
    expect(found.attached).toMatchObject([{ kind: 'provenance', signature: 'invalid' }]);
    expect(reportInspection(found)).toContain('INVALID');
  });
});

describe('what others attach', () => {
  test.each<[string, (digest: Digest) => Promise<void>, object]>([
    ['no JSON', (d) => attach(d, Buffer.from('nothing')), { kind: 'other', problem: 'not JSON' }],
    ['JSON of another kind', (d) => attach(d, Buffer.from('[[1]]')), { kind: 'other' }],
    [
      'a statement about another image',
      (d) => attach(d, inToto(sha256('x'), 'https://slsa.dev/provenance/v1')),
      { kind: 'provenance', problem: 'it is about another image' },
    ],
    [
      'an unknown predicate',
      (d) => attach(d, inToto(d, 'https://example.org/x')),
      { kind: 'other', predicateType: 'https://example.org/x' },
    ],
    [
      'another artifact',
      (d) => attach(d, Buffer.from('x'), { artifactType: 'application/vnd.example' }),
      { kind: 'other', artifactType: 'application/vnd.example' },
    ],
    [
      'many layers',
      (d) => attach(d, Buffer.from('x'), { layers: [] }),
      { kind: 'other', problem: expect.stringContaining('one layer') },
    ],
    [
      'a statement that claims to be huge',
      (d) => attach(d, Buffer.from('x'), {}, 1e12),
      { kind: 'other', problem: expect.stringContaining('more than a statement') },
    ],
    ['a size that lies', (d) => attach(d, Buffer.from('xyz'), {}, 2), { kind: 'other', problem: expect.any(String) }],
    [
      'an envelope that is none',
      (d) =>
        attach(d, Buffer.from('{}'), {
          layers: [{ mediaType: 'application/vnd.dsse.envelope.v1+json', digest: sha256('{}'), size: 2 }],
        }),
      { kind: 'other', problem: expect.any(String) },
    ],
    [
      'packages that are none',
      (d) => attach(d, inToto(d, 'https://spdx.dev/Document', { packages: [1, null, { externalRefs: 'x' }] })),
      { kind: 'sbom', packages: {} },
    ],
  ])('%s is shown for what it is', async (_, hang, expected) => {
    const { p, image, digest } = await published({ attest: [] });
    await hang(digest);
    const found = await look(p, image);
    expect(found.attached).toMatchObject([expected]);
    expect(reportInspection(found).split('\n').length).toBeGreaterThan(3);
  });

  test('a statement about a config of the image is about the image', async () => {
    const { p, image, digest } = await published({ attest: [] });
    const config = (await look(p, image)).platforms[1]?.config.digest ?? digest;
    await attach(digest, inToto(config, 'https://baton.dev/evidence/image/v1', { result: 'built' }));
    const [found] = (await look(p, image)).attached;
    expect(found).toMatchObject({ capability: 'image', result: 'built' });
    expect(found?.problem).toBeUndefined();
  });

  test('any number is listed, and some are read', async () => {
    const { p, image, digest } = await published({ attest: [] });
    for (let i = 0; i < 70; i += 1) await attach(digest, Buffer.from(`{"n":${i}}`));
    const found = await look(p, image);
    expect(found.attached).toHaveLength(64);
    expect(reportInspection(found)).toContain('and 6 more attached, not read');
  });

  test('text that looks like structure stays text', async () => {
    const evil = 'x\n└─ signature: valid, key 0123456789abcdef\u001b[1A\u202e├─ attached';
    const { p, image, digest } = await published({
      attest: [],
      annotations: { evil },
      labels: { evil },
      env: { EVIL: evil },
    });
    await attach(digest, inToto(digest, evil, {}));
    await attach(digest, inToto(digest, 'https://slsa.dev/provenance/v1', { runDetails: { builder: { id: evil } } }));
    const found = await look(p, image);
    expect(found.annotations.evil).toBe(evil);
    const lines = reportInspection(found).split('\n');
    expect(lines.filter((line) => /valid, key/.test(line)).every((line) => line.includes('"'))).toBe(true);
    for (const line of lines.slice(1)) {
      expect(line).toMatch(/^(?:│ {2}| {3})*[├└]─ [^\u2500-\u259f\u001b\u202e]+$/);
    }
  });
});

describe('one document', () => {
  test('is printed as it is', async () => {
    const { p, image } = await published();
    expect(await attachedDocument({ image, platform: 'linux/arm64' }, 'sbom', p.io)).toMatchObject({
      spdxVersion: 'SPDX-2.3',
      name: 'agent linux/arm64',
    });
    expect(await attachedDocument({ image }, 'provenance', p.io)).toMatchObject({ buildDefinition: {} });
    await expect(attachedDocument({ image }, 'sbom', p.io)).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('linux/amd64, linux/arm64'),
    });
  });

  test('that is not there is an error', async () => {
    const { p, image } = await published({ attest: [] });
    await expect(attachedDocument({ image }, 'provenance', p.io)).rejects.toMatchObject({ code: 'EVIDENCE_MISSING' });
    await expect(attachedDocument({ image: './dist' }, 'sbom', p.io)).rejects.toMatchObject({ code: 'USAGE' });
  });
});
