import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readStatement, subjectDigests } from '@baton/evidence';
import type { ProgressEvent } from '@baton/kernel';
import { MEDIA_TYPES } from '@baton/oci';
import { startRegistryServer, type TestRegistry, temporaryDirectory } from '@baton/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exitProgram, MACHINE, writeElf } from './elf.fixture.ts';
import { reportVerification } from './report-verification.ts';
import {
  makeImage,
  notPassed,
  putImage,
  putLayout,
  type TestImage,
  type TestPlatform,
  testIo,
  verifyOptions,
} from './verify.fixture.ts';
import { verificationError, verifyImage } from './verify-image.ts';

const config = { Entrypoint: ['/bin/run'], User: '0:0' };
const PLATFORMS: TestPlatform[] = [
  { layers: [{ 'etc/base': 'base' }, { 'bin/run': exitProgram() }], config },
  {
    platform: 'linux/arm64',
    layers: [{ 'etc/base': 'base' }, { 'bin/run': writeElf({ machine: MACHINE.arm64 }) }],
    config,
  },
];

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistryServer();
});
afterAll(async () => {
  await registry.stop();
});

describe('an image in a registry', () => {
  test('is read by digest, each byte once, with progress; tags are asked for once', async () => {
    const reference = await putImage(registry, await makeImage(PLATFORMS));
    const events: ProgressEvent[] = [];
    const from = registry.log.length;
    const result = await verifyImage(
      verifyOptions({ image: reference }),
      testIo({ emit: (event) => events.push(event) }),
    );
    expect(notPassed(result.checks)).toEqual([]);
    expect(result).toMatchObject({ verdict: 'verified', kind: 'registry', image: expect.stringContaining('@sha256:') });
    const paths = registry.log.slice(from).map(({ method, path }) => `${method} ${path}`);
    expect(paths.filter((path) => path.includes('1.0.0'))).toEqual(['HEAD /v2/acme/agent/manifests/1.0.0']);
    expect(new Set(paths).size).toBe(paths.length);
    const ends = events.filter(({ type }) => type === 'layer.end');
    expect(ends.length).toBe(3);
    for (const { done, total, unit } of ends) expect({ done, unit }).toEqual({ done: total, unit: 'bytes' });
    expect(verificationError(result)).toBeUndefined();
    expect(reportVerification(result)).toMatch(/\n\nverified .*@sha256:[0-9a-f]{64}: \d+ passed$/);
  });

  test('one platform only leaves the others pending', async () => {
    const reference = await putImage(registry, await makeImage(PLATFORMS));
    const result = await verifyImage(verifyOptions({ image: reference, platform: 'linux/arm64' }), testIo());
    expect(notPassed(result.checks)).toEqual([
      'pending platforms: only linux/arm64 was asked for: linux/amd64 was not looked into',
    ]);
    expect(result.platforms.map(({ platform }) => platform)).toEqual(['linux/arm64']);
    const missing = verifyImage(verifyOptions({ image: reference, platform: 'linux/s390x' }), testIo());
    await expect(missing).rejects.toMatchObject({ code: 'PLATFORM_MISSING' });
  });

  test.each([
    ['a repository alone', (host: string) => `${host}/acme/agent`, 'USAGE'],
    ['a tag that does not exist', (host: string) => `${host}/acme/agent:9`, 'IMAGE_NOT_FOUND'],
    ['a directory that is no layout', () => temporaryDirectory(), 'IMAGE_NOT_BUILT'],
    ['a registry that does not answer', () => '127.0.0.1:1/acme/agent:1', 'REGISTRY_UNREACHABLE'],
  ])('%s is no image: an error, not a failed check', async (_title, image, code) => {
    const io = testIo({ signal: AbortSignal.timeout(60_000) });
    await expect(verifyImage(verifyOptions({ image: image(registry.host) }), io)).rejects.toMatchObject({ code });
  });

  test.each([
    ['manifest', 'index', /failed index: .*expected sha256:/, '/manifests/sha256:', 0],
    ['child manifest', 'manifest', /failed manifest: .*expected sha256:/, '/manifests/sha256:', 1],
  ] as const)('a changed %s is found', async (_title, _id, expected, path, skip) => {
    const reference = await putImage(registry, await makeImage(PLATFORMS));
    registry.inject({ method: 'GET', path }, { kind: 'corrupt' }, { skip });
    const result = await verifyImage(verifyOptions({ image: reference }), testIo());
    expect(notPassed(result.checks)[0]).toMatch(expected);
    expect(result.verdict).toBe('failed');
    expect(verificationError(result)).toMatchObject({ code: 'VERIFY_FAILED', exitCode: 1 });
    expect(registry.pendingFaults()).toBe(0);
  });

  test.each([
    ['config', 0, /^failed config: .*: expected sha256:\w+, found sha256:/],
    ['layer', 2, /^failed layers: layer \d \(sha256:\w{12}\): .*: expected sha256:\w+, found sha256:/],
  ] as const)('a changed %s is found, and what stands on it is pending', async (_title, skip, expected) => {
    const image = await makeImage([PLATFORMS[0] ?? { layers: [] }]);
    const reference = await putImage(registry, image);
    registry.inject({ method: 'GET', path: '/blobs/' }, { kind: 'corrupt' }, { skip });
    const result = await verifyImage(verifyOptions({ image: reference }), testIo());
    const [first, ...rest] = notPassed(result.checks);
    expect(first).toMatch(expected);
    for (const line of rest) expect(line).toMatch(/^pending .*: the files of the image could not be read$/);
    expect(result.verdict).toBe('failed');
  });

  test('blobs that are gone are failed checks as well', async () => {
    const image = await makeImage([PLATFORMS[0] ?? { layers: [] }]);
    const reference = await putImage(registry, image);
    const [{ bytes } = { bytes: Buffer.alloc(0) }] = image.manifests;
    await registry.store.removeBlob('acme/agent', JSON.parse(bytes.toString()).layers[0].digest);
    const result = await verifyImage(verifyOptions({ image: reference }), testIo());
    expect(notPassed(result.checks)[0]).toMatch(/^failed layers: layer 1 /);
  });

  test('an attestation beside the images is read and noted', async () => {
    const image = await makeImage(PLATFORMS, ({ manifests }) => {
      const [first] = manifests;
      if (first !== undefined) manifests.push({ ...first, platform: { os: 'unknown', architecture: 'unknown' } });
    });
    const result = await verifyImage(verifyOptions({ image: await putImage(registry, image) }), testIo());
    expect(notPassed(result.checks)).toEqual([
      'noted attached: 1 attestation beside the images: digests and sizes hold, content not judged',
    ]);
  });
});

