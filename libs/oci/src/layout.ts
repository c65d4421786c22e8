import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BatonError, type Digest, ensureDir, errnoOf, readFileLimited, writeFileIfChanged } from '@baton/kernel';
import { type ContentStore, openStore } from './content-store.ts';
import type { Descriptor } from './descriptor.ts';
import { DOCUMENT_LIMIT, member, readDocument, refuse } from './document.ts';
import { encodeDocument, type ImageIndex, parseIndex } from './manifest.ts';
import { MEDIA_TYPES } from './media-types.ts';

/** An OCI image layout that is there: its blobs and its `index.json`. Blobs of a base may be elsewhere (sparse layout). */
export interface Layout {
  readonly dir: string;
  readonly blobs: ContentStore;
  readonly index: ImageIndex;
}

const MARKER = 'oci-layout';
const VERSION = '1.0.0';

/**
 * Opens an image layout (OCI image specification, "Image Layout"). Throws `IMAGE_NOT_BUILT` where there is none and
 * `IMAGE_INVALID` for one whose marker or index cannot be read.
 *
 * @param options.foreign it is only looked at: nothing in it is changed, damaged blobs stay where they are
 */
export async function openLayout(dir: string, options: { foreign?: boolean } = {}): Promise<Layout> {
  const index = await readPart(join(dir, 'index.json'));
  if (index === undefined) {
    throw new BatonError('IMAGE_NOT_BUILT', `expected an image layout in ${dir}, found no index.json`, {
      hint: 'Build it first: nx run <project>:image, or baton image build <path>.',
    });
  }
  const marker = await readPart(join(dir, MARKER));
  if (marker === undefined) {
    throw new BatonError('IMAGE_INVALID', `expected an image layout in ${dir}, found an index.json without ${MARKER}`, {
      hint: 'Remove the directory and build the image again.',
    });
  }
  const version = member(readDocument(marker, join(dir, MARKER)), 'imageLayoutVersion');
  if (version.value !== VERSION) refuse(version, `the layout version "${VERSION}"`);
  return { dir, blobs: openStore(dir, options), index: parseIndex(index, join(dir, 'index.json')) };
}

/**
 * Makes the image exist: marks the directory as a layout, then replaces `index.json` in one step as the last effect. All
 * blobs must be in place before. Equal content is left alone.
 */
export async function writeLayoutIndex(dir: string, manifests: Descriptor[]): Promise<void> {
  await ensureDir(join(dir, 'blobs', 'sha256'));
  await writeFileIfChanged(join(dir, MARKER), encodeDocument({ imageLayoutVersion: VERSION }));
  const index: ImageIndex = { schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests };
  await writeFileIfChanged(join(dir, 'index.json'), encodeDocument(index));
}

/** Removes the blobs of a layout that are not in `keep`, and gives back which; also what killed processes left there. */
export async function layoutGarbage(dir: string, keep: Set<Digest>): Promise<Digest[]> {
  const blobs = openStore(dir);
  await blobs.sweep();
  const garbage = (await blobs.list()).filter((digest) => !keep.has(digest));
  for (const digest of garbage) await blobs.remove(digest);
  return garbage;
}

async function readPart(path: string): Promise<Buffer | undefined> {
  const found = await stat(path).catch((error: unknown) => {
    if (errnoOf(error) !== 'ENOENT' && errnoOf(error) !== 'ENOTDIR') throw error;
    return undefined;
  });
  return found === undefined ? undefined : await readFileLimited(path, DOCUMENT_LIMIT);
}
