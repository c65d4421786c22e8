import { BatonError } from '@baton/kernel';
import type { ImageSection, LayerSection, LoadedManifest } from '@baton/manifest';
import {
  type Compression,
  formatPlatform,
  type Platform,
  parsePlatform,
  parseReference,
  type RuntimeConfig,
  samePlatform,
} from '@baton/oci';
import { runtimeConfig } from './assemble.ts';
import { type BaseImage, type ResolvedBase, resolveBase } from './base.ts';
import { resolveDebianLayer } from './debian-layer.ts';
import { type Executables, resolveFilesLayer } from './files-layer.ts';
import { type LockFile, readLock } from './lock-file.ts';
import { resolveNpmLayer } from './npm-layer.ts';
import type { ProjectFacts } from './project-facts.ts';
import type { ProjectGit } from './project-git.ts';
import { openRegistries } from './registries.ts';
import type { ProjectPlace, ResolvedLayer, SourceIo } from './resolved-layer.ts';
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

/** The host that a manifest allows plain HTTP for. */
export function insecureHost(image: ImageSection): string | undefined {
  return image.insecure && image.repository !== undefined ? parseReference(image.repository).registry : undefined;
}

/** The section `image` of a manifest; `MANIFEST_INVALID` without one. */
export function imageSection(project: LoadedManifest): ImageSection {
  if (project.manifest.image !== undefined) return project.manifest.image;
  throw new BatonError('MANIFEST_INVALID', `${project.path} has no section "image", so there is no image to build`, {
    hint: 'Add an image: section. "baton image build --help" names its parts.',
  });
}

/**
 * Resolves base and layers of all platforms, all at once.
 *
 * @param missing called for a files layer whose source does not exist; when it says true the layer stays open (a plan
 *   is made before the bundle has written its files), otherwise the error goes up
 */
export async function resolveBuild(
  project: LoadedManifest,
  git: ProjectGit,
  facts: ProjectFacts,
  options: { locked: boolean },
  io: ImageIo,
  missing: (layer: LayerSection) => boolean = () => false,
): Promise<ResolvedBuild> {
  const image = imageSection(project);
  const place: ProjectPlace = {
    dir: project.dir,
    root: await git.root(),
    ...(project.manifest.bundle === undefined ? {} : { bundleOutputs: project.manifest.bundle.outputs }),
  };
  const sourceIo: SourceIo = {
    emit: io.emit,
    signal: io.signal,
    cacheDir: io.cacheDir,
    env: io.env,
    epoch: facts.epoch,
    locked: options.locked,
  };
  const platforms = image.platforms.map(parsePlatform);
  const lock = await readLock(project.dir);
  const registries = openRegistries(io, { insecure: insecureHost(image) });
  try {
    const [base, layers] = await Promise.all([
      resolveBase(place, image.base, platforms, lock, sourceIo, registries.connect),
      Promise.all(
        platforms.map((platform) => layersFor(platform, image, place, lock, sourceIo, git.executables, missing)),
      ),
    ]);
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
  } finally {
    registries.close();
  }
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

function resolveLayer(
  layer: LayerSection,
  platform: Platform,
  place: ProjectPlace,
  lock: LockFile,
  io: SourceIo,
  executables: Executables,
): Promise<ResolvedLayer> {
  if ('debian' in layer) return resolveDebianLayer(lock, layer, platform, io);
  if ('npm' in layer) return resolveNpmLayer(place, lock, layer, platform, io);
  return resolveFilesLayer(place, layer, platform, io, executables);
}

function compressionOf(section: ImageSection['compression']): Compression {
  return { algorithm: section.algorithm, ...(section.level === undefined ? {} : { level: section.level }) };
}

function imageLabels(name: string, image: ImageSection, facts: ProjectFacts): Record<string, string> {
  return {
    'org.opencontainers.image.title': name,
    ...(facts.revision === undefined ? {} : { 'org.opencontainers.image.revision': facts.revision }),
    ...(facts.version === undefined ? {} : { 'org.opencontainers.image.version': facts.version }),
    ...image.labels,
  };
}

/** The same facts on the index, where a reader finds them without fetching a config. */
function imageAnnotations(labels: Record<string, string>, image: ImageSection): Record<string, string> {
  const shared = Object.entries(labels).filter(([name]) => name.startsWith('org.opencontainers.image.'));
  return { ...Object.fromEntries(shared), ...image.annotations };
}
