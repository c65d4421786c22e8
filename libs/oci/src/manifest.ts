import { canonicalJson, type Json } from '@baton/kernel';
import { type Descriptor, readDescriptor } from './descriptor.ts';
import {
  asArray,
  asMediaType,
  asObject,
  asTextMap,
  member,
  optional,
  type Place,
  readDocument,
  refuse,
} from './document.ts';
import { isIndexType, isManifestType, MEDIA_TYPES } from './media-types.ts';

/** One image: its config and its layers, bottom first (OCI image specification, "Image Manifest"). */
export interface ImageManifest {
  schemaVersion: 2;
  mediaType: string;
  artifactType?: string;
  config: Descriptor;
  layers: Descriptor[];
  subject?: Descriptor;
  annotations?: Record<string, string>;
}

/** A list of images, usually one for each platform (OCI image specification, "Image Index"). */
export interface ImageIndex {
  schemaVersion: 2;
  mediaType: string;
  artifactType?: string;
  manifests: Descriptor[];
  subject?: Descriptor;
  annotations?: Record<string, string>;
}

const MOST_LAYERS = 1000;
const MOST_MANIFESTS = 10_000;

/** Reads an OCI or Docker schema 2 manifest from its bytes. Throws `IMAGE_INVALID` that names `where` and the JSON path. */
export function parseManifest(bytes: Uint8Array, where: string): ImageManifest {
  const top = readDocument(bytes, where);
  if (kindOf(top) === 'index')
    refuse(member(top, 'manifests'), 'a manifest of one image, not an index: no "manifests"');
  return readManifest(top);
}

/** Reads an OCI index or a Docker manifest list from its bytes. Throws `IMAGE_INVALID`. */
export function parseIndex(bytes: Uint8Array, where: string): ImageIndex {
  const top = readDocument(bytes, where);
  if (kindOf(top) === 'manifest') refuse(member(top, 'layers'), 'an index, not a manifest of one image: no "layers"');
  return readIndex(top);
}

/**
 * Reads a manifest or an index, told apart by `mediaType` and, where that is absent, by what is in it. A document that
 * could be both is refused, so that no two readers see different images in the same bytes.
 */
export function parseManifestOrIndex(
  bytes: Uint8Array,
  where: string,
): { kind: 'manifest'; manifest: ImageManifest } | { kind: 'index'; index: ImageIndex } {
  const top = readDocument(bytes, where);
  return kindOf(top) === 'index'
    ? { kind: 'index', index: readIndex(top) }
    : { kind: 'manifest', manifest: readManifest(top) };
}

/** The bytes of a manifest, an index or a config: equal documents have equal bytes. No final newline. */
export function encodeDocument(value: object): Buffer {
  const bytes = canonicalJson(JSON.parse(JSON.stringify(value)) as Json);
  return bytes.subarray(0, bytes.byteLength - 1);
}

function kindOf(top: Place): 'manifest' | 'index' {
  const mediaType = optional(top, 'mediaType', asMediaType);
  const version = member(top, 'schemaVersion');
  if (
    version.value === 1 ||
    member(top, 'fsLayers').value !== undefined ||
    mediaType?.startsWith('application/vnd.docker.distribution.manifest.v1+') === true
  ) {
    const hint = 'Push the image again with a current tool: that writes schema 2 or OCI.';
    refuse(version, 'an OCI or Docker schema 2 document (Docker schema 1 is not supported)', hint);
  }
  if (version.value !== 2) refuse(version, 'the number 2');
  // Readers written in Go take "Layers" for "layers": such a document must not be two things to two readers either.
  const keys = new Set(Object.keys(asObject(top)).map((key) => key.toLowerCase()));
  const hasManifests = keys.has('manifests');
  const hasLayers = keys.has('layers') || keys.has('config');
  if (hasManifests && hasLayers)
    refuse(top, 'either a manifest or an index, not a document that has the members of both');
  if (mediaType === undefined) return hasManifests ? 'index' : 'manifest';
  if (isIndexType(mediaType)) return 'index';
  if (isManifestType(mediaType)) return 'manifest';
  return refuse(member(top, 'mediaType'), 'the media type of a manifest or an index');
}

function readManifest(top: Place): ImageManifest {
  return {
    schemaVersion: 2,
    mediaType: optional(top, 'mediaType', asMediaType) ?? MEDIA_TYPES.manifest,
    config: readDescriptor(member(top, 'config')),
    layers: asArray(member(top, 'layers'), MOST_LAYERS).map(readDescriptor),
    ...shared(top),
  };
}

function readIndex(top: Place): ImageIndex {
  return {
    schemaVersion: 2,
    mediaType: optional(top, 'mediaType', asMediaType) ?? MEDIA_TYPES.index,
    manifests: asArray(member(top, 'manifests'), MOST_MANIFESTS).map(readDescriptor),
    ...shared(top),
  };
}

function shared(top: Place): { artifactType?: string; subject?: Descriptor; annotations?: Record<string, string> } {
  const artifactType = optional(top, 'artifactType', asMediaType);
  const subject = optional(top, 'subject', readDescriptor);
  const annotations = optional(top, 'annotations', asTextMap);
  return {
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(subject === undefined ? {} : { subject }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}
