import { BatonError } from '@baton/kernel';
import type { ImageSection, LayerSection, LoadedManifest } from '@baton/manifest';
import {
  type Compression,
  formatPlatform,
  type Platform,
  parsePlatform,
  type RuntimeConfig,
  samePlatform,
} from '@baton/oci';
import { runtimeConfig } from './assemble.ts';
import { type BaseImage, type ResolvedBase, resolveBase } from './base.ts';
import { imageAnnotations, imageLabels } from './image-labels.ts';
import { imageSection, saidOfTls } from './image-section.ts';
import { type Executables, resolveFilesLayer } from './layers/files/files-layer.ts';
import type { ProjectPlace, ResolvedLayer, SourceIo } from './layers/resolved-layer.ts';
import { type LockFile, readLock } from './lock-file.ts';
import { type ProjectFacts, projectFacts } from './project-facts.ts';
import type { ProjectGit } from './project-git.ts';
import { openRegistries } from './registries.ts';
import type { ImageIo } from './types.ts';

/** A layer of the manifest as it is for one platform. */
export interface PlacedLayer {
  /** Undefined when its files are yet to be bundled (only while planning). */
  resolved: ResolvedLayer | undefined;
  title: string;
  compression: Compression;
  /** Its content is decided anew by each build, by what an archive has then. */
  volatile: boolean;
  /** Looks at the sources once more. */
  again(): Promise<ResolvedLayer>;
}

/** Everything that goes into the image of one platform. */
export interface ResolvedPlatform {
  platform: Platform;
  text: string;
  base: BaseImage | undefined;
  runtime: RuntimeConfig;
  layers: PlacedLayer[];
}

/** A build whose inputs are all known; nothing is packed yet. */
export interface ResolvedBuild {
  name: string;
  image: ImageSection;
  facts: ProjectFacts;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  base: ResolvedBase;
  platforms: ResolvedPlatform[];
  notes: string[];
}

/** What surrounds the layers and is known before the bundle command has run. */
export interface Surroundings {
  facts: ProjectFacts;
  place: ProjectPlace;
  lock: LockFile;
  sourceIo: SourceIo;
  platforms: Platform[];
  base: ResolvedBase;
}

/** Resolves everything that no bundle command can change: the facts of the project, the lock, the base. */
export async function resolveSurroundings(
  project: LoadedManifest,
  git: ProjectGit,
  options: { locked: boolean; release?: string | undefined },
  io: ImageIo,
): Promise<Surroundings> {
  const image = imageSection(project);
  const platforms = image.platforms.map(parsePlatform);
  const [facts, root, lock] = await Promise.all([
    projectFacts(project, git, options, io),
    git.root(),
    readLock(project.dir),
  ]);
  const { bundle } = project.manifest;
  const place = { dir: project.dir, root, ...(bundle === undefined ? {} : { bundleOutputs: bundle.outputs }) };
  const { emit, signal, cacheDir, env } = io;
  const sourceIo = { emit, signal, cacheDir, env, epoch: facts.epoch, locked: options.locked };
  const registries = openRegistries(io, { tls: saidOfTls(image) });
  try {
    const base = await resolveBase(place, image.base, platforms, lock, sourceIo, registries.connect);
    return { facts, place, lock, sourceIo, platforms, base };
  } finally {
    registries.close();
  }
}

/**
 * Resolves the layers of all platforms, all at once.
 *
 * @param missing called for a files layer whose source does not exist; when it says true the layer stays open (a plan
 *   is made before the bundle has written its files), otherwise the error goes up
 */
export async function resolveBuild(
  project: LoadedManifest,
  git: ProjectGit,
  surroundings: Surroundings,
  missing: (layer: LayerSection) => boolean = () => false,
): Promise<ResolvedBuild> {
  const image = imageSection(project);
  const { facts, place, lock, sourceIo, platforms, base } = surroundings;
  const layers = await Promise.all(
    platforms.map((platform) => layersFor(platform, image, place, lock, sourceIo, git.executables, missing)),
  );
  const labels = imageLabels(project.manifest.name, image, facts);
  const resolved = platforms.map((platform, i): ResolvedPlatform => {
    const text = formatPlatform(platform);
    const own = base.platforms.get(text);
    return {
      platform,
      text,
      base: own,
      runtime: runtimeConfig(image, labels, own?.config.config),
      layers: layers[i] ?? [],
    };
  });
  const notes = [...base.notes, ...resolved.flatMap((p) => p.layers.flatMap((layer) => layer.resolved?.notes ?? []))];
  return {
    name: image.repository ?? project.manifest.name,
    image,
    facts,
    labels,
    annotations: imageAnnotations(labels, image),
    base,
    platforms: resolved,
    notes: [...new Set(notes)],
  };
}

function layersFor(
  platform: Platform,
  image: ImageSection,
  place: ProjectPlace,
  lock: LockFile,
  io: SourceIo,
  executables: Executables,
  missing: (layer: LayerSection) => boolean,
): Promise<PlacedLayer[]> {
  const wanted = image.layers.filter(
    (layer) => layer.platform === undefined || samePlatform(parsePlatform(layer.platform), platform),
  );
  return Promise.all(
    wanted.map(async (layer): Promise<PlacedLayer> => {
      const again = (): Promise<ResolvedLayer> => resolveLayer(layer, platform, place, lock, io, executables);
      const common = {
        compression: compressionOf(layer.compression ?? image.compression),
        volatile: 'debian' in layer && layer.resolve === 'current' && !io.locked,
        again,
      };
      try {
        const resolved = await again();
        return { resolved, title: resolved.title, ...common };
      } catch (error) {
        if (!(error instanceof BatonError) || error.code !== 'LAYER_SOURCE_MISSING' || !missing(layer)) throw error;
        const title = 'to' in layer ? `files ${layer.from} -> ${layer.to}` : 'files';
        return { resolved: undefined, title, ...common };
      }
    }),
  );
}

async function resolveLayer(
  layer: LayerSection,
  platform: Platform,
  place: ProjectPlace,
  lock: LockFile,
  io: SourceIo,
  executables: Executables,
): Promise<ResolvedLayer> {
  // Most images have files alone: what packages need is loaded with the first package.
  if ('debian' in layer) {
    const { resolveDebianLayer } = await import('./layers/debian/debian-layer.ts');
    return await resolveDebianLayer(lock, layer, platform, io);
  }
  if ('npm' in layer) {
    const { resolveNpmLayer } = await import('./layers/npm/npm-layer.ts');
    return await resolveNpmLayer(place, lock, layer, platform, io);
  }
  return await resolveFilesLayer(place, layer, platform, io, executables);
}

function compressionOf(section: ImageSection['compression']): Compression {
  return { algorithm: section.algorithm, ...(section.level === undefined ? {} : { level: section.level }) };
}
