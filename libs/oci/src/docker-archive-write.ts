import { BatonError, type Digest, digestHex, Hasher, type Json, sha256 } from '@baton/kernel';
import { parseImageConfig } from './image-config.ts';
import { parseReference } from './reference.ts';
import type { TarEntry } from './tar-entry.ts';
import { writeTar } from './tar-write.ts';

/** An image for {@link writeDockerArchive}. */
export interface DockerArchiveImage {
  /** Its config as it is, to the byte: the digest of these bytes is the image's ID. */
  config: Uint8Array;
  /** Bottom first, one for each of the config's `rootfs.diff_ids`. */
  layers: readonly DockerArchiveLayer[];
  /** `repo:tag` names that the engine gives it; may be empty. */
  tags: readonly string[];
}

/** A layer's tar archive, not compressed. */
export interface DockerArchiveLayer {
  /** Bytes of the tar archive: {@link measureLayer} tells where nobody knows. */
  size: number;
  open(): AsyncIterable<Uint8Array>;
}

/**
 * Writes images in the form of `docker save`, which every engine's `docker load` reads (20.10 reads no OCI layout):
 * `manifest.json`, each config as `<hex>.json`, each layer once as `<hex of its diffID>.tar`.
 *
 * Equal images give equal bytes. Layers stream: none is held in memory. Throws `IMAGE_INVALID` when config and layers do
 * not fit, `INVALID_REFERENCE` for a name without tag, `DIGEST_MISMATCH` for a layer that is not what its config says.
 */
export async function* writeDockerArchive(images: readonly DockerArchiveImage[]): AsyncGenerator<Buffer> {
  const entries = new Map<string, TarEntry>();
  const manifest: Json[] = [];
  for (const image of images) {
    const digest = sha256(image.config);
    const where = `config ${digest}`;
    const diffIds = parseImageConfig(image.config, where).rootfs.diff_ids;
    if (diffIds.length !== image.layers.length) {
      throw new BatonError(
        'IMAGE_INVALID',
        `${where}: expected ${diffIds.length} layers as rootfs.diff_ids says, found ${image.layers.length}`,
      );
    }
    const config = `${digestHex(digest)}.json`;
    entries.set(config, file(config, image.config.byteLength, image.config));
    const names = diffIds.map((diffId) => `${digestHex(diffId)}.tar`);
    for (const [i, layer] of image.layers.entries()) {
      const [name, diffId] = [names[i], diffIds[i]];
      if (name === undefined || diffId === undefined || entries.has(name)) continue;
      entries.set(
        name,
        file(name, layer.size, () => checked(layer, diffId)),
      );
    }
    manifest.push({ Config: config, RepoTags: image.tags.map(checkName), Layers: names });
  }
  const bytes = Buffer.from(JSON.stringify(manifest));
  // First, so that whoever reads the archive as it comes knows what is to come.
  yield* writeTar([file('manifest.json', bytes.byteLength, bytes), ...entries.values()]);
}

/** Reads a layer's tar archive through: its size, after its digest was checked. `DIGEST_MISMATCH`. */
export async function measureLayer(open: () => AsyncIterable<Uint8Array>, diffId: Digest): Promise<number> {
  let size = 0;
  for await (const chunk of checked({ size: Number.POSITIVE_INFINITY, open }, diffId)) size += chunk.byteLength;
  return size;
}

async function* checked(layer: DockerArchiveLayer, diffId: Digest): AsyncGenerator<Uint8Array> {
  const hasher = new Hasher();
  for await (const chunk of layer.open()) {
    hasher.update(chunk);
    if (hasher.size > layer.size) break;
    yield chunk;
  }
  const found = hasher.digest();
  if (found === diffId && (hasher.size === layer.size || layer.size === Number.POSITIVE_INFINITY)) return;
  const what = found === diffId ? `${hasher.size} bytes instead of ${layer.size}` : `${found}`;
  throw new BatonError('DIGEST_MISMATCH', `expected a layer whose tar archive is ${diffId}, found ${what}`, {
    hint: 'The layer does not belong to this config: build or fetch the image again.',
  });
}

function file(path: string, size: number, content: NonNullable<TarEntry['content']>): TarEntry {
  return { path, type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 0, size, content };
}

function checkName(name: string): string {
  const { tag, digest } = parseReference(name);
  if (tag !== undefined && digest === undefined) return name;
  throw new BatonError('INVALID_REFERENCE', `"${name}" cannot name an image in an engine: expected repository:tag`, {
    hint: `Write a tag behind it, such as ${name.split('@', 1).join('')}:latest.`,
  });
}
