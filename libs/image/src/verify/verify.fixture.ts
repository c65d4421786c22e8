import { type Digest, sha256, silent } from '@baton/kernel';
import {
  buildLayer,
  type Descriptor,
  encodeDocument,
  type HistoryEntry,
  type ImageConfig,
  type ImageManifest,
  type LayerBlob,
  MEDIA_TYPES,
  openStore,
  type Platform,
  parsePlatform,
  type RuntimeConfig,
  sortEntries,
  type TarEntry,
  writeLayoutIndex,
  writeTar,
} from '@baton/oci';
import { type TestRegistry, temporaryDirectory } from '@baton/testkit';
import type { ImageIo } from '../types.ts';
import { type ImageTree, stackLayers } from './image-tree.ts';
import { type ImageVerifyOptions, imageVerifyOptions } from './options.ts';
import { scanLayer } from './scan-layer.ts';
import type { ImageCheck } from './types.ts';

/** A file of a layer: content and mode 0755; a link; or all of an entry. `null` is a directory. */
export type TestFile = string | Buffer | { link: string } | null | Partial<TarEntry>;
/** A layer: files by path. */
export type TestFiles = Record<string, TestFile>;

/** One platform of an image for tests. */
export interface TestPlatform {
  platform?: string;
  layers: TestFiles[];
  config?: RuntimeConfig;
  history?: HistoryEntry[];
  /** What the documents say in place of the truth. */
  lie?: (documents: { config: ImageConfig; manifest: ImageManifest }) => void;
}

/** An image as bytes: what a registry or a layout would hold. */
export interface TestImage {
  index: Descriptor;
  manifests: { descriptor: Descriptor; bytes: Buffer }[];
  blobs: Map<Digest, Buffer>;
}

function entry(path: string, file: TestFile): TarEntry {
  const common = { path, uid: 0, gid: 0, mtime: 0, size: 0 };
  if (file === null) return { ...common, type: 'directory', mode: 0o755 };
  if (typeof file === 'string' || Buffer.isBuffer(file)) {
    const content = Buffer.from(file);
    return { ...common, type: 'file', mode: 0o755, size: content.byteLength, content };
  }
  if ('link' in file) return { ...common, type: 'symlink', mode: 0o777, linkTarget: file.link };
  const content = file.content instanceof Uint8Array ? file.content : undefined;
  return { ...common, type: 'file', mode: 0o755, ...(content ? { size: content.byteLength } : {}), ...file };
}

/** The tar archive of a layer. */
export function layerTar(files: TestFiles): AsyncIterable<Buffer> {
  return writeTar(sortEntries(Object.entries(files).map(([path, file]) => entry(path, file))));
}

/** The tree that layers make, read as an image's would be. */
export async function treeOf(...layers: TestFiles[]): Promise<ImageTree> {
  const descriptor = { mediaType: MEDIA_TYPES.layerTar, digest: sha256(''), size: 0 };
  return stackLayers(
    await Promise.all(
      layers.map(async (files, i) => {
        const where = `layer ${i + 1}`;
        return { scanned: await scanLayer(descriptor, layerTar(files), where), where };
      }),
    ),
  );
}

/** Makes an image: an index of these platforms. */
export async function makeImage(
  platforms: TestPlatform[],
  lie: (index: { manifests: Descriptor[] }) => void = () => undefined,
): Promise<TestImage> {
  const store = openStore(temporaryDirectory('image'));
  const blobs = new Map<Digest, Buffer>();
  const add = (bytes: Buffer, mediaType: string): Descriptor => {
    const digest = sha256(bytes);
    blobs.set(digest, bytes);
    return { mediaType, digest, size: bytes.byteLength };
  };
  const manifests: TestImage['manifests'] = [];
  for (const { platform = 'linux/amd64', layers, config: runtime = {}, history, lie: bend } of platforms) {
    const built: LayerBlob[] = [];
    for (const files of layers) {
      const blob = await buildLayer(layerTar(files), { algorithm: 'gzip', level: 6 }, store);
      blobs.set(blob.digest, await store.read(blob.digest, 100_000_000));
      built.push(blob);
    }
    const where: Platform = parsePlatform(platform);
    const config: ImageConfig = {
      ...where,
      config: runtime,
      rootfs: { type: 'layers', diff_ids: built.map(({ diffId }) => diffId) },
      ...(history === undefined ? {} : { history }),
    };
    const manifest: ImageManifest = {
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.manifest,
      config: { mediaType: MEDIA_TYPES.config, digest: sha256(''), size: 0 },
      layers: built.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
    };
    const documents = { config, manifest };
    // Twice, for what is said of the config in the manifest and what is said in the config itself.
    bend?.(documents);
    const { digest } = documents.manifest.config;
    if (digest === sha256('')) documents.manifest.config = add(encodeDocument(documents.config), MEDIA_TYPES.config);
    const bytes = encodeDocument(documents.manifest);
    manifests.push({ descriptor: { ...add(bytes, MEDIA_TYPES.manifest), platform: where }, bytes });
  }
  const index = { schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: manifests.map((one) => one.descriptor) };
  lie(index);
  return { index: add(encodeDocument(index), MEDIA_TYPES.index), manifests, blobs };
}

/** Puts an image into a test registry as `acme/agent:1.0.0`; returns its reference. */
export async function putImage(registry: TestRegistry, image: TestImage): Promise<string> {
  for (const bytes of image.blobs.values()) await registry.store.addBlob('acme/agent', bytes);
  for (const { descriptor, bytes } of image.manifests) {
    await registry.store.putManifest('acme/agent', descriptor.digest, bytes, descriptor.mediaType);
  }
  const index = image.blobs.get(image.index.digest) ?? Buffer.alloc(0);
  await registry.store.putManifest('acme/agent', '1.0.0', index, image.index.mediaType);
  return `${registry.host}/acme/agent:1.0.0`;
}

/** Writes an image as a layout into a directory of its own; returns its path. */
export async function putLayout(image: TestImage): Promise<string> {
  const dir = temporaryDirectory('layout');
  const store = openStore(dir);
  for (const bytes of image.blobs.values()) await store.add(bytes);
  await writeLayoutIndex(dir, [image.index]);
  return dir;
}

/** What a call of the library needs, with a cache and an environment of its own: no engine, no credentials. */
export function testIo(changes: Partial<ImageIo> = {}): ImageIo {
  const home = temporaryDirectory('home');
  const env = { HOME: home, DOCKER_CONFIG: home, DOCKER_HOST: 'unix:///nowhere/docker.sock' };
  return { emit: silent, cacheDir: temporaryDirectory('cache'), env, ...changes };
}

/** Options of a verification as they are without flags. */
export function verifyOptions(changes: Partial<ImageVerifyOptions> = {}): ImageVerifyOptions {
  return { ...imageVerifyOptions.parse({}), ...changes };
}

/** Checks in one line each: `failed libraries: ...`, without those that passed. */
export function notPassed(checks: readonly ImageCheck[]): string[] {
  return checks.flatMap(({ id, result, detail }) => (result === 'passed' ? [] : [`${result} ${id}: ${detail}`]));
}
