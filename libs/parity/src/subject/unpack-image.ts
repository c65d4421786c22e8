import { arch } from 'node:os';
import { BatonError, type Digest } from '@baton/kernel';
import {
  type Descriptor,
  flattenOnce,
  formatPlatform,
  type ImageConfig,
  type ImageManifest,
  layerSource,
  type Platform,
  parseImageConfig,
  parseManifest,
  parseManifestOrIndex,
  parsePlatform,
  samePlatform,
  unpackTo,
} from '@baton/oci';
import type { ImageSource } from './subject-spec.ts';

/** The image of one platform. */
export interface PlatformImage {
  digest: Digest;
  platform: Platform;
  manifest: ImageManifest;
  config: ImageConfig;
}

/** The platform of this machine, as images name it. */
export function machinePlatform(): Platform {
  return parsePlatform(`linux/${{ x64: 'amd64', ia32: '386' }[arch() as 'x64' | 'ia32'] ?? arch()}`);
}

/** Picks what runs on this machine. Errors: `PLATFORM_MISSING`, `IMAGE_INVALID`, those of reading. */
export async function readImage(source: ImageSource): Promise<PlatformImage> {
  const wanted = machinePlatform();
  const top = parseManifestOrIndex(await source.readDocument(source), source.name);
  if (top.kind === 'manifest')
    return { ...(await withConfig(source, top.manifest)), digest: source.digest, platform: wanted };
  const { manifests } = top.index;
  const entry = manifests.find(({ platform }) => platform !== undefined && samePlatform(platform, wanted));
  if (entry === undefined) {
    const there = manifests.flatMap(({ platform }) => (platform === undefined ? [] : formatPlatform(platform)));
    throw new BatonError('PLATFORM_MISSING', `${source.name} has no image for ${formatPlatform(wanted)}`, {
      hint: `It has: ${there.join(', ') || 'none'}. Build it for this platform, or run parity on another machine.`,
    });
  }
  const bytes = await source.readDocument({ digest: entry.digest });
  const manifest = parseManifest(bytes, `${source.name} ${entry.digest}`);
  return { ...(await withConfig(source, manifest)), digest: entry.digest, platform: wanted };
}

async function withConfig(
  source: ImageSource,
  manifest: ImageManifest,
): Promise<{ manifest: ImageManifest; config: ImageConfig }> {
  const bytes = await source.readDocument(manifest.config);
  return { manifest, config: parseImageConfig(bytes, `${source.name} ${manifest.config.digest}`) };
}

/** Unpacks the layers into `directory`, which does not exist. Errors: those of layers. */
export async function unpackImage(source: ImageSource, image: PlatformImage, directory: string): Promise<void> {
  const ids = image.config.rootfs.diff_ids;
  const layers = image.manifest.layers.map((layer: Descriptor, i) => {
    const id = ids[i];
    if (id === undefined) {
      throw new BatonError(
        'IMAGE_INVALID',
        `${source.name}: ${image.manifest.layers.length} layers, ${ids.length} diffIDs`,
      );
    }
    return layerSource(layer, id, () => source.open(layer));
  });
  await flattenOnce(layers, (entries) => unpackTo(directory, entries, { keepSetuid: true, where: source.name }));
}
