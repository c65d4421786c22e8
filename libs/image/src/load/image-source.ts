import { join } from 'node:path';
import { withLock } from '@baton/kernel';
import { type LoadedManifest, loadManifest } from '@baton/manifest';
import { formatReference, openStore, type Reference } from '@baton/oci';
import { type BaseBlobs, baseBlobs } from '../base-blobs.ts';
import { isEngineBuilt } from '../docker/engine-record.ts';
import { exportedBlobs } from '../exported-blobs.ts';
import { pullBlob } from '../flight-pull.ts';
import { imageArgument } from '../image-argument.ts';
import { imageSection, saidOfTls } from '../image-section.ts';
import { projectLock } from '../project-lock.ts';
import { documentsIn } from '../read-document.ts';
import { openRegistries } from '../registries.ts';
import { readImage, readLayoutImage } from '../sparse-layout.ts';
import type { ImageIo } from '../types.ts';
import type { FoundImage } from './found-image.ts';

/**
 * Finds an image (a project's own, one of a layout directory, one in a registry) and works with it; blobs can be opened
 * until `work` ends. What comes over the network goes through the cache.
 *
 * Errors: `USAGE` (a reference without tag), `IMAGE_NOT_BUILT`, `IMAGE_NOT_FOUND`, `IMAGE_INVALID`.
 */
export async function withImage<T>(text: string, io: ImageIo, work: (found: FoundImage) => Promise<T>): Promise<T> {
  const argument = await imageArgument(text);
  if (argument.kind === 'reference') return await withReference(argument.reference, argument.asked, io, work);
  const { path } = argument;
  if (argument.kind === 'project') return await withProject(await loadManifest(path), io, work);
  const { layout, image } = await readLayoutImage(path, { foreign: true });
  return await work({ kind: 'layout', name: path, image, blobs: exportedBlobs(layout.blobs, undefined, io) });
}

/** The same for a project's own image; a build that runs meanwhile is waited for. */
export async function withProject<T>(
  project: LoadedManifest,
  io: ImageIo,
  work: (found: FoundImage) => Promise<T>,
): Promise<T> {
  const section = imageSection(project);
  const registries = openRegistries(io, { tls: saidOfTls(section) });
  try {
    const lock = await projectLock(project, io);
    return await withLock(
      lock.name,
      async () => {
        if (await isEngineBuilt(project)) {
          const { imageOutOfEngine } = await import('../docker/image-in-engine.ts');
          return await work(await imageOutOfEngine(project, io));
        }
        const name = join(project.dir, 'dist', 'image');
        const { layout, image } = await readLayoutImage(name);
        const base = await baseBlobs(project, section.base, undefined, registries);
        const blobs = exportedBlobs(layout.blobs, base, io);
        const repository = section.repository ?? project.manifest.name;
        return await work({ kind: 'project', name, image, blobs, repository });
      },
      lock.options,
    );
  } finally {
    registries.close();
  }
}

async function withReference<T>(
  reference: Reference,
  asked: string,
  io: ImageIo,
  work: (found: FoundImage) => Promise<T>,
): Promise<T> {
  const text = formatReference(reference);
  const { registry, repository, tag } = reference;
  const registries = openRegistries(io);
  try {
    const client = registries.connect(registry);
    const top = await client.getManifest(repository, asked);
    const image = await readImage(top.descriptor, text, documentsIn(client, repository, top));
    const remote: BaseBlobs = {
      title: text,
      mountFrom: undefined,
      remote: true,
      open: (blob) => client.getBlob(repository, blob),
      pull: (blob, store, pullIo) => pullBlob({ reference }, blob, store, pullIo),
    };
    const blobs = exportedBlobs(openStore(join(io.cacheDir, 'v1')), remote, io);
    return await work({ kind: 'registry', name: text, image, blobs, repository: `${registry}/${repository}`, tag });
  } finally {
    registries.close();
  }
}
