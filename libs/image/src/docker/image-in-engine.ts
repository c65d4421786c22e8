import { join } from 'node:path';
import { connectEngine, type Engine } from '@baton/engine';
import { BatonError, sha256, shortDigest } from '@baton/kernel';
import type { LoadedManifest } from '@baton/manifest';
import {
  type ContentStore,
  type Descriptor,
  encodeDocument,
  MEDIA_TYPES,
  openStore,
  parseManifest,
  readDockerArchive,
} from '@baton/oci';
import { exportedBlobs } from '../exported-blobs.ts';
import { imageSection } from '../image-section.ts';
import type { FoundImage } from '../load/found-image.ts';
import type { StoredImage, StoredPlatform } from '../sparse-layout.ts';
import type { ImageIo, Inspection } from '../types.ts';
import { type EngineMade, readRecord, recordPath } from './engine-record.ts';

/**
 * Takes a project's image out of the engine, whole, into the cache, in the form that an export works with. Its index and
 * manifests are made here: layers are compressed as the manifest of the project says, so equal images give equal bytes.
 *
 * Errors: `IMAGE_NOT_BUILT` (also when the engine no longer has it), `DIGEST_MISMATCH`, `IMAGE_INVALID`.
 */
export async function imageOutOfEngine(project: LoadedManifest, io: ImageIo): Promise<FoundImage> {
  const record = await readRecord(project);
  const section = imageSection(project);
  const store = openStore(join(io.cacheDir, 'v1'));
  const engine = connectEngine(io.env);
  try {
    const platforms: StoredPlatform[] = [];
    for (const made of record.platforms) platforms.push(await platformOf(engine, made, store, section.compression, io));
    const manifests = platforms.map(({ descriptor }) => descriptor);
    const document = { schemaVersion: 2 as const, mediaType: MEDIA_TYPES.index, manifests };
    const bytes = encodeDocument(document);
    const descriptor: Descriptor = { mediaType: MEDIA_TYPES.index, digest: sha256(bytes), size: bytes.byteLength };
    await store.add(bytes);
    const image: StoredImage = { index: { descriptor, bytes, document }, platforms };
    const blobs = exportedBlobs(store, undefined, io);
    return {
      kind: 'project',
      name: recordPath(project),
      image,
      blobs,
      repository: section.repository ?? project.manifest.name,
    };
  } finally {
    engine.close();
  }
}

/** What a project's image in an engine is, as far as the engine says it. Errors: as {@link readRecord}. */
export async function inspectInEngine(project: LoadedManifest, io: ImageIo): Promise<Omit<Inspection, 'statements'>> {
  const record = await readRecord(project);
  const engine = connectEngine(io.env);
  try {
    const found = await Promise.all(record.platforms.map(({ image }) => engine.inspect(image)));
    const named = (made: EngineMade): Descriptor => ({
      mediaType: MEDIA_TYPES.dockerConfig,
      digest: made.image,
      size: 0,
    });
    const [first] = record.platforms;
    if (first === undefined) throw new TypeError('a record names at least one platform');
    return {
      image: `${engine.address} ${record.platforms.map(({ name }) => name).join(', ')}`,
      kind: 'engine',
      index: named(first),
      annotations: {},
      platforms: record.platforms.map((made, i) => ({
        platform: made.platform,
        manifest: named(made),
        config: named(made),
        runtime: {},
        layers: made.diffIds.map((diffId) => ({
          descriptor: { mediaType: MEDIA_TYPES.layerTar, digest: diffId, size: 0 },
          diffId,
          here: found[i] !== undefined,
        })),
        annotations: {},
        engine: { names: found[i]?.tags ?? [], size: made.size, present: found[i] !== undefined },
      })),
      attached: [],
      moreAttached: 0,
    };
  } finally {
    engine.close();
  }
}

async function platformOf(
  engine: Engine,
  made: EngineMade,
  store: ContentStore,
  compression: Parameters<typeof readDockerArchive>[2]['compression'],
  io: ImageIo,
): Promise<StoredPlatform> {
  const where = `${made.name} (${shortDigest(made.image)})`;
  if ((await engine.inspect(made.image)) === undefined) {
    throw new BatonError('IMAGE_NOT_BUILT', `the container engine at ${engine.address} no longer has ${where}`, {
      hint: 'Build it again: baton image build',
    });
  }
  const archive = engine.save(made.image, { emit: io.emit, signal: io.signal });
  const images = await readDockerArchive(archive, store, { compression, where, signal: io.signal });
  // With the containerd store the ID is not the config's digest; then the layers tell.
  const image = images.find(
    ({ config }) =>
      config.descriptor.digest === made.image || config.document.rootfs.diff_ids.join() === made.diffIds.join(),
  );
  if (image === undefined || image.manifest.descriptor.platform === undefined) {
    throw new BatonError('DIGEST_MISMATCH', `the engine at ${engine.address} saved another image than ${made.image}`, {
      hint: 'Build the image again: baton image build',
    });
  }
  const { descriptor, bytes } = image.manifest;
  return {
    descriptor,
    platform: image.manifest.descriptor.platform,
    bytes,
    manifest: parseManifest(bytes, where),
    config: image.config.document,
    configBytes: image.config.bytes,
  };
}
