import { join, resolve } from 'node:path';
import { BatonError, type Digest, digestHex, joinFlight, sha256, shortDigest } from '@baton/kernel';
import type { BaseSection } from '@baton/manifest';
import {
  type ContentStore,
  type Descriptor,
  DOCUMENT_LIMIT,
  encodeDocument,
  formatReference,
  type Layout,
  MEDIA_TYPES,
  openLayout,
  openStore,
  type Platform,
  parseManifestOrIndex,
  type Reference,
  type RegistryClient,
} from '@baton/oci';
import { type BaseDocuments, type BaseImage, baseImages } from './base-images.ts';
import { baseReference } from './base-reference.ts';
import type { Material, ProjectPlace, SourceIo } from './layers/resolved-layer.ts';
import type { LockFile } from './lock-file.ts';
import { flightRecords } from './project-lock.ts';

export type { BaseImage } from './base-images.ts';

/** A base that is known down to its configurations; its layers stay where they are. */
export interface ResolvedBase {
  /** For people: 'scratch', the layout's path or the reference. */
  title: string;
  /** By platform text (`formatPlatform`) as asked for; empty for scratch. */
  platforms: Map<string, BaseImage>;
  /** Where the layers are. */
  blobs: { kind: 'none' } | { kind: 'layout'; dir: string } | { kind: 'registry'; reference: Reference };
  materials: Material[];
  stampInputs: string[];
  notes: string[];
}

/**
 * Decides what an image is put on. Of a base in a registry only indexes, manifests and configs are fetched, never the
 * layers; they are kept by digest, so that a base that was seen before costs no request.
 *
 * Errors: `BASE_NOT_FOUND`, `PLATFORM_MISSING`, `LOCK_MISSING` (a tag without an entry in the lock), `IMAGE_INVALID`,
 * `STORE_CORRUPT`, and what the registry client throws.
 */
export async function resolveBase(
  project: ProjectPlace,
  base: BaseSection,
  platforms: readonly Platform[],
  lock: LockFile,
  io: SourceIo,
  connect: (host: string) => RegistryClient,
): Promise<ResolvedBase> {
  if (base === 'scratch') {
    return {
      title: 'scratch',
      platforms: new Map(),
      blobs: { kind: 'none' },
      materials: [],
      stampInputs: [],
      notes: [],
    };
  }
  const resolved =
    'layout' in base
      ? await fromLayout(project, base.layout, platforms)
      : await fromRegistry(base.ref, platforms, lock, io, connect);
  const data = { platforms: [...resolved.platforms.keys()] };
  io.emit({ type: 'base.resolved', label: `base ${resolved.title}`, data });
  return resolved;
}

async function fromLayout(project: ProjectPlace, path: string, platforms: readonly Platform[]): Promise<ResolvedBase> {
  const dir = resolve(project.dir, path);
  const layout = await openLayout(dir).catch((error: unknown) => {
    if (!(error instanceof BatonError) || error.code !== 'IMAGE_NOT_BUILT') throw error;
    throw new BatonError('BASE_NOT_FOUND', `the base ${path} has not been built: expected an image layout in ${dir}`, {
      hint: 'Build that project first: nx run <project>:image, or baton image build <its folder>.',
      cause: error,
    });
  });
  const read = (descriptor: Descriptor): Promise<Buffer> => layout.blobs.read(descriptor.digest, DOCUMENT_LIMIT);
  const images = await baseImages(layout.index.manifests, platforms, { name: path, document: read, config: read });
  for (const image of images.values()) await demandLayers(layout, path, image);
  const [top, ...others] = layout.index.manifests;
  // One image is named by its own digest, as everyone else does; a layout of several by the list of them.
  const digest = top !== undefined && others.length === 0 ? top.digest : sha256(encodeDocument(layout.index));
  return {
    title: path,
    platforms: images,
    blobs: { kind: 'layout', dir },
    materials: [{ name: path, digest: { sha256: digestHex(digest) }, role: 'base' }],
    stampInputs: [join(dir, 'index.json')],
    notes: [],
  };
}

