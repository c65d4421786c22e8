import { readFile, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Emit, ProgressEvent } from '@baton/kernel';
import { type LoadedManifest, loadManifest } from '@baton/manifest';
import {
  buildLayer,
  openStore,
  type Platform,
  parsePlatform,
  type RuntimeConfig,
  writeLayoutIndex,
  writeTar,
} from '@baton/oci';
import { type TestRepository, temporaryDirectory, temporaryRepository, writeFiles } from '@baton/testkit';
import { imageConfig, imageIndex, imageManifest } from './assemble.ts';
import { type ImageBuildOptions, type ImagePublishOptions, imageBuildOptions, imagePublishOptions } from './options.ts';
import type { ImageIo } from './types.ts';

/** A project in a git repository of its own, with a cache of its own; for tests of this room. */
export interface TestProject {
  repository: TestRepository;
  /** The project's folder, `apps/agent` of the repository. */
  dir: string;
  io: ImageIo;
  events: ProgressEvent[];
  load(): Promise<LoadedManifest>;
  /** Writes `agent.yaml` with another `image` section. */
  manifest(image: Record<string, unknown>, more?: Record<string, unknown>): Promise<void>;
  /** Writes files below the project, old enough to be remembered. */
  write(files: Record<string, string | Uint8Array>): Promise<void>;
  /** Reads a file below the project. */
  read(path: string): Promise<Buffer>;
  commit(): Promise<string>;
}

const OLD = new Date('2024-05-06T07:08:09Z');

/** Two platforms, one layer they share and one each; nothing but files. */
export const TWO_PLATFORMS = {
  platforms: ['linux/amd64', 'linux/arm64'],
  layers: [
    { from: 'files/shared', to: '/app' },
    { from: 'files/amd64', to: '/bin', platform: 'linux/amd64' },
    { from: 'files/arm64', to: '/bin', platform: 'linux/arm64' },
  ],
  entrypoint: ['/bin/tool', '/app/main.txt'],
  user: '0:0',
  env: { MODE: 'test' },
};

/** Makes a project with some files and a committed manifest. */
export async function testProject(
  image: Record<string, unknown> = TWO_PLATFORMS,
  more: Record<string, unknown> = {},
): Promise<TestProject> {
  const repository = await temporaryRepository();
  await repository.write({ '.gitignore': 'dist/\n', 'README.md': 'test\n' });
  const dir = join(repository.dir, 'apps', 'agent');
  const events: ProgressEvent[] = [];
  const emit: Emit = (event) => void events.push(event);
  const home = temporaryDirectory('home');
  const io: ImageIo = { emit, cacheDir: temporaryDirectory('cache'), env: { HOME: home, DOCKER_CONFIG: home } };
  const project: TestProject = {
    repository,
    dir,
    io,
    events,
    async load() {
      // Files younger than a step of the kernel's clock are not remembered; a person's build never comes so soon.
      await setTimeout(25);
      return await loadManifest(dir);
    },
    manifest: (section, rest = {}) =>
      project.write({ 'agent.yaml': JSON.stringify({ version: 1, name: 'agent', image: section, ...rest }) }),
    async write(files) {
      await writeFiles(dir, files);
      for (const name of Object.keys(files)) await utimes(join(dir, name), OLD, OLD);
    },
    read: (path) => readFile(join(dir, path)),
    commit: () => repository.commit('more'),
  };
  await project.write({
    'files/shared/main.txt': 'hello\n',
    'files/shared/data/more.txt': 'more\n',
    'files/amd64/tool': 'amd64 program\n',
    'files/arm64/tool': 'arm64 program\n',
  });
  await project.manifest(image, more);
  await project.commit();
  return project;
}

/** Options of a build as they are without flags. */
export function buildOptions(changes: Partial<ImageBuildOptions> = {}): ImageBuildOptions {
  return { ...imageBuildOptions.parse({}), ...changes };
}

/** Options of a publish as they are without flags. */
export function publishOptions(changes: Partial<ImagePublishOptions> = {}): ImagePublishOptions {
  return { ...imagePublishOptions.parse({}), ...changes };
}

/** Writes a complete layout of a small base image: one layer, the given runtime settings. */
export async function baseLayout(
  dir: string,
  platforms: readonly string[] = ['linux/amd64', 'linux/arm64'],
  runtime: RuntimeConfig = { Env: ['PATH=/usr/bin'], Cmd: ['/usr/bin/sh'], Labels: { base: 'yes' } },
  text = 'base',
): Promise<void> {
  const store = openStore(dir);
  const children: { platform: Platform; document: ReturnType<typeof imageManifest> }[] = [];
  for (const name of platforms) {
    const platform = parsePlatform(name);
    const content = Buffer.from(`${text} of ${name}\n`);
    const common = { type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 0 } as const;
    const tar = writeTar([{ ...common, path: 'etc-base', size: content.byteLength, content }]);
    const blob = await buildLayer(tar, { algorithm: 'gzip', level: 6 }, store);
    const layers = [{ title: 'base', blob }];
    const config = imageConfig(platform, runtime, layers, undefined, 0);
    const document = imageManifest(config, layers, undefined, {});
    children.push({ platform, document });
    await store.add(config.bytes);
    await store.add(document.bytes);
  }
  const index = imageIndex(children, {});
  await store.add(index.bytes);
  await writeLayoutIndex(dir, [index.descriptor]);
}
