import { BatonError } from '@baton/kernel';
import { type Descriptor, DOCUMENT_LIMIT, isIndexType, isManifestType, type RegistryClient } from '@baton/oci';

/** A manifest or index that was read, with its bytes. */
export interface ReadDocument {
  descriptor: Descriptor;
  bytes: Buffer;
}

/**
 * Reads the documents of an image out of a repository: manifests and indexes by their digests, configs as blobs. `top` is
 * not asked for again. Errors: `IMAGE_INVALID` (a config larger than any is), those of the registry.
 */
export function documentsIn(
  client: RegistryClient,
  repository: string,
  top: ReadDocument,
): (descriptor: Descriptor) => Promise<Buffer> {
  return async (descriptor) => {
    const { digest, mediaType } = descriptor;
    if (digest === top.descriptor.digest) return top.bytes;
    if (isManifestType(mediaType) || isIndexType(mediaType))
      return (await client.getManifest(repository, digest)).bytes;
    return await readWhole(client.getBlob(repository, limitedDocument(descriptor)));
  };
}

/** A document is read whole, so its size must not be whatever a manifest says: `IMAGE_INVALID`. */
export function limitedDocument(descriptor: Descriptor): Descriptor {
  if (descriptor.size <= DOCUMENT_LIMIT) return descriptor;
  const expected = `expected the config ${descriptor.digest} to have at most ${DOCUMENT_LIMIT} bytes`;
  throw new BatonError('IMAGE_INVALID', `${expected}, found ${descriptor.size}`);
}

/** All bytes of a stream in one buffer. */
export async function readWhole(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}
