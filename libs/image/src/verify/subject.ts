import { basename, join } from 'node:path';
import { type ReadStatement, readStatement } from '@baton/evidence';
import { BatonError, type Digest } from '@baton/kernel';
import { type LoadedManifest, loadManifest } from '@baton/manifest';
import {
  type Descriptor,
  DOCUMENT_LIMIT,
  formatReference,
  type Layout,
  openLayout,
  parseReference,
  type Reference,
} from '@baton/oci';
import { baseBlobs } from '../base-blobs.ts';
import { demandLayout, imageArgument } from '../image-argument.ts';
import { imageSection, saidOfTls } from '../image-section.ts';
import { limitedDocument, readWhole } from '../read-document.ts';
import { openRegistries, type Registries } from '../registries.ts';
import { statementPath } from '../statements.ts';
import type { ImageIo } from '../types.ts';
import type { Verification } from './types.ts';

/** The image that is verified: what it is called, and how its bytes are had. Everything read is read by digest. */
export interface Subject {
  kind: Verification['kind'];
  /** For people. */
  image: string;
  /** For the statement: the same on every machine. */
  name: string;
  top: { digest: Digest; size?: number | undefined; mediaType?: string | undefined };
  /** Where an engine can pull it from. */
  pull?: Pick<Reference, 'registry' | 'repository'> | undefined;
  /** The publish statement that named it. */
  published?: ReadStatement | undefined;
  /** A manifest or index, verified. */
  readDocument(descriptor: { digest: Digest }): Promise<Buffer>;
  /** A config, verified. */
  readConfig(descriptor: Descriptor): Promise<Buffer>;
  /** The bytes of a layer, verified when the last one has been read. */
  open(descriptor: Descriptor): AsyncIterable<Uint8Array>;
  /** The sentence of an error that is the image's own fault; every other error is thrown. */
  faultOf(error: unknown): string;
  close(): void;
}

/** What `image verify` is pointed at: an image, and the project that it is held against, where there is one. */
export interface Target {
  subject: Subject;
  project: LoadedManifest | undefined;
}

/**
 * Finds the image that is meant: a registry reference, a layout directory, a project's `dist/image`, or (`published`)
 * what the project's publish statement names. A tag is looked up once, here.
 *
 * Errors: `USAGE` (a reference without tag), `IMAGE_NOT_FOUND`, `IMAGE_NOT_BUILT`, `IMAGE_INVALID`, `EVIDENCE_MISSING`
 * (never published), those of the registry.
 */
export async function openTarget(
  options: { image: string; project?: string | undefined; published: boolean },
  io: ImageIo,
): Promise<Target> {
  const named = options.project === undefined ? undefined : await loadManifest(options.project);
  const argument = await imageArgument(options.image);
  if (argument.kind === 'project') {
    const project = named ?? (await loadManifest(argument.path));
    return { subject: await openProject(project, options.published, io), project };
  }
  if (options.published) throw notBoth(options.image);
  const subject =
    argument.kind === 'reference'
      ? await openReference(argument.reference, named, io)
      : await openDirectory(argument.path, options.image);
  return { subject, project: named };
}

function notBoth(image: string): BatonError {
  return new BatonError('USAGE', `--published is for a project, and "${image}" is none`, {
    hint: 'Leave it out: a reference and a layout are verified as they are.',
  });
}

/** What a project has in `dist/image`, or what it published. */
export async function openProject(project: LoadedManifest, published: boolean, io: ImageIo): Promise<Subject> {
  if (!published) return await openBuilt(project, io);
  const statement = await readStatement(statementPath(project, 'publish')).catch((error: unknown) => {
    if (!(error instanceof BatonError) || error.code !== 'EVIDENCE_MISSING') throw error;
    throw new BatonError('EVIDENCE_MISSING', `${project.manifest.name} was not published from here: ${error.message}`, {
      hint: 'Publish it first, or verify what is built: baton image verify <project>.',
    });
  });
  const [subject] = statement.statement.subject;
  const name = `${subject?.name ?? ''}@sha256:${subject?.digest.sha256 ?? ''}`;
  return { ...(await openReference(parseReference(name), project, io)), published: statement };
}

