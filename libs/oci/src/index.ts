export { type Compression, compressorId, openLayer } from './compression.ts';
export { type ContentStore, type Expected, openStore } from './content-store.ts';
export { type CredentialSource, dockerCredentials } from './credentials.ts';
export type { Credentials } from './credentials-forms.ts';
export type { Descriptor } from './descriptor.ts';
export { type DockerArchiveContent, type DockerArchiveReading, readDockerArchive } from './docker-archive-read.ts';
export {
  type DockerArchiveImage,
  type DockerArchiveLayer,
  measureLayer,
  writeDockerArchive,
} from './docker-archive-write.ts';
export { DOCUMENT_LIMIT } from './document.ts';
export { flattenLayers, flattenOnce, type LayerSource } from './flatten.ts';
export { layerSource } from './flatten-source.ts';
export { type HistoryEntry, type ImageConfig, parseImageConfig, type RuntimeConfig } from './image-config.ts';
export { buildLayer, type LayerBlob } from './layer.ts';
export { type Layout, layoutGarbage, openLayout, writeLayoutIndex } from './layout.ts';
export {
  encodeDocument,
  type ImageIndex,
  type ImageManifest,
  parseIndex,
  parseManifest,
  parseManifestOrIndex,
} from './manifest.ts';
export { isIndexType, isManifestType, layerCompression, MEDIA_TYPES } from './media-types.ts';
export { Overlay, type OverlayNode } from './overlay.ts';
export { formatPlatform, type Platform, parsePlatform, samePlatform } from './platform.ts';
export { checkTag, formatReference, parseReference, type Reference } from './reference.ts';
export type { ReferrersBy } from './referrers.ts';
export { connectRegistry, type RegistryClient, type RegistryOptions } from './registry-client.ts';
export { sortEntries, type TarEntry, type TarHeader } from './tar-entry.ts';
export { readTar, type TarReadEntry } from './tar-read.ts';
export { writeTar } from './tar-write.ts';
export { type UnpackOptions, type UnpackResult, unpackTo } from './unpack.ts';
