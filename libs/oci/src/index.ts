export { type Compression, compressorId, openLayer } from './compression.ts';
export { type ContentStore, type Expected, openStore } from './content-store.ts';
export { type CredentialSource, type Credentials, dockerCredentials } from './credentials.ts';
export type { Descriptor } from './descriptor.ts';
export { DOCUMENT_LIMIT } from './document.ts';
export { flattenLayers, type LayerSource } from './flatten.ts';
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
export { formatPlatform, type Platform, parsePlatform, samePlatform } from './platform.ts';
export { checkTag, formatReference, parseReference, type Reference } from './reference.ts';
export { connectRegistry, type RegistryClient, type RegistryOptions } from './registry-client.ts';
export { sortEntries, type TarEntry, type TarHeader } from './tar-entry.ts';
export { readTar, type TarReadEntry } from './tar-read.ts';
export { writeTar } from './tar-write.ts';
export { type UnpackOptions, type UnpackResult, unpackTo } from './unpack.ts';
