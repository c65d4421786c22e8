import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectEngine } from '@baton/engine';
import { Hasher, silent } from '@baton/kernel';
import { type ImageSection, loadManifest } from '@baton/manifest';
import { flattenLayers, openLayer, type RuntimeConfig, type TarReadEntry } from '@baton/oci';
import { needs, temporaryDirectory, temporaryRepository, writeFiles } from '@baton/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildImage } from '../build-image.ts';
import { type NpmRegistry, npmArchive, startNpmRegistry } from '../layers/npm/npm-registry.fixture.ts';
import { lintImage } from '../lint/lint-image.ts';
import type { FoundImage } from '../load/found-image.ts';
import { withProject } from '../load/image-source.ts';
import { loadImage } from '../load/load-image.ts';
import { buildOptions } from '../project.fixture.ts';
import type { ImageIo } from '../types.ts';
import { BUSYBOX, sharedEngine } from './docker.fixture.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
const PLATFORM = 'linux/amd64';
const engine = sharedEngine();

let registry: NpmRegistry;
beforeAll(async () => {
  registry = await startNpmRegistry();
});
afterAll(() => registry.close());

test('containers/agent.Dockerfile passes our own lint, strictly', async () => {
  const report = await lintImage({ path: join(ROOT, 'apps', 'agent') });
  expect(report).toMatchObject({ findings: [], allowed: [{ code: 'base-unpinned' }] });
});

/** Files that npm installs for the npm layers, more of them than an image takes. */
const PACKAGES: Record<string, readonly string[]> = {
  koffi: [
    ...[
      'package.json',
      'LICENSE.txt',
      'README.md',
      'index.cjs',
      'index.js',
      'indirect.cjs',
      'cnoke.cjs',
      'doc/index.md',
    ],
    ...['index.cjs', 'indirect.cjs', 'index.js', 'CMakeLists.txt', 'src/static.cjs', 'src/static.js', 'src/ffi.cc'].map(
      (name) => `src/koffi/${name}`,
    ),
    'vendor/node-addon-api/napi.h',
  ],
  '@koromix/koffi-linux-x64': [
    'package.json',
    'README.md',
    'index.js',
    'linux_x64/koffi.node*',
    'musl_x64/koffi.node*',
  ],
};

/** The image of the manifest for one platform: each layer of an npm package is published first, and installed as npm would. */
async function onePlatform(image: ImageSection): Promise<{ image: object; installed: Record<string, string> }> {
  const layers = image.layers.filter(({ platform }) => platform === undefined || platform === PLATFORM);
  const installed: Record<string, string> = {};
  for (const layer of layers) {
    if (!('npm' in layer)) continue;
    const files = Object.fromEntries((PACKAGES[layer.npm] ?? []).map((name) => [name, `${layer.npm} ${name}\n`]));
    registry.publish(layer.npm, layer.version, await npmArchive(files));
    for (const [name, text] of Object.entries(files)) {
      installed[`node_modules/${layer.npm}/${name}`] = text;
    }
  }
  return { image: { ...image, layers, platforms: [PLATFORM] }, installed };
}

/** What an image is made of, as far as a container sees it; times are the builder's. */
interface Contents {
  files: Record<string, string>;
  config: RuntimeConfig;
}

async function contentsOf({ image, blobs }: FoundImage): Promise<Contents> {
  const [platform] = image.platforms;
  const layers = platform?.manifest.layers ?? [];
  const sources = layers.map((layer) => ({
    where: layer.digest,
    open: () => openLayer(blobs.open(layer), layer.mediaType, layer.digest),
  }));
  const files: Record<string, string> = {};
  for await (const entry of flattenLayers(sources)) {
    files[entry.header.path] = await describe(entry);
  }
  return { files, config: platform?.config.config ?? {} };
}

async function describe({ header, body }: TarReadEntry): Promise<string> {
  const { type, mode, uid, gid, size, linkTarget = '' } = header;
  const hasher = new Hasher();
  for await (const chunk of body) hasher.update(chunk);
  return [type, mode.toString(8), `${uid}:${gid}`, size, hasher.digest(), linkTarget].join(' ');
}

