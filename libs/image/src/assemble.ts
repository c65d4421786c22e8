import type { Digest } from '@baton/kernel';
import { sha256 } from '@baton/kernel';
import type { ImageSection } from '@baton/manifest';
import {
  type Descriptor,
  encodeDocument,
  type HistoryEntry,
  type ImageConfig,
  type ImageIndex,
  type ImageManifest,
  type LayerBlob,
  MEDIA_TYPES,
  type Platform,
  type RuntimeConfig,
} from '@baton/oci';

/** A document of an image with the descriptor that names it. */
export interface Document {
  bytes: Buffer;
  descriptor: Descriptor;
}

/** What a platform's image continues from. */
export interface BaseParts {
  manifest: ImageManifest;
  config: ImageConfig;
}

/** The settings of a container as they will be: what the base says, and the manifest's own on top. */
export function runtimeConfig(
  image: ImageSection,
  labels: Record<string, string>,
  base: RuntimeConfig | undefined,
): RuntimeConfig {
  const config: RuntimeConfig & { OnBuild?: unknown } = { ...base };
  // Triggers are for those who build on the base directly; engines drop them in the same way.
  delete config.OnBuild;
  const env = mergeEnv(base?.Env ?? [], image.env ?? {});
  if (env.length > 0) config.Env = env;
  if (image.entrypoint !== undefined) {
    config.Entrypoint = [...image.entrypoint];
    // Arguments of the base's program mean nothing to another program.
    delete config.Cmd;
  }
  if (image.cmd !== undefined) config.Cmd = [...image.cmd];
  if (image.user !== undefined) config.User = image.user;
  if (image.workdir !== undefined) config.WorkingDir = image.workdir;
  const volumes = { ...base?.Volumes };
  for (const path of image.volumes ?? []) volumes[path] = {};
  if (Object.keys(volumes).length > 0) config.Volumes = volumes;
  config.Labels = { ...inheritedLabels(base?.Labels ?? {}), ...labels };
  return config;
}

/** Labels that describe the base itself (its version, its revision) are not true of what is built on it. */
function inheritedLabels(labels: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !name.startsWith('org.opencontainers.image.')));
}

function mergeEnv(base: readonly string[], own: Record<string, string>): string[] {
  const merged = new Map<string, string>();
  for (const entry of base) {
    const at = entry.indexOf('=');
    merged.set(at < 0 ? entry : entry.slice(0, at), entry);
  }
  for (const [name, value] of Object.entries(own)) merged.set(name, `${name}=${value}`);
  return [...merged.values()];
}

/**
 * The config document of one platform: the base's layers and history, then the own ones. Its only time is `epoch`
 * (seconds since 1970), so equal inputs have equal bytes.
 */
export function imageConfig(
  platform: Platform,
  runtime: RuntimeConfig,
  layers: readonly { blob: LayerBlob; title: string }[],
  base: BaseParts | undefined,
  epoch: number,
): Document {
  const created = `${new Date(epoch * 1000).toISOString().slice(0, 19)}Z`;
  const config: ImageConfig = {
    created,
    ...platform,
    config: runtime,
    rootfs: {
      type: 'layers',
      diff_ids: [...(base?.config.rootfs.diff_ids ?? []), ...layers.map((layer) => layer.blob.diffId)],
    },
    history: [
      ...baseHistory(base),
      ...layers.map((layer): HistoryEntry => ({ created, created_by: `baton: ${layer.title}` })),
    ],
  };
  return document(config, MEDIA_TYPES.config);
}

/** Readers pair history with layers by counting, so a base without history gets one entry for each layer. */
function baseHistory(base: BaseParts | undefined): HistoryEntry[] {
  if (base === undefined) return [];
  const history = base.config.history ?? [];
  const counted = history.filter((entry) => entry.empty_layer !== true).length;
  const missing = base.manifest.layers.length - counted;
  return missing > 0
    ? [...history, ...Array.from({ length: missing }, (): HistoryEntry => ({ created_by: 'base layer' }))]
    : history;
}

/** The manifest document of one platform. */
export function imageManifest(
  config: Document,
  layers: readonly { blob: LayerBlob; title: string }[],
  base: BaseParts | undefined,
  annotations: Record<string, string>,
): Document {
  const manifest: ImageManifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    config: config.descriptor,
    layers: [
      ...(base?.manifest.layers ?? []).map(baseLayer),
      ...layers.map(({ blob }) => ({ mediaType: blob.mediaType, digest: blob.digest, size: blob.size })),
    ],
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  };
  return document(manifest, MEDIA_TYPES.manifest);
}

/** The same bytes under the name that the OCI specification has for them; notes of the base's builder stay behind. */
function baseLayer(layer: Descriptor): Descriptor {
  const mediaType = layer.mediaType === MEDIA_TYPES.dockerLayerGzip ? MEDIA_TYPES.layerGzip : layer.mediaType;
  return { mediaType, digest: layer.digest, size: layer.size };
}

/** The index document: always one, for a single platform too, so that an image has one kind of name. */
export function imageIndex(
  manifests: readonly { platform: Platform; document: Document }[],
  annotations: Record<string, string>,
): Document {
  const index: ImageIndex = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.index,
    manifests: manifests.map(({ platform, document: { descriptor } }) => ({ ...descriptor, platform })),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  };
  return document(index, MEDIA_TYPES.index);
}

function document(value: ImageConfig | ImageManifest | ImageIndex, mediaType: string): Document {
  const bytes = encodeDocument(value);
  return { bytes, descriptor: { mediaType, digest: sha256(bytes), size: bytes.byteLength } };
}

/** Digests of every blob of its own that an image consists of; layers of the base are not among them. */
export function ownBlobs(documents: readonly Document[], layers: readonly LayerBlob[]): Set<Digest> {
  return new Set([...documents.map((d) => d.descriptor.digest), ...layers.map((layer) => layer.digest)]);
}
