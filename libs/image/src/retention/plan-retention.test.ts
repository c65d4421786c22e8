import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Digest, digestHex, sha256 } from '@baton/kernel';
import { connectRegistry, type Descriptor, encodeDocument, MEDIA_TYPES } from '@baton/oci';
import {
  needs,
  startDockerRegistry,
  startRegistryServer,
  type TestRegistry,
  type TestRegistryOptions,
  temporaryDirectory,
  tinyImage,
} from '@baton/testkit';
import { afterEach, describe, expect, test } from 'vitest';
import { publishOptions, testProject } from '../project.fixture.ts';
import { publishImage } from '../publish-image.ts';
import type { ImageIo } from '../types.ts';
import { type ImageRetentionPlanOptions, imageRetentionPlanOptions } from './options.ts';
import { planRetention } from './plan-retention.ts';
import { reportRetention } from './report-retention.ts';
import type { RetentionPlan } from './types.ts';

let registry: TestRegistry;
const start = async (habits: TestRegistryOptions = {}): Promise<string> => {
  registry = await startRegistryServer(habits);
  return `${registry.host}/acme/agent`;
};
// Nothing but questions, whatever a test did.
afterEach(async () => {
  await registry?.stop();
  expect(registry?.log.filter(({ method }) => method !== 'GET' && method !== 'HEAD') ?? []).toEqual([]);
});

function io(): ImageIo {
  const home = temporaryDirectory('home');
  return { emit: () => undefined, cacheDir: join(home, 'cache'), env: { HOME: home, DOCKER_CONFIG: home } };
}

async function plan(options: Partial<ImageRetentionPlanOptions>, more = io()): Promise<RetentionPlan> {
  return await planRetention(imageRetentionPlanOptions.parse({ date: '2026-11-20', ...options }), more);
}

/** Puts an index of two images under tags, or one more under a digest alone; returns its digest. */
async function push(text: string, ...tags: string[]): Promise<Digest> {
  const children: Descriptor[] = [];
  for (const platform of ['amd64', 'arm64']) {
    const image = tinyImage(`${text} ${platform}`);
    const digest = await registry.store.putManifest('acme/agent', image.digest, image.manifest, image.mediaType);
    children.push({ mediaType: image.mediaType, digest, size: image.manifest.byteLength });
  }
  const index = encodeDocument({ schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: children });
  for (const tag of tags) await registry.store.putManifest('acme/agent', tag, index, MEDIA_TYPES.index);
  return sha256(index);
}

async function attach(subject: Digest, text: string, tag?: string): Promise<Digest> {
  const { config, layer } = tinyImage(text);
  const manifest = encodeDocument({
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    artifactType: 'application/vnd.test',
    config: { mediaType: MEDIA_TYPES.emptyJson, digest: config.digest, size: config.size },
    layers: [{ mediaType: 'application/json', digest: layer.digest, size: layer.size }],
    subject: { mediaType: MEDIA_TYPES.index, digest: subject, size: 1 },
  });
  return await registry.store.putManifest('acme/agent', tag ?? sha256(manifest), manifest, MEDIA_TYPES.manifest);
}

const gone = ({ tags }: RetentionPlan): string[] => tags.filter(({ keep }) => !keep).map(({ tag }) => tag);

