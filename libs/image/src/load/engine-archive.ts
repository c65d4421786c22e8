import { formatBytes } from '@baton/kernel';
import { type DockerArchiveImage, type DockerArchiveLayer, measureLayer, openLayer } from '@baton/oci';
import type { ExportedBlobs } from '../exported-blobs.ts';
import type { StoredPlatform } from '../sparse-layout.ts';
import type { ImageIo } from '../types.ts';

/** One platform in the form that engines load; its layers were read through once. */
export interface EngineArchive {
  image: DockerArchiveImage;
  /** Bytes of its uncompressed layers. */
  size: number;
}

/**
 * Makes one platform ready to be written as a docker archive: fetches what is missing, proves each layer against its
 * diffID and learns its size, which a tar header has to say before the first byte. So nothing is sent that would turn
 * out wrong in the middle. Throws `DIGEST_MISMATCH`, `IMAGE_INVALID`, and what the places of the blobs throw.
 */
export async function engineArchive(
  platform: StoredPlatform,
  blobs: ExportedBlobs,
  tags: readonly string[],
  io: Pick<ImageIo, 'emit' | 'signal'>,
): Promise<EngineArchive> {
  const { config, configBytes, manifest } = platform;
  const total = manifest.layers.reduce((sum, { size }) => sum + size, 0);
  const work = { id: `read ${manifest.config.digest}`, label: 'reading layers', total, unit: 'bytes' as const };
  io.emit({ type: 'load.start', ...work });
  const layers: DockerArchiveLayer[] = [];
  let done = 0;
  for (const [i, layer] of manifest.layers.entries()) {
    const open = async function* (): AsyncGenerator<Uint8Array> {
      for await (const chunk of openLayer(blobs.open(layer), layer.mediaType, `layer ${layer.digest}`)) {
        io.signal?.throwIfAborted();
        yield chunk;
      }
    };
    const diffId = config.rootfs.diff_ids[i];
    // One that the config does not know of is refused when the archive is written.
    layers.push({ open, size: diffId === undefined ? 0 : await measureLayer(open, diffId) });
    done += layer.size;
    io.emit({ type: 'load.progress', ...work, done });
  }
  const size = layers.reduce((sum, layer) => sum + layer.size, 0);
  io.emit({ type: 'load.end', ...work, done, detail: formatBytes(size) });
  return { image: { config: configBytes, layers, tags }, size };
}
