import { BatonError, type Digest } from '@baton/kernel';
import {
  type Descriptor,
  DOCUMENT_LIMIT,
  formatPlatform,
  type ImageConfig,
  type ImageManifest,
  isIndexType,
  isManifestType,
  type Platform,
  parseImageConfig,
  parseIndex,
  parseManifest,
  samePlatform,
} from '@baton/oci';

/** The base's image for one platform. */
export interface BaseImage {
  manifest: ImageManifest;
  config: ImageConfig;
  configBytes: Buffer;
  descriptor: Descriptor;
}

/** Where documents of a base (indexes, manifests, configs) are read; what it gives is verified. */
export interface BaseDocuments {
  /** How messages name the base. */
  name: string;
  document(descriptor: Descriptor): Promise<Buffer>;
  config(descriptor: Descriptor): Promise<Buffer>;
}

/** Indexes in indexes are followed this deep. */
const DEEPEST = 3;

/**
 * Finds the image of each platform below some top descriptors, reading no more documents than that takes.
 *
 * Returns by the platform's text. Errors: `PLATFORM_MISSING` (naming what there is), `IMAGE_INVALID` (two images for one
 * platform, config and manifest that disagree).
 */
export async function baseImages(
  tops: readonly Descriptor[],
  platforms: readonly Platform[],
  documents: BaseDocuments,
): Promise<Map<string, BaseImage>> {
  const leaves = await findLeaves(tops, documents, 0);
  const images = await Promise.all(
    platforms.map(async (platform): Promise<[string, BaseImage]> => {
      const leaf = choose(leaves, platform, documents.name);
      return [formatPlatform(platform), leaf.image ?? (await readImage(leaf.descriptor, platform, documents))];
    }),
  );
  return new Map(images);
}

/** A manifest that is somewhere below, and what it is for. */
interface Leaf {
  descriptor: Descriptor;
  platform: Platform;
  image?: BaseImage;
}

async function findLeaves(tops: readonly Descriptor[], documents: BaseDocuments, depth: number): Promise<Leaf[]> {
  if (depth > DEEPEST) throw new BatonError('IMAGE_INVALID', `${documents.name} has indexes nested too deeply`);
  const leaves: Leaf[] = [];
  for (const descriptor of tops) {
    if (isIndexType(descriptor.mediaType)) {
      const index = parseIndex(await documents.document(descriptor), where(documents, descriptor.digest));
      leaves.push(...(await findLeaves(index.manifests, documents, depth + 1)));
    } else if (isManifestType(descriptor.mediaType) && descriptor.artifactType === undefined) {
      leaves.push(await leafOf(descriptor, documents));
    }
  }
  return leaves;
}

// Attestations are listed as images for "unknown/unknown", which no manifest of ours asks for.
async function leafOf(descriptor: Descriptor, documents: BaseDocuments): Promise<Leaf> {
  if (descriptor.platform !== undefined) return { descriptor, platform: descriptor.platform };
  const image = await readImage(descriptor, undefined, documents);
  const { os, architecture, variant } = image.config;
  return { descriptor, platform: { os, architecture, ...(variant === undefined ? {} : { variant }) }, image };
}

function choose(leaves: readonly Leaf[], platform: Platform, name: string): Leaf {
  const fitting = leaves.filter((leaf) => samePlatform(leaf.platform, platform));
  const digests = new Set(fitting.map((leaf) => leaf.descriptor.digest));
  const [first] = fitting;
  if (first !== undefined && digests.size === 1) return first;
  if (first !== undefined) {
    throw new BatonError(
      'IMAGE_INVALID',
      `${name} has ${digests.size} images for ${formatPlatform(platform)}, expected one`,
      {
        hint: 'Name the one you mean by its digest.',
      },
    );
  }
  const known = leaves.map((leaf) => formatPlatform(leaf.platform)).filter((text) => !text.startsWith('unknown'));
  throw new BatonError('PLATFORM_MISSING', `${name} has no image for ${formatPlatform(platform)}`, {
    hint:
      known.length === 0
        ? 'It holds no image at all.'
        : `It has ${[...new Set(known)].join(', ')}: change \`platforms\` in agent.yaml or take another base.`,
    details: { platforms: [...new Set(known)] },
  });
}

async function readImage(
  descriptor: Descriptor,
  platform: Platform | undefined,
  documents: BaseDocuments,
): Promise<BaseImage> {
  const at = where(documents, descriptor.digest);
  const manifest = parseManifest(await documents.document(descriptor), at);
  if (manifest.config.size > DOCUMENT_LIMIT) {
    throw new BatonError(
      'IMAGE_INVALID',
      `${at} has a config of ${manifest.config.size} bytes, more than ${DOCUMENT_LIMIT}`,
    );
  }
  const configBytes = await documents.config(manifest.config);
  const config = parseImageConfig(configBytes, where(documents, manifest.config.digest));
  const wrong = disagreement(manifest, config, platform);
  if (wrong !== undefined) throw new BatonError('IMAGE_INVALID', `${at}: ${wrong}`);
  return { manifest, config, configBytes, descriptor };
}

function disagreement(
  manifest: ImageManifest,
  config: ImageConfig,
  platform: Platform | undefined,
): string | undefined {
  const layers = manifest.layers.length;
  const diffIds = config.rootfs.diff_ids.length;
  if (layers !== diffIds) return `the manifest has ${layers} layers, the config has ${diffIds}`;
  if (platform === undefined) return undefined;
  if (config.os === platform.os && config.architecture === platform.architecture) return undefined;
  return `listed for ${formatPlatform(platform)}, but its config says ${config.os}/${config.architecture}`;
}

function where(documents: BaseDocuments, digest: Digest): string {
  return `${documents.name} (${digest})`;
}
