import { lstat, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import {
  BatonError,
  compareText,
  type Digest,
  effect,
  ensureDir,
  errnoOf,
  ownerState,
  removeTree,
  syncDir,
  temporaryName,
  writeAll,
} from '@baton/kernel';
import {
  type Descriptor,
  encodeDocument,
  MEDIA_TYPES,
  openStore,
  sortEntries,
  type TarEntry,
  writeLayoutIndex,
  writeTar,
} from '@baton/oci';
import type { ExportedBlobs } from './exported-blobs.ts';
import type { StoredImage } from './sparse-layout.ts';

/** Writes an image as a complete OCI layout into a directory that is absent or empty. Errors: `USAGE`. */
export async function writeCompleteLayout(to: string, image: StoredImage, blobs: ExportedBlobs): Promise<void> {
  const names = await readdir(to).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return [];
    if (errnoOf(error) === 'ENOTDIR') throw occupied(to, 'is a file');
    throw error;
  });
  if (names.length > 0) throw occupied(to, 'is not empty');
  await ensureDir(dirname(to));
  await sweep(to);
  const beside = temporaryName(to);
  try {
    const store = openStore(beside);
    for (const descriptor of imageBlobs(image).values()) await store.ingest(blobs.open(descriptor), descriptor);
    await writeLayoutIndex(beside, [image.index.descriptor]);
    await effect('rename', to, () => rename(beside, to));
    await syncDir(dirname(to));
  } catch (error) {
    await rm(beside, { recursive: true, force: true });
    throw error;
  }
}

/** Writes an image as one tar file that holds its layout; equal images give equal files. Errors: `USAGE`. */
export async function writeArchive(to: string, image: StoredImage, blobs: ExportedBlobs): Promise<void> {
  await writeNewFile(to, writeTar(layoutEntries(image, blobs)));
}

/** Writes a file that is absent; it appears whole or not at all. Errors: `USAGE`. */
export async function writeNewFile(to: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  if ((await lstat(to).catch(() => undefined)) !== undefined) throw occupied(to, 'exists');
  await ensureDir(dirname(to));
  await sweep(to);
  const beside = temporaryName(to);
  try {
    await effect('write', beside, async () => {
      const handle = await open(beside, 'wx', 0o600);
      try {
        for await (const chunk of content) await writeAll(handle, chunk);
        await handle.chmod(0o644);
        await handle.sync();
      } finally {
        await handle.close();
      }
    });
    await effect('rename', to, () => rename(beside, to));
    await syncDir(dirname(to));
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

/** Removes what an export to the same place left behind when it was killed. */
async function sweep(to: string): Promise<void> {
  const prefix = `.${basename(to).slice(0, 64)}.`;
  for (const name of (await readdir(dirname(to))).sort(compareText)) {
    const owner = name.startsWith(prefix)
      ? /^([^.]+)\.[0-9a-f]{12}\.tmp$/.exec(name.slice(prefix.length))?.[1]
      : undefined;
    if (owner !== undefined && ownerState(owner) === 'gone') await removeTree(join(dirname(to), name));
  }
}

function layoutEntries(image: StoredImage, blobs: ExportedBlobs): TarEntry[] {
  const common = { uid: 0, gid: 0, mtime: 0 };
  const directory = (path: string): TarEntry => ({ ...common, path, type: 'directory', mode: 0o755, size: 0 });
  const file = (path: string, content: Uint8Array): TarEntry => ({
    ...common,
    path,
    type: 'file',
    mode: 0o644,
    size: content.byteLength,
    content,
  });
  const index = { schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: [image.index.descriptor] };
  return sortEntries([
    file('oci-layout', encodeDocument({ imageLayoutVersion: '1.0.0' })),
    file('index.json', encodeDocument(index)),
    directory('blobs'),
    directory('blobs/sha256'),
    ...[...imageBlobs(image).values()].map(
      (descriptor): TarEntry => ({
        ...common,
        path: `blobs/${descriptor.digest.replace(':', '/')}`,
        type: 'file',
        mode: 0o644,
        size: descriptor.size,
        content: () => blobs.open(descriptor),
      }),
    ),
  ]);
}

function imageBlobs(image: StoredImage): Map<Digest, Descriptor> {
  const found = new Map<Digest, Descriptor>([[image.index.descriptor.digest, image.index.descriptor]]);
  for (const { descriptor, manifest } of image.platforms) {
    for (const each of [descriptor, manifest.config, ...manifest.layers]) found.set(each.digest, each);
  }
  return found;
}

function occupied(to: string, how: string): BatonError {
  return new BatonError('USAGE', `cannot export to ${to}: it ${how}`, {
    hint: 'Name another place, or remove this one first.',
  });
}
