import { type Digest, sha256 } from '@baton/kernel';
import type { ImageSection } from '@baton/manifest';
import { type ImageConfig, type LayerBlob, MEDIA_TYPES, parseImageConfig, parseIndex, parseManifest } from '@baton/oci';
import { expect, test } from 'vitest';
import { type BaseParts, imageConfig, imageIndex, imageManifest, runtimeConfig } from './assemble.ts';

const AMD64 = { os: 'linux', architecture: 'amd64' };

function section(image: Partial<ImageSection>): ImageSection {
  return {
    platforms: ['linux/amd64'],
    driver: 'embedded',
    base: 'scratch',
    layers: [],
    compression: { algorithm: 'gzip', level: 6 },
    tags: ['{version}'],
    attest: [],
    ...image,
  };
}

function layer(text: string): { title: string; blob: LayerBlob } {
  const digest = sha256(text);
  const diffId = sha256(`${text} tar`);
  return {
    title: `files ${text} -> /app`,
    blob: { mediaType: MEDIA_TYPES.layerGzip, digest, size: 10, diffId, uncompressedSize: 20, compressor: 'gzip-6' },
  };
}

function base(config: Partial<ImageConfig> = {}): BaseParts {
  const diffId: Digest = sha256('base tar');
  return {
    manifest: {
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.dockerManifest,
      config: { mediaType: MEDIA_TYPES.dockerConfig, digest: sha256('config'), size: 1 },
      layers: [{ mediaType: MEDIA_TYPES.dockerLayerGzip, digest: sha256('base'), size: 5, annotations: { note: 'x' } }],
    },
    config: { architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [diffId] }, ...config },
  };
}

test('a runtime without a base is what the manifest says', () => {
  const image = section({
    entrypoint: ['/app/main'],
    cmd: ['--help'],
    user: '0:0',
    env: { B: '2', A: '1' },
    workdir: '/app',
    volumes: ['/data'],
  });
  expect(runtimeConfig(image, { l: 'v' }, undefined)).toEqual({
    Entrypoint: ['/app/main'],
    Cmd: ['--help'],
    User: '0:0',
    Env: ['B=2', 'A=1'],
    WorkingDir: '/app',
    Volumes: { '/data': {} },
    Labels: { l: 'v' },
  });
});

test('settings of the base stay unless they are set, and maps are merged', () => {
  const inherited = {
    Env: ['PATH=/bin', 'A=old'],
    User: '65532',
    Volumes: { '/old': {} },
    Labels: { keep: 'me', 'org.opencontainers.image.version': '12', 'org.opencontainers.image.title': 'base' },
    StopSignal: 'SIGINT',
    Healthcheck: { Test: ['NONE'] },
    OnBuild: ['RUN x'],
  };
  const image = section({ env: { A: 'new', C: '3' }, volumes: ['/data'] });
  expect(runtimeConfig(image, { 'org.opencontainers.image.title': 'mine' }, inherited)).toEqual({
    Env: ['PATH=/bin', 'A=new', 'C=3'],
    User: '65532',
    Volumes: { '/old': {}, '/data': {} },
    Labels: { keep: 'me', 'org.opencontainers.image.title': 'mine' },
    StopSignal: 'SIGINT',
    Healthcheck: { Test: ['NONE'] },
  });
});

test.each([
  ['entrypoint alone', { entrypoint: ['/new'] }, { Entrypoint: ['/new'] }],
  ['entrypoint and cmd', { entrypoint: ['/new'], cmd: ['x'] }, { Entrypoint: ['/new'], Cmd: ['x'] }],
  ['cmd alone', { cmd: ['x'] }, { Entrypoint: ['/old'], Cmd: ['x'] }],
  ['neither', {}, { Entrypoint: ['/old'], Cmd: ['old'] }],
])('%s over a base that has both', (_, image, expected) => {
  const { Entrypoint, Cmd } = runtimeConfig(section(image), {}, { Entrypoint: ['/old'], Cmd: ['old'] });
  expect({ Entrypoint, Cmd }).toEqual({ Cmd: undefined, ...expected });
});

test('a config lists the layers of the base first, and its history counts as many as there are layers', () => {
  const { bytes } = imageConfig(AMD64, { Cmd: ['x'] }, [layer('a'), layer('b')], base(), 86400);
  const config = parseImageConfig(bytes, 'test');
  expect(config.created).toBe('1970-01-02T00:00:00Z');
  expect(config.rootfs.diff_ids).toEqual([sha256('base tar'), sha256('a tar'), sha256('b tar')]);
  expect(config.history?.map((entry) => entry.created_by)).toEqual([
    'base layer',
    'baton: files a -> /app',
    'baton: files b -> /app',
  ]);
});

test("a base's history is kept, entries without a layer too", () => {
  const history = [{ created_by: 'ADD rootfs' }, { created_by: 'CMD', empty_layer: true }];
  const { bytes } = imageConfig(AMD64, {}, [layer('a')], base({ history }), 0);
  expect(parseImageConfig(bytes, 'test').history?.map((entry) => entry.created_by)).toEqual([
    'ADD rootfs',
    'CMD',
    'baton: files a -> /app',
  ]);
});

test('a manifest names layers of a Docker base in OCI terms, without notes of its builder', () => {
  const config = imageConfig(AMD64, {}, [layer('a')], base(), 0);
  const { bytes } = imageManifest(config, [layer('a')], base(), { note: 'own' });
  expect(parseManifest(bytes, 'test')).toEqual({
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    config: config.descriptor,
    layers: [
      { mediaType: MEDIA_TYPES.layerGzip, digest: sha256('base'), size: 5 },
      { mediaType: MEDIA_TYPES.layerGzip, digest: sha256('a'), size: 10 },
    ],
    annotations: { note: 'own' },
  });
});

test('an index keeps the order of the platforms; equal content has equal bytes', () => {
  const build = (): { bytes: Buffer } => {
    const config = imageConfig(AMD64, {}, [layer('a')], undefined, 0);
    const document = imageManifest(config, [layer('a')], undefined, {});
    const arm = { os: 'linux', architecture: 'arm64' };
    return imageIndex(
      [
        { platform: arm, document },
        { platform: AMD64, document },
      ],
      { b: '2', a: '1' },
    );
  };
  const index = parseIndex(build().bytes, 'test');
  expect(index.manifests.map(({ platform }) => platform?.architecture)).toEqual(['arm64', 'amd64']);
  expect(build().bytes.equals(build().bytes)).toBe(true);
});