/** Settings that mean something; engines write many more, empty. */
function settings(config: RuntimeConfig): Record<string, unknown> {
  const { Entrypoint, Cmd, User, Env, WorkingDir, Volumes, Labels } = config;
  const all = { Entrypoint, Cmd: Cmd ?? undefined, User, Env, WorkingDir, Volumes: Volumes ?? undefined, Labels };
  return JSON.parse(JSON.stringify(all)) as Record<string, unknown>;
}

needs('dockerd', 'busybox')(
  'it gives the same files, owners, modes and settings as the embedded driver',
  async () => {
    const host = await engine();
    const real = await loadManifest(join(ROOT, 'apps', 'agent'));
    if (real.manifest.image === undefined) throw new Error('the agent has no image');
    const { image, installed } = await onePlatform(real.manifest.image);
    // A small base in the place of containers/base, which takes Debian's archive and minutes.
    const { dir, commit } = await temporaryRepository({
      '.gitignore': 'dist\nnode_modules\n',
      '.npmrc': `registry=${registry.url}\n`,
      'package.json': '{}',
      'containers/base/agent.yaml': JSON.stringify({
        version: 1,
        name: 'base',
        image: {
          layers: [
            { from: 'files/node', to: '/usr/local/bin/node', mode: '0755' },
            { from: 'files/node', to: '/bin/busybox', mode: '0755' },
            { from: 'files/etc', to: '/etc' },
          ],
          entrypoint: ['/usr/local/bin/node'],
          env: { PATH: '/usr/local/bin:/bin' },
          volumes: ['/var/lib/base'],
        },
      }),
      'containers/base/files/etc/passwd': 'root:x:0:0::/:/bin/sh\n',
      'containers/base/files/etc/deep/er/file': 'x\n',
      'containers/agent.Dockerfile': await readFile(join(ROOT, 'containers', 'agent.Dockerfile'), 'utf8'),
      'containers/agent.Dockerfile.dockerignore': await readFile(
        join(ROOT, 'containers', 'agent.Dockerfile.dockerignore'),
        'utf8',
      ),
      'apps/agent/agent.yaml': JSON.stringify({
        version: 1,
        name: real.manifest.name,
        image,
      }),
      'apps/agent/src/main.ts': '// a source\n',
      'apps/agent/package.json': '{}',
      'apps/agent/.npmrc': `registry=${registry.url}\n`,
    });
    await writeFiles(dir, {
      'containers/base/files/node': BUSYBOX(),
      'apps/agent/dist/bundle/main.cjs': 'console.log("hello")\n',
      'apps/agent/dist/bundle/meta.json': '{}',
    });
    for (const [name, text] of Object.entries(installed)) {
      const path = name.replace('*', '');
      await writeFiles(dir, { [path]: text });
      if (name.endsWith('*')) await chmod(join(dir, path), 0o755);
    }
    // Whatever a umask made of it.
    await chmod(join(dir, 'apps/agent/dist/bundle/main.cjs'), 0o640);
    await commit('base');
    const home = temporaryDirectory('home');
    const env = { HOME: home, DOCKER_CONFIG: home, DOCKER_HOST: host.host, npm_config_cache: join(home, 'npm') };
    const io: ImageIo = { emit: silent, cacheDir: temporaryDirectory('cache'), env };

    await buildImage(await loadManifest(join(dir, 'containers/base')), buildOptions(), io);
    await loadImage({ image: join(dir, 'containers/base'), name: ['base:local'], platform: PLATFORM }, io);
    const agent = await loadManifest(join(dir, 'apps/agent'));
    const options = buildOptions({ bundle: false });
    await buildImage(agent, options, io);
    const embedded = await withProject(agent, io, contentsOf);
    const result = await buildImage(agent, { ...options, driver: 'docker' }, io);
    const built = await withProject(agent, io, contentsOf);

    expect(Object.keys(built.files)).toEqual(
      expect.arrayContaining(['app/main.cjs', 'app/node_modules/@koromix/koffi-linux-x64/linux_x64/koffi.node']),
    );
    expect(built.files).toEqual(embedded.files);
    expect(settings(built.config)).toEqual(settings(embedded.config));

    const client = connectEngine(env);
    const { code, stdout } = await client
      .run({ image: result.index.digest, entrypoint: ['/bin/busybox', 'cat'], args: ['main.cjs'], timeout: 60_000 }, io)
      .finally(() => client.close());
    expect([code, stdout.toString()]).toEqual([0, 'console.log("hello")\n']);
  },
  120_000,
);
