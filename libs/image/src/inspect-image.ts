import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { capabilityOf, findVerifier, readStatement, readVerifier, subjectDigests } from '@baton/evidence';
import { BatonError, type Digest } from '@baton/kernel';
import { loadManifest } from '@baton/manifest';
import {
  type ContentStore,
  formatPlatform,
  formatReference,
  parsePlatform,
  type Reference,
  samePlatform,
} from '@baton/oci';
import { isEngineBuilt } from './docker/engine-record.ts';
import { imageArgument } from './image-argument.ts';
import type { ImageInspectOptions } from './options.ts';
import { documentsIn } from './read-document.ts';
import { openRegistries } from './registries.ts';
import { readImage, readLayoutImage, type StoredImage, type StoredPlatform } from './sparse-layout.ts';
import type { ImageIo, InspectedPlatform, Inspection } from './types.ts';

type InspectOptions = Pick<ImageInspectOptions, 'image'> & Partial<Pick<ImageInspectOptions, 'platform' | 'key'>>;

const NOTHING_ATTACHED: Pick<Inspection, 'statements' | 'attached' | 'moreAttached'> = {
  statements: [],
  attached: [],
  moreAttached: 0,
};

/**
 * Looks into an image: a project's own, a layout directory, or one in a registry, with what is attached to it there.
 * Layers are not fetched.
 *
 * Errors: `IMAGE_NOT_BUILT`, `IMAGE_NOT_FOUND`, `IMAGE_INVALID`, `PLATFORM_MISSING`, `USAGE` (a reference without tag).
 */
export async function inspectImage(options: InspectOptions, io: ImageIo): Promise<Inspection> {
  const argument = await imageArgument(options.image);
  if (argument.kind === 'reference') return (await inspectReference(argument, options, io)).inspection;
  const { path } = argument;
  if (argument.kind === 'layout') {
    const { layout, image } = await readLayoutImage(path, { foreign: true });
    return { ...(await describe(path, 'layout', image, options, layout.blobs)), ...NOTHING_ATTACHED };
  }
  const project = await loadManifest(path);
  if (await isEngineBuilt(project)) {
    const { inspectInEngine } = await import('./docker/image-in-engine.ts');
    return { ...(await inspectInEngine(project, io)), statements: await statementsOf(project.dir) };
  }
  const dir = join(project.dir, 'dist', 'image');
  const { layout, image } = await readLayoutImage(dir);
  return {
    ...(await describe(dir, 'project', image, options, layout.blobs)),
    ...NOTHING_ATTACHED,
    statements: await statementsOf(project.dir),
  };
}

async function inspectReference(
  { reference, asked }: { reference: Reference; asked: string },
  options: Omit<ImageInspectOptions, 'sbom' | 'provenance'>,
  io: ImageIo,
): Promise<{ inspection: Inspection; documents: Map<Digest, unknown> }> {
  const registries = openRegistries(io);
  try {
    const client = registries.connect(reference.registry);
    const top = await client.getManifest(reference.repository, asked);
    const read = documentsIn(client, reference.repository, top);
    const image = await readImage(top.descriptor, options.image, read);
    const described = await describe(formatReference(reference), 'registry', image, options);
    const parts = described.platforms.map(({ manifest, config }) => [manifest.digest, config.digest]);
    const subjects = [
      { of: 'index', digest: top.descriptor.digest, parts: parts.flat() },
      ...described.platforms
        .map(({ platform, manifest, config }) => ({ of: platform, digest: manifest.digest, parts: [config.digest] }))
        .filter(({ digest }) => digest !== top.descriptor.digest),
    ];
    const { readAttached } = await import('./attest/read-attached.ts');
    const verifier = options.key === undefined ? await findVerifier({ env: io.env }) : await readVerifier(options.key);
    const found = await readAttached(subjects, verifier, { client, repository: reference.repository });
    const { attached, more, signatures, documents } = found;
    return { inspection: { ...described, statements: [], attached, moreAttached: more, signatures }, documents };
  } finally {
    registries.close();
  }
}

/**
 * One document that is attached to an image in a registry, as it is: the SPDX document of a platform, or the SLSA
 * provenance of the index.
 *
 * Errors: those of {@link inspectImage}, `USAGE` (not a reference; several platforms and none named), `EVIDENCE_MISSING`.
 */
export async function attachedDocument(
  options: InspectOptions,
  kind: 'sbom' | 'provenance',
  io: ImageIo,
): Promise<unknown> {
  const argument = await imageArgument(options.image);
  if (argument.kind !== 'reference') {
    throw new BatonError(
      'USAGE',
      `"${options.image}" is a path, and only images in a registry have something attached`,
    );
  }
  const { inspection, documents } = await inspectReference(argument, options, io);
  const found = inspection.attached.filter((each) => each.kind === kind && each.problem === undefined);
  const subjects = new Set(found.map(({ subject }) => subject));
  if (subjects.size > 1) {
    throw new BatonError(
      'USAGE',
      `${inspection.image} has one for each platform: ${found.map(({ of }) => of).join(', ')}`,
      {
        hint: 'Name one with --platform.',
      },
    );
  }
  // The last one is the newest where a tag lists them; a signed one is worth more.
  const best = found.findLast(({ signature }) => signature === 'valid') ?? found.at(-1);
  if (best !== undefined) return documents.get(best.manifest);
  throw new BatonError('EVIDENCE_MISSING', `nothing of the kind ${kind} is attached to ${inspection.image}`, {
    hint: '"baton image inspect" shows what is attached; image.attest in agent.yaml says what publish attaches.',
  });
}

async function describe(
  name: string,
  kind: Inspection['kind'],
  image: StoredImage,
  options: InspectOptions,
  store?: ContentStore,
): Promise<Omit<Inspection, 'statements' | 'attached' | 'moreAttached'>> {
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

async function statementsOf(dir: string): Promise<Inspection['statements']> {
  const names = ['image', 'publish'];
  const found = await Promise.all(names.map((name) => statementAt(join(dir, 'dist', 'evidence', `${name}.json`))));
  return found.filter((statement) => statement !== undefined);
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
