import { join, relative, resolve } from 'node:path';
import type { LayerSection, LoadedManifest } from '@baton/manifest';
import { openStore } from '@baton/oci';
import { driverOf } from './docker/driver.ts';
import { layerBlobKey, rememberedLayer } from './layers/make-layer.ts';
import type { ImageBuildOptions } from './options.ts';
import { projectGit } from './project-git.ts';
import { type PlacedLayer, type ResolvedPlatform, resolveBuild, resolveSurroundings } from './resolve-build.ts';
import type { BuildPlan, ImageIo, PlannedLayer, PlannedPlatform } from './types.ts';

/**
 * What `image build` would do now, as plain data. Nothing is written to the project and the bundle command does not
 * run; a layer that it has yet to write has no key.
 */
export async function planBuild(
  project: LoadedManifest,
  options: Pick<ImageBuildOptions, 'release' | 'locked' | 'bundle' | 'driver' | 'platform'>,
  io: ImageIo,
): Promise<BuildPlan> {
  if (driverOf(project, options) === 'docker')
    return await (await import('./docker/plan-docker.ts')).planDocker(project, options, io);
  const git = projectGit(project, io);
  const surroundings = await resolveSurroundings(project, git, options, io);
  const { facts } = surroundings;
  const bundle = options.bundle ? project.manifest.bundle : undefined;
  const outputs = (bundle?.outputs ?? []).map((output) => resolve(project.dir, output));
  const bundled = (layer: LayerSection): boolean =>
    !('npm' in layer) &&
    !('debian' in layer) &&
    outputs.some((output) => isInside(output, join(project.dir, layer.from)));
  const build = await resolveBuild(project, git, surroundings, bundled);
  return {
    project: project.manifest.name,
    name: build.name,
    base: build.base.title,
    platforms: await Promise.all(build.platforms.map((platform) => planPlatform(platform, io))),
    annotations: build.annotations,
    revision: facts.revision,
    version: facts.version,
    epoch: facts.epoch,
    bundle: bundle?.command,
    repository: build.image.repository,
    tags: build.image.tags,
    notes: build.notes,
  };
}

async function planPlatform(platform: ResolvedPlatform, io: ImageIo): Promise<PlannedPlatform> {
  const base = (platform.base?.manifest.layers ?? []).map(
    (layer): PlannedLayer => ({
      title: 'base',
      origin: 'base',
      key: layer.digest,
      cached: true,
      digest: layer.digest,
      size: layer.size,
    }),
  );
  return {
    platform: platform.text,
    base: platform.base?.descriptor.digest,
    layers: [...base, ...(await Promise.all(platform.layers.map((layer) => planLayer(layer, io))))],
    config: platform.runtime,
  };
}

async function planLayer({ resolved, title, compression }: PlacedLayer, io: ImageIo): Promise<PlannedLayer> {
  if (resolved === undefined) return { title, origin: 'own', key: null, cached: false };
  const store = openStore(join(io.cacheDir, 'v1'));
  const blob = await rememberedLayer(layerBlobKey(resolved, compression), store, io.cacheDir);
  return {
    title,
    origin: 'own',
    key: resolved.key,
    cached: blob !== undefined,
    digest: blob?.digest,
    size: blob?.size,
  };
}

function isInside(dir: string, path: string): boolean {
  const way = relative(dir, path);
  return way === '' || !(way === '..' || way.startsWith('../'));
}
