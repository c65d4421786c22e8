import { type Digest, sha256 } from '@baton/kernel';
import { type Descriptor, encodeDocument, MEDIA_TYPES, type Platform, parsePlatform } from '@baton/oci';

/** Documents and blobs by digest, to be put into a layout or a registry; for tests of this room. */
export interface Pieces {
  blobs: Map<Digest, Buffer>;
  /** Manifests and indexes with their media types. */
  documents: Map<Digest, { bytes: Buffer; mediaType: string }>;
}

/** No pieces yet. */
export function noPieces(): Pieces {
  return { blobs: new Map(), documents: new Map() };
}

/** Makes an image with one layer and returns its manifest's descriptor, with `platform` where it is asked for. */
export function makeImage(
  pieces: Pieces,
  platform: string,
  options: { named?: boolean; says?: string; diffIds?: number; text?: string } = {},
): Descriptor {
  const { os, architecture, variant } = parsePlatform(options.says ?? platform);
  const layer = Buffer.from(`${options.text ?? 'layer'} of ${platform}`);
  const config = encodeDocument({
    os,
    architecture,
    ...(variant === undefined ? {} : { variant }),
    config: { Env: ['PATH=/usr/bin'] },
    rootfs: { type: 'layers', diff_ids: Array.from({ length: options.diffIds ?? 1 }, () => sha256(layer)) },
  });
  for (const bytes of [layer, config]) pieces.blobs.set(sha256(bytes), bytes);
  const manifest = encodeDocument({
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    config: { mediaType: MEDIA_TYPES.config, digest: sha256(config), size: config.byteLength },
    layers: [{ mediaType: MEDIA_TYPES.layerGzip, digest: sha256(layer), size: layer.byteLength }],
  });
  return keep(pieces, manifest, MEDIA_TYPES.manifest, options.named === false ? undefined : parsePlatform(platform));
}

/** Makes an index of images and returns its descriptor. */
export function makeIndex(
  pieces: Pieces,
  manifests: readonly Descriptor[],
  mediaType: string = MEDIA_TYPES.index,
): Descriptor {
  return keep(pieces, encodeDocument({ schemaVersion: 2, mediaType, manifests }), mediaType, undefined);
}

function keep(pieces: Pieces, bytes: Buffer, mediaType: string, platform: Platform | undefined): Descriptor {
  const digest = sha256(bytes);
  pieces.documents.set(digest, { bytes, mediaType });
  return { mediaType, digest, size: bytes.byteLength, ...(platform === undefined ? {} : { platform }) };
}
