import { arch } from 'node:os';
import { join } from 'node:path';
import { BatonError, type Digest, withLock } from '@baton/kernel';
import { type LoadedManifest, loadManifest } from '@baton/manifest';
import {
  type Descriptor,
  DOCUMENT_LIMIT,
  formatPlatform,
  formatReference,
  openLayout,
  openStore,
  type Platform,
  parsePlatform,
  type Reference,
} from '@baton/oci';
import { baseBlobs } from '../base-blobs.ts';
import { type BaseDocuments, type BaseImage, baseImages } from '../base-images.ts';
import { demandLayout, imageArgument } from '../image-argument.ts';
import { imageSection, saidOfTls } from '../image-section.ts';
import { projectLock } from '../project-lock.ts';
import { limitedDocument, readWhole } from '../read-document.ts';
import { openRegistries } from '../registries.ts';
import type { ImageIo } from '../types.ts';

/** One platform of an image, and where the bytes of its layers can be had. */
export interface RootfsSource {
  /** A reference, or the path of a layout. */
  name: string;
  platform: Platform;
  image: BaseImage;
  /** Calls `work` with a way to open layers, which is there until it ends. */
  withLayers<T>(io: ImageIo, work: (open: OpenLayer) => Promise<T>): Promise<T>;
}

/** The compressed bytes of a layer, its digest checked at the end. */
export type OpenLayer = (layer: Descriptor) => AsyncIterable<Uint8Array>;

/**
 * Finds an image: a project's own, the one of a layout directory, or one in a registry, a tag resolved to its digest.
 * Reads no more documents than the platform takes.
 *
 * Errors: `USAGE` (a reference without tag), `IMAGE_NOT_BUILT`, `IMAGE_NOT_FOUND`, `IMAGE_INVALID`, `PLATFORM_MISSING`.
 */
export async function rootfsSource(
  options: { image: string; platform?: string | undefined },
  io: ImageIo,
): Promise<RootfsSource> {
  const platform = parsePlatform(options.platform ?? thisMachine());
  const argument = await imageArgument(options.image);
  if (argument.kind === 'reference') return await fromRegistry(argument.reference, argument.asked, platform, io);
  if (argument.kind === 'layout') return await fromLayout(argument.path, platform);
  return await fromProject(await loadManifest(argument.path), platform, io);
}

async function fromRegistry(
  reference: Reference,
  asked: string,
  platform: Platform,
  io: ImageIo,
): Promise<RootfsSource> {
  const name = formatReference(reference);
  const registries = openRegistries(io);
  try {
    const client = registries.connect(reference.registry);
    const top = await client.getManifest(reference.repository, asked);
    const image = await imageOf([top.descriptor], platform, {
      name,
      document: async ({ digest }) =>
        digest === top.descriptor.digest ? top.bytes : (await client.getManifest(reference.repository, digest)).bytes,
      config: async (descriptor) => await readWhole(client.getBlob(reference.repository, limitedDocument(descriptor))),
    });
    return {
      name,
      platform,
      image,
      async withLayers(later, work) {
        const cache = openStore(join(later.cacheDir, 'v1'));
        const own = openRegistries(later);
        const remote = own.connect(reference.registry);
        try {
          return await work(async function* ({ digest, size }) {
            if (await cache.has(digest, size)) yield* cache.stream(digest, size);
            else yield* remote.getBlob(reference.repository, { digest, size });
          });
        } finally {
          own.close();
        }
      },
    };
  } finally {
    registries.close();
  }
}

async function fromLayout(dir: string, platform: Platform): Promise<RootfsSource> {
  const layout = await openLayout(dir, { foreign: true });
  const read = ({ digest }: { digest: Digest }): Promise<Buffer> => layout.blobs.read(digest, DOCUMENT_LIMIT);
  const image = await imageOf(layout.index.manifests, platform, { name: dir, document: read, config: read });
  return {
    name: dir,
    platform,
    image,
    async withLayers(later, work) {
      const cache = openStore(join(later.cacheDir, 'v1'));
      return await work(async function* ({ digest, size }) {
        const here = (await layout.blobs.has(digest, size)) || !(await cache.has(digest, size));
        yield* (here ? layout.blobs : cache).stream(digest, size);
      });
    },
  };
}

async function fromProject(project: LoadedManifest, platform: Platform, io: ImageIo): Promise<RootfsSource> {
  const section = imageSection(project);
  await demandLayout(project);
  const dir = join(project.dir, 'dist', 'image');
  const lock = await projectLock(project, io);
  const found = await withLock(lock.name, () => fromLayout(dir, platform), lock.options);
  return {
    ...found,
    async withLayers(later, work) {
      const registries = openRegistries(later, { tls: saidOfTls(section) });
      // A build that runs meanwhile removes the layers of the image before it.
      const { name, options } = await projectLock(project, later);
      try {
        const cache = openStore(join(later.cacheDir, 'v1'));
        const own = openStore(dir);
        const base = await baseBlobs(project, section.base, undefined, registries);
        const open: OpenLayer = async function* ({ digest, size }) {
          if (base === undefined || (await own.has(digest, size))) yield* own.stream(digest, size);
          else if (await cache.has(digest, size)) yield* cache.stream(digest, size);
          else yield* base.open({ digest, size });
        };
        return await withLock(name, () => work(open), options);
      } finally {
        registries.close();
      }
    },
  };
}

async function imageOf(tops: readonly Descriptor[], platform: Platform, documents: BaseDocuments): Promise<BaseImage> {
  try {
    const image = (await baseImages(tops, [platform], documents)).get(formatPlatform(platform));
    if (image !== undefined) return image;
  } catch (error) {
    if (!(error instanceof BatonError) || error.code !== 'PLATFORM_MISSING') throw error;
    const known = error.details?.platforms;
    throw new BatonError(error.code, error.message, {
      hint:
        Array.isArray(known) && known.length > 0
          ? `It has ${known.join(', ')}: name one with --platform.`
          : 'It holds no image at all.',
      details: error.details,
    });
  }
  throw new BatonError('INTERNAL', `no image for ${formatPlatform(platform)} and no error either`);
}

/** The platform of containers on this machine. */
function thisMachine(): string {
  const architectures: Record<string, string> = { x64: 'amd64', ia32: '386', arm: 'arm/v7' };
  return `linux/${architectures[arch()] ?? arch()}`;
}