async function openReference(reference: Reference, project: LoadedManifest | undefined, io: ImageIo): Promise<Subject> {
  const { registry, repository } = reference;
  const section = project?.manifest.image;
  const registries = openRegistries(io, { tls: section === undefined ? undefined : saidOfTls(section) });
  try {
    const top = await resolveTop(reference, registries);
    const client = registries.connect(registry);
    return {
      kind: 'registry',
      image: formatReference({ ...reference, digest: top.digest }),
      name: `${registry}/${repository}`,
      top,
      pull: { registry, repository },
      readDocument: async ({ digest }) => (await client.getManifest(repository, digest)).bytes,
      readConfig: async (descriptor) => await readWhole(client.getBlob(repository, limitedDocument(descriptor))),
      open: (descriptor) => client.getBlob(repository, descriptor),
      faultOf: (error) => faultOf(error),
      close: () => registries.close(),
    };
  } catch (error) {
    registries.close();
    throw error;
  }
}

async function resolveTop(reference: Reference, registries: Registries): Promise<Subject['top']> {
  const { registry, repository, tag = 'latest', digest } = reference;
  if (digest !== undefined) return { digest };
  const found = await registries.connect(registry).headManifest(repository, tag);
  if (found !== undefined) return { digest: found.digest, size: found.size, mediaType: found.mediaType };
  throw new BatonError('IMAGE_NOT_FOUND', `${formatReference(reference)} does not exist`, {
    hint: 'Check the name and the tag; "baton image publish --dry-run" shows what would be published where.',
  });
}

async function openDirectory(path: string, shown: string): Promise<Subject> {
  const layout = await openLayout(path, { foreign: true });
  const stored = (descriptor: Descriptor): AsyncIterable<Uint8Array> =>
    layout.blobs.stream(descriptor.digest, descriptor.size);
  return { ...inLayout(layout, stored), kind: 'layout', image: shown, name: basename(path) };
}

async function openBuilt(project: LoadedManifest, io: ImageIo): Promise<Subject> {
  const section = imageSection(project);
  await demandLayout(project);
  const layout = await openLayout(join(project.dir, 'dist', 'image'));
  const registries = openRegistries(io, { tls: saidOfTls(section) });
  try {
    const base = await baseBlobs(project, section.base, undefined, registries);
    async function* open(descriptor: Descriptor): AsyncGenerator<Uint8Array> {
      const here = base === undefined || (await layout.blobs.has(descriptor.digest, descriptor.size));
      yield* here ? layout.blobs.stream(descriptor.digest, descriptor.size) : base.open(descriptor);
    }
    const name = section.repository ?? project.manifest.name;
    return {
      ...inLayout(layout, open),
      kind: 'project',
      image: `${project.manifest.name} (dist/image)`,
      name,
      close: () => registries.close(),
    };
  } catch (error) {
    registries.close();
    throw error;
  }
}

function inLayout(layout: Layout, open: Subject['open']): Omit<Subject, 'kind' | 'image' | 'name'> {
  const [top, ...more] = layout.index.manifests;
  if (top === undefined || more.length > 0) {
    const count = layout.index.manifests.length;
    throw new BatonError('IMAGE_INVALID', `${join(layout.dir, 'index.json')} names ${count} images, expected one`, {
      hint: 'Verify a layout that holds one image.',
    });
  }
  return {
    top: { digest: top.digest, size: top.size, mediaType: top.mediaType },
    readDocument: ({ digest }) => layout.blobs.read(digest, DOCUMENT_LIMIT),
    readConfig: async (descriptor) =>
      await readWhole(layout.blobs.stream(limitedDocument(descriptor).digest, descriptor.size)),
    open,
    faultOf: (error) => faultOf(error).replaceAll(layout.dir, 'the layout'),
    close: () => undefined,
  };
}

/** Errors that say something about the image, and not about the way to it. */
const ABOUT_THE_IMAGE: ReadonlySet<string> = new Set([
  'DIGEST_MISMATCH',
  'STORE_CORRUPT',
  'BLOB_MISSING',
  'BASE_NOT_FOUND',
  'IMAGE_NOT_FOUND',
  'IMAGE_INVALID',
  'LAYER_INVALID',
]);

function faultOf(error: unknown): string {
  if (error instanceof BatonError && ABOUT_THE_IMAGE.has(error.code)) return error.message;
  throw error;
}
