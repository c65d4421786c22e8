import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { BatonError, type Digest } from '@baton/kernel';
import type { BaseSection, LoadedManifest } from '@baton/manifest';
import { type ContentStore, openStore, parseReference, type Reference } from '@baton/oci';
import { pullBlob } from './flight-pull.ts';
import { imageSection, saidOfTls } from './image-section.ts';
import type { Registries } from './registries.ts';
import type { ImageIo } from './types.ts';

/** Where the layers that an image inherits can be had. */
export interface BaseBlobs {
  /** For people: a layout's path as the manifest has it, a reference. */
  title: string;
  /** A repository of the target's registry that should have them: they are linked there, and travel nowhere. */
  mountFrom: string | undefined;
  /** Whether reading them goes over the network. */
  remote: boolean;
  /** The bytes of one layer, verified at the end. */
  open(blob: { digest: Digest; size: number }): AsyncIterable<Uint8Array>;
  /**
   * Brings one layer into a store, once for all who want it at a time (`flight-pull.ts`); only where reading goes over
   * the network.
   */
  pull?(blob: { digest: Digest; size: number }, store: ContentStore, io: ImageIo): Promise<void>;
}

/**
 * Finds where the layers of a project's base are, for a target registry. Nothing is fetched here.
 *
 * A base in a registry is linked when the target is there too, and streamed from there otherwise. A base layout is
 * linked when its project says that it was published to the same registry, and read from disk otherwise.
 */
export async function baseBlobs(
  project: LoadedManifest,
  base: BaseSection,
  targetRegistry: string | undefined,
  registries: Registries,
): Promise<BaseBlobs | undefined> {
  if (base === 'scratch') return undefined;
  if ('ref' in base) {
    const reference = parseReference(base.ref);
    return {
      title: base.ref,
      mountFrom: reference.registry === targetRegistry ? reference.repository : undefined,
      remote: true,
      open: (blob) => registries.connect(reference.registry).getBlob(reference.repository, blob),
      pull: (blob, store, io) => pullBlob({ reference, tls: saidOfTls(imageSection(project)) }, blob, store, io),
    };
  }
  const dir = resolve(project.dir, base.layout);
  const published = await publishedAt(dir);
  return {
    title: base.layout,
    mountFrom: published !== undefined && published.registry === targetRegistry ? published.repository : undefined,
    remote: false,
    open: (blob) => fromLayout(dir, blob),
  };
}

async function* fromLayout(dir: string, blob: { digest: Digest; size: number }): AsyncGenerator<Uint8Array> {
  const store = openStore(dir);
  if (!(await store.has(blob.digest, blob.size))) {
    throw new BatonError('BASE_NOT_FOUND', `the base layout ${dir} does not hold the layer ${blob.digest}`, {
      hint: 'It is not the layout that this image was built on: build the base again, then this image.',
    });
  }
  yield* store.stream(blob.digest, blob.size);
}

/** Where the project of a layout last published to; only a guess worth one request, so nothing of it is verified. */
async function publishedAt(layout: string): Promise<Reference | undefined> {
  try {
    const text = await readFile(join(dirname(layout), 'evidence', 'publish.json'), 'utf8');
    const { subject } = JSON.parse(text) as { subject?: { name?: string }[] };
    return parseReference(String(subject?.[0]?.name));
  } catch {
    // Never published, or not readable: then the layers are read from the layout.
    return undefined;
  }
}
