import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Digest } from '@baton/kernel';
import { loadManifest, MANIFEST_NAME } from '@baton/manifest';
import type { Descriptor } from '@baton/oci';
import type { ImageIo } from './types.ts';
import { openProject } from './verify/subject.ts';

/** A project's built image, whole: what its layout does not hold is read from the base. Everything is read by digest. */
export interface BuiltImageSource {
  /** For people. */
  name: string;
  /** Of the index. */
  digest: Digest;
  /** A manifest, index or config, verified. */
  readDocument(descriptor: { digest: Digest }): Promise<Buffer>;
  /** The bytes of a layer, verified when the last one has been read. */
  open(descriptor: Descriptor): AsyncIterable<Uint8Array>;
  close(): void;
}

/**
 * Opens the image in a directory when that is the `dist/image` of a project, whose layout holds its own layers only; undefined for any
 * other directory. Errors: `IMAGE_NOT_BUILT`, `IMAGE_INVALID`, those of the base.
 */
export async function builtImageAt(directory: string, io: ImageIo): Promise<BuiltImageSource | undefined> {
  const home = dirname(dirname(directory));
  if (directory !== join(home, 'dist', 'image') || !existsSync(join(home, MANIFEST_NAME))) return undefined;
  const project = await loadManifest(home);
  if (project.manifest.image === undefined) return undefined;
  const { image, top, readDocument, open, close } = await openProject(project, false, io);
  return { name: image, digest: top.digest, readDocument, open, close };
}