describe('documents that say something else than what is there', () => {
  const amd64 = (lie: NonNullable<TestPlatform['lie']>): TestPlatform[] => [
    { ...(PLATFORMS[0] ?? { layers: [] }), lie },
  ];
  const layer = (at: number, changes: object): TestPlatform[] =>
    amd64(({ manifest }) => {
      manifest.layers = manifest.layers.map((one, i) => (i === at ? { ...one, ...changes } : one));
    });

  test.each([
    ['another size of a layer', layer(1, { size: 5 }), /^failed layers: layer 2 \(\S+\): /],
    ['a size that no layer has', layer(1, { size: 2 ** 50 }), /^failed layers: layer 2 \(\S+\): /],
    [
      'other diffIDs',
      amd64((documents) => void documents.config.rootfs.diff_ids.reverse()),
      /^failed diff-ids: layer 1: expected the archive sha256:\w+, as the config says, found sha256:/,
    ],
    [
      'too few diffIDs',
      amd64((documents) => void documents.config.rootfs.diff_ids.pop()),
      /^failed diff-ids: expected 2 diffIDs, one for each layer, found 1/,
    ],
    [
      'another platform in the config',
      amd64((documents) => {
        documents.config.architecture = 'arm64';
      }),
      /^failed platform: expected the config to be for linux\/amd64, as the index says, found linux\/arm64/,
    ],
    [
      'a media type that is no layer',
      layer(0, { mediaType: 'text/plain' }),
      /the media type of a layer, found "text\/plain"/,
    ],
    [
      'no config of an image',
      amd64(({ manifest }) => {
        manifest.config = { mediaType: 'application/json', digest: `sha256:${'0'.repeat(64)}`, size: 2 };
      }),
      /^failed config: .* expected the config of an image, found application\/json/,
    ],
    [
      'a config of a size that nobody would read whole',
      amd64(({ manifest }) => {
        manifest.config = { mediaType: MEDIA_TYPES.config, digest: `sha256:${'0'.repeat(64)}`, size: 2 ** 40 };
      }),
      /^failed config: expected the config sha256:0+ to have at most 4194304 bytes, found 1099511627776/,
    ],
    [
      'more layers than anybody stacks',
      amd64(({ manifest }) => {
        manifest.layers = Array.from({ length: 1001 }, () => manifest.layers).flatMap((all) => all.slice(0, 1));
      }),
      /^failed manifest: .*at most 1000 items/,
    ],
  ])('%s', async (_title, platforms, expected) => {
    const result = await verifyImage(verifyOptions({ image: await putLayout(await makeImage(platforms)) }), testIo());
    expect(notPassed(result.checks).join('\n')).toMatch(expected);
    expect(result.verdict).toBe('failed');
  });

  test('an index that lies about sizes, types and platforms', async () => {
    const lying = (changes: object): Promise<TestImage> =>
      makeImage(PLATFORMS, (index) => {
        index.manifests = index.manifests.map((one, i) => (i === 0 ? { ...one, ...changes } : one));
      });
    const sized = await verifyImage(verifyOptions({ image: await putLayout(await lying({ size: 7 })) }), testIo());
    expect(notPassed(sized.checks)[0]).toMatch(/^failed manifest: expected sha256:\w{64} to have 7 bytes, found \d+$/);
    const type = await lying({ mediaType: MEDIA_TYPES.dockerManifest });
    const typed = await verifyImage(verifyOptions({ image: await putLayout(type) }), testIo());
    expect(notPassed(typed.checks)[0]).toMatch(/^failed manifest: expected sha256:\w+ to be application\/vnd\.docker/);
    const twice = await makeImage(PLATFORMS, ({ manifests }) => void manifests.push(...manifests.slice(0, 1)));
    const double = await verifyImage(verifyOptions({ image: await putLayout(twice) }), testIo());
    expect(notPassed(double.checks)).toEqual([
      'failed platforms: the index has two images for linux/amd64: which one runs depends on the reader',
    ]);
  });

  test('an index in an index is not looked into, and one of nothing else has no image', async () => {
    const nested = await makeImage(PLATFORMS, ({ manifests }) => {
      const [first] = manifests.splice(0, 2);
      if (first !== undefined) manifests.push({ ...first, mediaType: MEDIA_TYPES.index });
    });
    const result = await verifyImage(verifyOptions({ image: await putLayout(nested) }), testIo());
    expect(notPassed(result.checks)).toEqual([
      expect.stringMatching(
        /^pending index-others: sha256:\w{12} is an index inside the index: it was not looked into$/,
      ),
      'failed platforms: expected an image in the index, found none',
    ]);
  });

  test('bytes behind the archive and behind its compression are hashed too', async () => {
    const image = await makeImage([PLATFORMS[0] ?? { layers: [] }]);
    const dir = await putLayout(image);
    const digest: string = JSON.parse((image.manifests[0]?.bytes ?? '{}').toString()).layers[1].digest;
    const path = join(dir, 'blobs/sha256', digest.slice(7));
    await writeFile(path, Buffer.concat([await readFile(path), Buffer.from('more')]));
    const result = await verifyImage(verifyOptions({ image: dir }), testIo());
    expect(notPassed(result.checks)[0]).toMatch(/^failed layers: layer 2 /);
  });
});

