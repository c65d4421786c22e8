import { join } from 'node:path';
import { BatonError, type Digest } from '@baton/kernel';
import {
  type ContentStore,
  type Descriptor,
  DOCUMENT_LIMIT,
  type ImageConfig,
  type ImageIndex,
  type ImageManifest,
  isManifestType,
  type LayerBlob,
  type Layout,
  layoutGarbage,
  MEDIA_TYPES,
  openLayout,
  openStore,
  type Platform,
  parseImageConfig,
  parseManifest,
  parseManifestOrIndex,
  writeLayoutIndex,
} from '@baton/oci';
import type { Document } from './assemble.ts';

/**
 * Writes an image into a layout that holds its own blobs only; layers of the base stay where they are, known by
 * descriptor.
 *
 * The image exists from the moment `index.json` is renamed into place; before that the old image stands, whole. An
 * image that is there already is left alone, to the last inode. Blobs of older images are removed at the end.
 */
export async function writeSparseLayout(
  dir: string,
  image: { documents: readonly Document[]; layers: readonly LayerBlob[]; index: Descriptor },
  from: ContentStore,
): Promise<void> {
  const store = openStore(dir);
  await Promise.all([
    ...[...new Set(image.layers.map((layer) => layer.digest))].map((digest) => from.copyTo(digest, store)),
    ...image.documents.map((document) => store.add(document.bytes)),
  ]);
  await writeLayoutIndex(dir, [image.index]);
  const keep = new Set<Digest>(image.layers.map((layer) => layer.digest));
  for (const document of image.documents) keep.add(document.descriptor.digest);
  await layoutGarbage(dir, keep);
}

/** An image read back: the index and the documents below it, layers as descriptors. */
export interface StoredImage {
  index: { descriptor: Descriptor; bytes: Buffer; document: ImageIndex };
  platforms: StoredPlatform[];
}

/** One platform of a stored image. */
export interface StoredPlatform {
  descriptor: Descriptor;
  platform: Platform;
  bytes: Buffer;
  manifest: ImageManifest;
  config: ImageConfig;
  configBytes: Buffer;
}

/** Reads the image of a layout. Errors: `IMAGE_NOT_BUILT`, `IMAGE_INVALID`, `STORE_CORRUPT`. */
export async function readLayoutImage(
  dir: string,
  options: { foreign?: boolean } = {},
): Promise<{ layout: Layout; image: StoredImage }> {
  const layout = await openLayout(dir, options);
  const [descriptor, ...more] = layout.index.manifests;
  if (descriptor === undefined || more.length > 0) {
    throw new BatonError(
      'IMAGE_INVALID',
      `${join(dir, 'index.json')} names ${layout.index.manifests.length} images, expected one`,
      { hint: 'Build the image again: baton image build' },
    );
  }
  const image = await readImage(descriptor, dir, (d) => layout.blobs.read(d.digest, DOCUMENT_LIMIT));
  return { layout, image };
}

/**
 * Reads an image's documents through `read`, which verifies digests.
 *
 * A single manifest counts as an index of one, so that everything behind this sees one shape. What is listed beside
 * images (attestations, other artifacts) is passed over.
 */
export async function readImage(
  descriptor: Descriptor,
  where: string,
  read: (descriptor: Descriptor) => Promise<Buffer>,
): Promise<StoredImage> {
  const bytes = await read(descriptor);
  const parsed = parseManifestOrIndex(bytes, `${where} ${descriptor.digest}`);
  const document: ImageIndex =
    parsed.kind === 'index'
      ? parsed.index
      : { schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: [{ ...descriptor }] };
  const platforms = await Promise.all(
    document.manifests.map(async (child): Promise<StoredPlatform | undefined> => {
      if (!isManifestType(child.mediaType)) return undefined;
      const manifestBytes = child.digest === descriptor.digest ? bytes : await read(child);
      const manifest = parseManifest(manifestBytes, `${where} ${child.digest}`);
      if (!CONFIG_TYPES.has(manifest.config.mediaType) || child.platform?.os === 'unknown') return undefined;
      const configBytes = await read(manifest.config);
      const config = parseImageConfig(configBytes, `${where} ${manifest.config.digest}`);
      return {
        descriptor: child,
        platform: child.platform ?? platformOf(config),
        bytes: manifestBytes,
        manifest,
        config,
        configBytes,
      };
    }),
  );
  return { index: { descriptor, bytes, document }, platforms: platforms.filter((each) => each !== undefined) };
}

const CONFIG_TYPES: ReadonlySet<string> = new Set([MEDIA_TYPES.config, MEDIA_TYPES.dockerConfig]);

function platformOf({ os, architecture, variant }: ImageConfig): Platform {
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
}