describe('a plan', () => {
  test('says what could go and why the rest stays', async () => {
    const repository = await start();
    await push('one', '1.0.0', 'sha-1111111', 'v6-fallback');
    await push('two', '1.0.1', 'sha-2222222');
    await push('three', '1.0.2', '1.0', 'latest');
    await push('four', '1.1.0-rc.1');
    const result = await plan({ image: repository, keepLast: 1 });
    expect(gone(result)).toEqual(['1.0.1', 'sha-2222222']);
    expect(result).toMatchObject({ date: '2026-11-20', dateFrom: '--date', policyFrom: '--keep-last', notes: [] });
    expect(result.couldGo).toMatchObject({ tags: 2, images: 1, manifests: 3 });
    const text = reportRetention(result);
    expect(text.replaceAll(/sha256:[0-9a-f]{12}/g, 'sha256:...').replaceAll(registry.host, 'r.example')).toBe(`\
retention  r.example/acme/agent
on         2026-11-20 (--date)
stay       the last version of each line (--keep-last)

line 1.1
  1.1.0-rc.1  stays  sha256:...  the last candidate of 1.1

line 1.0
  1.0.2  stays     sha256:...  the last version of 1.0
  1.0.1  could go  sha256:...  1 newer version of 1.0
  1.0.0  stays     sha256:...  same image as v6-fallback

other tags
  1.0          stays     sha256:...  moves with what is published
  latest       stays     sha256:...  moves with what is published
  sha-1111111  stays     sha256:...  same image as v6-fallback
  sha-2222222  could go  sha256:...  is the commit of 1.0.1
  v6-fallback  stays     sha256:...  is no version

what could go: 2 tags, 1 image, ${result.couldGo.bytes < 2000 ? (result.couldGo.bytes / 1000).toFixed(1) : ''} kB that nothing else uses. \
9 tags looked at in ${result.requests} requests; nothing was deleted.`);
  });

  test('is the same whatever the registry lists first, and asks each thing once', async () => {
    const repository = await start({ tagPage: 3 });
    for (let n = 0; n < 8; n += 1) await push(`image ${n}`, `1.0.${n}`, `sha-000000${n}`);
    const result = await plan({ image: repository, keepLast: 8 });
    expect(gone(result)).toEqual([]);
    const paths = registry.log.map(({ method, path, query }) => `${method} ${path}${query}`);
    expect(new Set(paths).size).toBe(paths.length);
    expect(await plan({ image: repository, keepLast: 8 })).toEqual(result);
    // 6 pages, 16 tags, 8 indexes, 16 images; no index goes, so nobody asks what is attached to them.
    expect(result.requests).toBe(6 + 16 + 8 + 16);
    expect(paths).toHaveLength(46);
  });

  test.each([
    ['registries that list what is attached', true],
    ['tags that do', false],
  ])('counts what is attached to an image, by %s', async (_, referrers) => {
    const repository = await start({ referrers });
    const old = await push('one', '1.0.0');
    const current = await push('two', '1.0.1');
    const [sbom, other] = [await attach(old, 'sbom of one'), await attach(current, 'sbom of two')];
    const signature = await attach(sbom, 'signature of the sbom');
    if (!referrers) {
      for (const [subject, referrer] of [
        [old, sbom],
        [sbom, signature],
        [current, other],
      ] as const) {
        const manifests = [{ mediaType: MEDIA_TYPES.manifest, digest: referrer, size: 1 }];
        const listing = encodeDocument({ schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests });
        await registry.store.putManifest('acme/agent', `sha256-${digestHex(subject)}`, listing, MEDIA_TYPES.index);
      }
    }
    const result = await plan({ image: repository, keepLast: 1 });
    const going = result.manifests.filter(({ keep }) => !keep).map(({ digest }) => digest);
    expect(going).toEqual(expect.arrayContaining([old, sbom, signature]));
    expect(going).not.toContain(other);
    expect(gone(result)).toHaveLength(referrers ? 1 : 3);
    const asked = registry.log.filter(({ path }) => path.includes('/referrers/'));
    expect(asked).toHaveLength(referrers ? 5 : 1);
  });

  test('never takes a failed check for an answer', async () => {
    const repository = await start();
    await push('one', '1.0.0');
    await push('two', '1.0.1');
    registry.inject({ method: 'HEAD', path: '/manifests/1.0.1' }, { kind: 'status', status: 403 }, { times: 20 });
    registry.inject({ method: 'GET', path: '/manifests/1.0.1' }, { kind: 'status', status: 403 }, { times: 20 });
    await expect(plan({ image: repository, keepLast: 1 })).rejects.toMatchObject({ code: 'AUTH_DENIED' });
    registry.clearFaults();
    registry.inject({ path: /manifests/ }, { kind: 'status', status: 503 }, { times: 2 });
    expect(gone(await plan({ image: repository, keepLast: 1 }))).toEqual(['1.0.0']);
  });

  test('says what is listed and not there', async () => {
    const repository = await start();
    await push('one', '1.0.0');
    const lacking = tinyImage('two amd64');
    await push('two', '1.0.1');
    await registry.store.removeManifest('acme/agent', lacking.digest);
    const policy = join(temporaryDirectory('policy'), 'keep.yaml');
    writeFileSync(policy, 'keepLast: 1\nkeepUntil: { 1.0.0: 2027-01-01, 6.1.0: 2027-01-01 }\n');
    const result = await plan({ image: repository, policy });
    expect(result.notes).toEqual([
      'keepUntil names the tag 6.1.0, which is not there',
      `an index lists ${lacking.digest}, which the registry does not have`,
    ]);
    expect(result).toMatchObject({ policyFrom: policy, couldGo: { tags: 0 } });
  });

  test('of a thousand tags takes few requests for each', async () => {
    const repository = await start();
    for (let n = 0; n < 333; n += 1) {
      const image = tinyImage(`image ${n}`);
      for (const tag of [`1.${n % 10}.${n}`, `sha-${String(n).padStart(7, '0')}`, `build-${n}`]) {
        await registry.store.putManifest('acme/agent', tag, image.manifest, image.mediaType);
      }
    }
    const policy = join(temporaryDirectory('policy'), 'keep.json');
    writeFileSync(policy, JSON.stringify({ keepLast: 3, mayGo: ['sha-*', 'build-*'] }));
    const result = await plan({ image: repository, policy });
    expect(result.tags).toHaveLength(999);
    expect(result.couldGo).toMatchObject({ tags: 3 * (333 - 30), images: 303 });
    // One for each tag, one for each image, one for what is attached to each image that goes.
    expect(result.requests).toBe(1 + 999 + 333 + 303);
  });
});