async function demandLayers(layout: Layout, path: string, image: BaseImage): Promise<void> {
  for (const layer of image.manifest.layers) {
    if (await layout.blobs.has(layer.digest, layer.size)) continue;
    throw new BatonError('BASE_NOT_FOUND', `the base ${path} lacks its layer ${shortDigest(layer.digest)}`, {
      hint: `It is a sparse layout, whose own base is elsewhere: make it whole with "baton image export", and name that.`,
    });
  }
}

async function fromRegistry(
  text: string,
  platforms: readonly Platform[],
  lock: LockFile,
  io: SourceIo,
  connect: (host: string) => RegistryClient,
): Promise<ResolvedBase> {
  const written = baseReference(text);
  const digest = written.digest ?? lock.bases[text]?.digest;
  if (digest === undefined) {
    throw new BatonError('LOCK_MISSING', `image.lock.json does not say which image the base ${text} is`, {
      hint: 'Run "baton image lock" and commit the file, or name the base by digest.',
    });
  }
  const reference: Reference = { ...written, digest };
  const title = formatReference(reference);
  const documents = registryDocuments(reference, title, io, connect);
  const top = await topDescriptor(digest, documents);
  return {
    title,
    platforms: await baseImages([top], platforms, documents),
    blobs: { kind: 'registry', reference },
    materials: [{ name: title, digest: { sha256: digestHex(digest) }, role: 'base' }],
    stampInputs: [],
    notes: [],
  };
}

/** What a digest names is known from its bytes alone. */
async function topDescriptor(digest: Digest, documents: BaseDocuments): Promise<Descriptor> {
  const bytes = await documents.document({ mediaType: MEDIA_TYPES.index, digest, size: 0 });
  const parsed = parseManifestOrIndex(bytes, `${documents.name}`);
  const mediaType = parsed.kind === 'index' ? parsed.index.mediaType : parsed.manifest.mediaType;
  return { mediaType, digest, size: bytes.byteLength };
}

/** Documents of a base in a registry, each asked for once and then kept in `<cacheDir>/v1/bases`. */
function registryDocuments(
  reference: Reference,
  name: string,
  io: SourceIo,
  connect: (host: string) => RegistryClient,
): BaseDocuments {
  const { registry, repository } = reference;
  const store = openStore(join(io.cacheDir, 'v1', 'bases'));
  const orNotFound = (error: unknown): never => {
    if (!(error instanceof BatonError) || error.code !== 'IMAGE_NOT_FOUND') throw error;
    throw new BatonError('BASE_NOT_FOUND', `the registry has no base ${name}: ${error.message}`, {
      hint: 'It may have been deleted: run "baton image lock" to look again, or name another base.',
      cause: error,
    });
  };
  return {
    name,
    document: ({ digest }) =>
      cached(store, digest, name, io, async () => {
        const { bytes } = await connect(registry).getManifest(repository, digest).catch(orNotFound);
        await store.add(bytes);
      }),
    config: ({ digest, size }) =>
      cached(store, digest, name, io, async () => {
        const client = connect(registry);
        await store.ingest(client.getBlob(repository, { digest, size }), { digest, size }).catch(orNotFound);
      }),
  };
}

async function cached(
  store: ContentStore,
  digest: Digest,
  name: string,
  io: SourceIo,
  fetch: () => Promise<void>,
): Promise<Buffer> {
  const bring = (): Promise<true> =>
    joinFlight<true>(
      {
        key: `document ${store.root} ${name} ${digest}`,
        title: `${shortDigest(digest)} of ${name}`,
        records: flightRecords(io.cacheDir),
        find: async () => ((await store.has(digest)) ? true : undefined),
        work: async () => fetch().then(() => true),
      },
      // The requests end with the caller: somebody else asks again.
      { emit: io.emit, signal: io.signal, shutdown: io.signal },
    );
  if (!(await store.has(digest))) await bring();
  try {
    return await store.read(digest, DOCUMENT_LIMIT);
  } catch (error) {
    // A damaged copy was put aside by the store: the registry has a good one.
    if (!(error instanceof BatonError) || error.code !== 'STORE_CORRUPT') throw error;
    await bring();
    return await store.read(digest, DOCUMENT_LIMIT);
  }
}
