import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { capabilityOf, readStatement, subjectDigests } from '@baton/evidence';
import { BatonError } from '@baton/kernel';
import { loadManifest, MANIFEST_NAME } from '@baton/manifest';
import {
  type ContentStore,
  formatPlatform,
  formatReference,
  parsePlatform,
  parseReference,
  samePlatform,
} from '@baton/oci';
import type { ImageInspectOptions } from './options.ts';
import { openRegistries } from './registries.ts';
import { readImage, readLayoutImage, type StoredImage, type StoredPlatform } from './sparse-layout.ts';
import type { ImageIo, InspectedPlatform, Inspection } from './types.ts';

/**
 * Looks into an image: a project's own, a layout directory, or one in a registry. Layers are not fetched.
 *
 * Errors: `IMAGE_NOT_BUILT`, `IMAGE_NOT_FOUND`, `IMAGE_INVALID`, `PLATFORM_MISSING`, `USAGE` (a reference without tag).
 */
export async function inspectImage(options: ImageInspectOptions, io: ImageIo): Promise<Inspection> {
  const path = resolve(options.image);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined && !/^[./~]/.test(options.image)) return await inspectReference(options, io);
  const isProject = found?.isFile() === true || (await exists(join(path, MANIFEST_NAME)));
  if (!isProject) {
    const { layout, image } = await readLayoutImage(path, { foreign: true });
    return { ...(await describe(path, 'layout', image, options, layout.blobs)), statements: [] };
  }
  const project = await loadManifest(path);
  const dir = join(project.dir, 'dist', 'image');
  const { layout, image } = await readLayoutImage(dir);
  const statements = await Promise.all(
    ['image', 'publish'].map((name) => statementAt(join(project.dir, 'dist', 'evidence', `${name}.json`))),
  );
  return {
    ...(await describe(dir, 'project', image, options, layout.blobs)),
    statements: statements.filter((statement) => statement !== undefined),
  };
}

async function inspectReference(options: ImageInspectOptions, io: ImageIo): Promise<Inspection> {
  const reference = parseReference(options.image);
  const name = reference.digest ?? reference.tag;
  if (name === undefined) {
    throw new BatonError('USAGE', `"${options.image}" names a repository, expected a tag or digest behind it`, {
      hint: `Try ${options.image}:latest, or the path of a project or layout.`,
    });
  }
  const registries = openRegistries(io);
  try {
    const client = registries.connect(reference.registry);
    const top = await client.getManifest(reference.repository, name);
    const image = await readImage(top.descriptor, options.image, async (descriptor) => {
      if (descriptor.digest === top.descriptor.digest) return top.bytes;
      if (/\.(manifest|index)\.|manifest\.list/.test(descriptor.mediaType)) {
        return (await client.getManifest(reference.repository, descriptor.digest)).bytes;
      }
      const parts: Buffer[] = [];
      for await (const chunk of client.getBlob(reference.repository, descriptor)) parts.push(chunk);
      return Buffer.concat(parts);
    });
    return { ...(await describe(formatReference(reference), 'registry', image, options)), statements: [] };
  } finally {
    registries.close();
  }
}

async function describe(
  name: string,
  kind: Inspection['kind'],
  image: StoredImage,
  options: ImageInspectOptions,
  store?: ContentStore,
): Promise<Omit<Inspection, 'statements'>> {
  const wanted = options.platform === undefined ? undefined : parsePlatform(options.platform);
  const platforms = image.platforms.filter(({ platform }) => wanted === undefined || samePlatform(platform, wanted));
  if (platforms.length === 0 && wanted !== undefined) {
    const names = image.platforms.map(({ platform }) => formatPlatform(platform)).join(', ');
    throw new BatonError('PLATFORM_MISSING', `${name} has no platform ${options.platform}, it has ${names}`, {
      hint: 'Name one of these, or leave --platform out to see all.',
    });
  }
  return {
    image: name,
    kind,
    index: image.index.descriptor,
    annotations: image.index.document.annotations ?? {},
    platforms: await Promise.all(platforms.map((platform) => describePlatform(platform, store))),
  };
}

async function describePlatform(platform: StoredPlatform, store: ContentStore | undefined): Promise<InspectedPlatform> {
  const { descriptor, manifest, config } = platform;
  const history = (config.history ?? []).filter((entry) => entry.empty_layer !== true);
  return {
    platform: formatPlatform(platform.platform),
    manifest: descriptor,
    config: manifest.config,
    runtime: config.config ?? {},
    created: config.created,
    layers: await Promise.all(
      manifest.layers.map(async (layer, i) => ({
        descriptor: layer,
        diffId: config.rootfs.diff_ids[i] ?? layer.digest,
        createdBy: history[i]?.created_by,
        here: store === undefined || (await store.has(layer.digest, layer.size)),
      })),
    ),
    annotations: manifest.annotations ?? {},
  };
}

async function statementAt(path: string): Promise<Inspection['statements'][number] | undefined> {
  if (!(await exists(path))) return undefined;
  const { statement, digest, signature } = await readStatement(path);
  return {
    path,
    digest,
    capability: capabilityOf(statement),
    result: statement.predicate.result,
    signature,
    about: subjectDigests(statement),
  };
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
