import { BatonError, type Digest } from '@baton/kernel';
import {
  type Descriptor,
  formatPlatform,
  isIndexType,
  isManifestType,
  type Platform,
  parseIndex,
  parseManifest,
  parsePlatform,
  type RegistryClient,
  samePlatform,
} from '@baton/oci';

/** A manifest or index in a registry. */
export interface Found {
  descriptor: Descriptor;
  bytes: Buffer;
}

/** An image that an engine holds for one platform. */
interface Held {
  platform: string;
  image: Digest;
}

/** Asks a registry what is under names; each name and digest once. */
export interface Finder {
  /** Undefined when there is nothing. */
  get(name: string): Promise<Found | undefined>;
  /** Whether what was found is an image with exactly these, by their IDs. */
  isThis(found: Found, images: readonly Held[]): Promise<boolean>;
}

/** Prepares the questions about one repository. */
export function openFinder(client: RegistryClient, repository: string): Finder {
  const asked = new Map<string, Promise<Found | undefined>>();
  const get = (name: string): Promise<Found | undefined> => {
    const known = asked.get(name);
    if (known !== undefined) return known;
    const asking = client.getManifest(repository, name).catch((error: unknown) => {
      if (error instanceof BatonError && error.code === 'IMAGE_NOT_FOUND') return undefined;
      throw error;
    });
    // Asked ahead of time, its failure belongs to whoever needs the answer.
    asking.catch(() => undefined);
    asked.set(name, asking);
    return asking;
  };
  return {
    get,
    async isThis({ descriptor, bytes }, images) {
      const [only, ...more] = images;
      if (only === undefined) return false;
      if (isManifestType(descriptor.mediaType)) return more.length === 0 && holds(descriptor, bytes, only.image);
      if (!isIndexType(descriptor.mediaType)) return false;
      const { manifests } = parseIndex(bytes, descriptor.digest);
      const children = manifests.filter(({ platform }) => platform !== undefined && platform.os !== 'unknown');
      if (children.length !== images.length) return false;
      const same = await Promise.all(
        images.map(async ({ platform, image }) => {
          const child = children.find((each) => isOf(each.platform, platform));
          const found = child === undefined ? undefined : await get(child.digest);
          return (
            found !== undefined &&
            isManifestType(found.descriptor.mediaType) &&
            holds(found.descriptor, found.bytes, image)
          );
        }),
      );
      return same.every(Boolean);
    },
  };
}

/**
 * Whether a manifest is of the image with this ID: the digest of its config, or (engines with the containerd store) its
 * own. Either way the ID decides every byte of the image.
 */
export function holds(descriptor: Descriptor, bytes: Buffer, image: Digest): boolean {
  return descriptor.digest === image || parseManifest(bytes, descriptor.digest).config.digest === image;
}

function isOf(platform: Platform | undefined, wanted: string): boolean {
  return platform !== undefined && samePlatform(parsePlatform(formatPlatform(platform)), parsePlatform(wanted));
}
