import { type Digest, sha256 } from '@baton/kernel';
import {
  asAnyText,
  asArray,
  asDigest,
  asMediaType,
  asSize,
  asText,
  asTextMap,
  member,
  optional,
  type Place,
  refuse,
} from './document.ts';
import type { Platform } from './platform.ts';

/** What a document says of other bytes: their type, digest and size (OCI image specification, "Content Descriptors"). */
export interface Descriptor {
  mediaType: string;
  digest: Digest;
  /** Bytes. */
  size: number;
  platform?: Platform;
  annotations?: Record<string, string>;
  artifactType?: string;
  urls?: string[];
  /** The bytes themselves in base64; checked against digest and size when read. */
  data?: string;
}

/** Reads the descriptor at a place; unknown members are passed over. Throws `IMAGE_INVALID`. */
export function readDescriptor(place: Place): Descriptor {
  const mediaType = asMediaType(member(place, 'mediaType'));
  const digest = asDigest(member(place, 'digest'));
  const size = asSize(member(place, 'size'));
  const platform = optional(place, 'platform', readPlatform);
  const annotations = optional(place, 'annotations', asTextMap);
  const artifactType = optional(place, 'artifactType', asMediaType);
  const urls = optional(place, 'urls', (at) => asArray(at, 1000).map((url) => asText(url)));
  const data = optional(place, 'data', (at) => readData(at, digest, size));
  return {
    mediaType,
    digest,
    size,
    ...(platform === undefined ? {} : { platform }),
    ...(annotations === undefined ? {} : { annotations }),
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(urls === undefined ? {} : { urls }),
    ...(data === undefined ? {} : { data }),
  };
}

// Not parsePlatform: an index may list platforms that Baton does not know, such as "unknown/unknown" for attestations.
function readPlatform(place: Place): Platform {
  const os = asText(member(place, 'os'), 'the name of an operating system');
  const architecture = asText(member(place, 'architecture'), 'the name of an architecture');
  const variant = optional(place, 'variant', asAnyText);
  const version = optional(place, 'os.version', asAnyText);
  const features = optional(place, 'os.features', (at) => asArray(at, 1000).map((feature) => asText(feature)));
  return {
    os,
    architecture,
    ...(variant === undefined || variant === '' ? {} : { variant }),
    ...(version === undefined || version === '' ? {} : { 'os.version': version }),
    ...(features === undefined ? {} : { 'os.features': features }),
  };
}

function readData(place: Place, digest: Digest, size: number): string {
  const text = asAnyText(place);
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) refuse(place, 'base64');
  if (bytes.byteLength !== size || sha256(bytes) !== digest) refuse(place, `the ${size} bytes of ${digest}`);
  return text;
}
