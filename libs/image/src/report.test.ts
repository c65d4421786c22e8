import { sha256 } from '@baton/kernel';
import { expect, test } from 'vitest';
import { buildImage } from './build-image.ts';
import { planBuild } from './plan-build.ts';
import { buildOptions, TWO_PLATFORMS, testProject } from './project.fixture.ts';
import { reportBuild, reportBuildPlan } from './report-build.ts';
import { reportExport } from './report-inspection.ts';
import { reportPublish, reportPublishPlan } from './report-publish.ts';
import type { PublishPlan, PublishResult } from './types.ts';

const INDEX = { mediaType: 'application/vnd.oci.image.index.v1+json', digest: sha256('index'), size: 700 };

const PLAN: PublishPlan = {
  project: 'agent',
  repository: 'ghcr.io/acme/agent',
  index: INDEX,
  version: '0.2.9',
  revision: 'abc',
  tags: [
    { tag: '0.2.9', kind: 'version', action: 'create' },
    { tag: 'latest', kind: 'latest', action: 'keep', current: sha256('other'), reason: '0.3.0 is newer' },
  ],
  manifests: [{ platform: 'linux/amd64', digest: sha256('m'), size: 500, action: 'put' }],
  indexAction: 'put',
  blobs: [
    { title: 'layer 1 of linux/amd64', digest: sha256('b'), size: 9_600_000, action: 'mount', from: 'acme/base' },
    { title: 'layer 2 of linux/amd64', digest: sha256('l'), size: 290_000, action: 'upload', from: 'dist/image' },
  ],
  evidence: { digest: sha256('s'), signature: 'unsigned' },
  attachments: [
    { kind: 'sbom', of: 'linux/amd64', subject: sha256('m'), action: 'present' },
    { kind: 'signature', of: 'index', subject: INDEX.digest, action: 'attach' },
  ],
  signingKey: 'ab'.repeat(32),
  unchanged: false,
  notes: ['something moved'],
};

const RESULT: PublishResult = {
  reference: `ghcr.io/acme/agent:0.2.9@${INDEX.digest}`,
  repository: 'ghcr.io/acme/agent',
  index: INDEX,
  tags: [{ tag: '0.2.9', state: 'created' }],
  uploads: { blobs: 1, bytes: 290_000, mounted: 1, present: 0, manifests: 2 },
  attached: [
    { kind: 'sbom', of: 'linux/amd64', subject: sha256('m'), payload: sha256('p'), state: 'present' },
    { kind: 'sbom', of: 'linux/arm64', subject: sha256('n'), payload: sha256('q'), state: 'attached', by: 'tag' },
  ],
  unchanged: false,
  statement: '/project/dist/evidence/publish.json',
  timings: {},
};

test('a build plan shows layers, what is at hand, settings, and where it would go', async () => {
  const project = await testProject({
    ...TWO_PLATFORMS,
    repository: 'ghcr.io/acme/agent',
    workdir: '/app',
    volumes: ['/data'],
  });
  const before = reportBuildPlan(await planBuild(await project.load(), buildOptions(), project.io));
  expect(before).toMatch(/files files\/shared -> \/app \(to be packed\)/);
  expect(before).toContain('ghcr.io/acme/agent as {version}, sha-{commit}');
  for (const part of ['linux/arm64', 'user 0:0', 'env MODE', 'workdir /app', 'volumes /data', 'base', 'scratch']) {
    expect(before).toContain(part);
  }
  const built = await buildImage(await project.load(), buildOptions(), project.io);
  expect(reportBuild(built)).toContain('(packed)');
  expect(reportBuild({ ...built, unchanged: true })).toContain(`unchanged ${built.index.digest}`);
  const after = reportBuildPlan(await planBuild(await project.load(), buildOptions(), project.io));
  expect(after).toContain('(cached)');
  // The same digests as the build shows, so that the two can be compared.
  for (const { layers } of built.platforms) {
    for (const { digest } of layers) expect(after).toContain(digest.slice(0, 'sha256:'.length + 12));
  }
});

test('a publish plan shows what is sent, what is linked, and why a tag stays', () => {
  const text = reportPublishPlan(PLAN);
  for (const part of [
    'ghcr.io/acme/agent',
    'from acme/base',
    'keep',
    '0.3.0 is newer',
    '1 blob to send, 290 kB',
    'note: something moved',
    '(unsigned)',
  ]) {
    expect(text).toContain(part);
  }
  expect(text).toMatch(/^present +sbom of linux\/amd64 +sha256:\w{12} +signed by key abababababababab$/m);
  expect(text).toMatch(/^attach +signature on the index +sha256:\w{12}/m);
  expect(reportPublishPlan({ ...PLAN, signingKey: undefined })).toMatch(/sbom of linux\/amd64 .* unsigned/);
  expect(reportPublishPlan({ ...PLAN, unchanged: true })).toContain('already published: nothing to do');
  expect(reportPublishPlan({ ...PLAN, evidence: undefined, acceptedUnproven: 'why' })).toContain('without proof: why');
});

test('a publish shows its reference, and says when there was nothing to do', () => {
  expect(reportPublish(RESULT)).toContain(`published ${RESULT.reference}`);
  expect(reportPublish(RESULT)).toContain('1 blob sent (290 kB), 1 linked, 0 already there');
  expect(reportPublish(RESULT)).toMatch(/^attached +2 sbom \(unsigned\), 1 of them new$/m);
  expect(reportPublish({ ...RESULT, unchanged: true })).toContain(`already published ${RESULT.reference}`);
});

test('an export shows where it went', () => {
  const result = { to: '/out', format: 'rootfs', index: INDEX, platform: 'linux/amd64', fetched: 9_600_000 } as const;
  expect(reportExport(result)).toBe(
    `exported rootfs of linux/amd64 of ${INDEX.digest.slice(0, 19)} to /out, 9.6 MB of it from the base`,
  );
});