describe('what is left behind', () => {
  test('the statement has the same bytes wherever it is made, and a failure never says verified', async () => {
    const image = await makeImage(PLATFORMS);
    const dir = temporaryDirectory();
    const made = async (name: string, from: string): Promise<Buffer> => {
      await verifyImage(verifyOptions({ image: from, statement: join(dir, name) }), testIo());
      return await readFile(join(dir, name));
    };
    const reference = await putImage(registry, image);
    const one = await made('one.json', reference);
    expect(await made('two.json', reference)).toEqual(one);
    const { statement } = await readStatement(join(dir, 'one.json'));
    expect(statement.predicate.result).toBe('verified');
    expect(subjectDigests(statement)).toEqual([image.index.digest]);
    expect(one.toString()).not.toMatch(/\/tmp\/|unix:/);

    const broken = await makeImage([{ layers: [{ x: 'x' }], config }]);
    const layout = await putLayout(broken);
    await made('bad.json', layout);
    const bad = await readStatement(join(dir, 'bad.json'));
    expect(bad.statement.predicate).toMatchObject({
      result: 'diverged',
      checks: expect.arrayContaining([expect.objectContaining({ id: 'linux/amd64:entrypoint', result: 'failed' })]),
    });
    expect(bad.bytes.toString()).not.toContain(layout);
  });

  test('a page, whatever the image calls its things', async () => {
    const evil = '</td><script>alert(1)</script>\u202e\u001b[31m';
    const image = await makeImage([
      { layers: [{ 'bin/run': exitProgram() }], config: { Entrypoint: ['/bin/run', `/${evil}`], User: evil } },
    ]);
    const html = join(temporaryDirectory(), 'v.html');
    const result = await verifyImage(verifyOptions({ image: await putLayout(image), html }), testIo());
    const page = await readFile(html, 'utf8');
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;\\u202e\\x1b[31m');
    expect(reportVerification(result)).not.toMatch(/\u202e|\u001b/);
    expect(result.html).toBe(html);
  });
});
