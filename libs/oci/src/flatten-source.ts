import { BatonError, type Digest, Hasher } from '@baton/kernel';
import { openLayer } from './compression.ts';
import type { Descriptor } from './descriptor.ts';
import type { LayerSource } from './flatten.ts';
import { withoutGarbage } from './young-garbage.ts';

/**
 * A layer of an image as a source to flatten. What is unpacked must have the digest that the config promises, so that no
 * two readers see different files in the same blob: else `DIGEST_MISMATCH`, after the last byte.
 *
 * @param open the compressed blob, which checks its own digest
 */
export function layerSource(layer: Descriptor, diffId: Digest, open: () => AsyncIterable<Uint8Array>): LayerSource {
  const where = `layer ${layer.digest}`;
  return { where, open: () => checked(withoutGarbage(openLayer(open(), layer.mediaType, where)), diffId, where) };
}

async function* checked(archive: AsyncIterable<Buffer>, diffId: Digest, where: string): AsyncGenerator<Buffer> {
  const hasher = new Hasher();
  for await (const chunk of archive) {
    hasher.update(chunk);
    yield chunk;
  }
  const found = hasher.digest();
  if (found === diffId) return;
  throw new BatonError('DIGEST_MISMATCH', `${where}: expected an archive with the digest ${diffId}, found ${found}`, {
    hint: 'The config and the layer contradict each other: the image was made wrong. Build and publish it again.',
  });
}