describe('the policy', () => {
  const section = (repository: string, retention?: object) => ({
    repository,
    tags: ['v{version}'],
    ...(retention === undefined ? {} : { retention }),
  });

  test('is that of agent.yaml, whose templates say what a version is', async () => {
    const repository = await start();
    for (const n of [0, 1, 2, 3]) await push(`image ${n}`, `v1.0.${n}`, `1.0.${n}-x`);
    const p = await testProject(section(repository, { keepLast: 2, never: ['v1.0.0'], mayGo: ['*-x'] }));
    const result = await plan({ image: p.dir }, p.io);
    expect(result.policyFrom).toBe('agent.yaml');
    expect(gone(result)).toEqual(['v1.0.1', '1.0.1-x']);
    expect(gone(await plan({ image: p.dir, keepLast: 3 }, p.io))).toEqual([]);
  });

  test('must be there', async () => {
    const repository = await start();
    await expect(plan({ image: repository })).rejects.toMatchObject({ code: 'USAGE' });
    const p = await testProject(section(repository));
    await expect(plan({ image: p.dir }, p.io)).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('image.retention') as string,
    });
    await expect(plan({ image: `${repository}:1.0.0`, keepLast: 1 })).rejects.toMatchObject({ code: 'USAGE' });
    const nowhere = await testProject({ retention: {} });
    await expect(plan({ image: nowhere.dir }, nowhere.io)).rejects.toMatchObject({ code: 'USAGE' });
    const policy = join(p.dir, 'keep.yaml');
    await p.write({ 'keep.yaml': 'keep: 3\n' });
    await expect(plan({ image: repository, policy })).rejects.toMatchObject({ code: 'RETENTION_INVALID' });
    await expect(plan({ image: repository, policy: join(p.dir, 'none') })).rejects.toMatchObject({
      code: 'RETENTION_INVALID',
      message: expect.stringContaining('cannot read the policy') as string,
    });
    expect(registry.log).toEqual([]);
  });

  test('counts from the day it is told', async () => {
    const repository = await start();
    await push('one', '1.0.0');
    await push('two', '1.0.1');
    const p = await testProject(section(repository, { keepLast: 1, keepUntil: { '1.0.0': '2027-03-01' } }));
    await p.manifest({
      ...section(repository, { keepLast: 1, keepUntil: { '1.0.0': '2027-03-01' } }),
      tags: ['{version}'],
    });
    const on = (SOURCE_DATE_EPOCH: string | undefined): Promise<RetentionPlan> =>
      plan({ image: p.dir, date: undefined }, { ...p.io, env: { ...p.io.env, SOURCE_DATE_EPOCH } });
    const day = String(Date.UTC(2027, 2, 1) / 1000 + 86_399);
    expect(await on(day)).toMatchObject({ date: '2027-03-01', dateFrom: 'SOURCE_DATE_EPOCH', couldGo: { tags: 0 } });
    expect(await on(String(Number(day) + 1))).toMatchObject({ date: '2027-03-02', couldGo: { tags: 1 } });
    expect(await on(undefined)).toMatchObject({ dateFrom: 'today' });
    await expect(on('soon')).rejects.toMatchObject({ code: 'USAGE' });
  });
});

needs('docker-registry')('what Baton published is judged in a real registry', async () => {
  const real = await startDockerRegistry();
  try {
    const repository = `${real.host}/acme/agent`;
    const image = { repository, tags: ['{version}', 'sha-{commit}', 'latest'], retention: { keepLast: 1 } };
    const p = await testProject(image);
    const releases = ['1.0.0', '1.0.1'];
    for (const release of releases) {
      await p.write({ 'files/shared/main.txt': 'more '.repeat(releases.indexOf(release)) });
      await p.manifest({ ...image, layers: [{ from: 'files/shared', to: '/app' }] });
      await p.commit();
      await publishImage(await p.load(), publishOptions({ build: true, release }), p.io);
    }
    const open = await plan({ image: p.dir }, p.io);
    const [first, second, ...attached] = gone(open);
    expect([first, second]).toEqual(['1.0.0', expect.stringMatching(/^sha-[0-9a-f]{40}$/)]);
    // This registry lists no referrers: what a publish attaches is found under tags.
    for (const tag of attached) expect(tag).toMatch(/^sha256-[0-9a-f]{64}$/);
    expect(reportRetention(open)).toContain(attached.length === 0 ? '' : `${attached.length} could go with theirs`);
    const client = connectRegistry(real.host);
    expect(await client.listTags('acme/agent')).toEqual(expect.arrayContaining(gone(open)));
    client.close();
  } finally {
    await real.stop();
  }
});
