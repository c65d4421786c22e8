import type { Digest } from '@baton/kernel';
import { connectRegistry, dockerCredentials } from '@baton/oci';
import type { ImageIo } from './types.ts';

/** What a registry has under a tag now, by one request; undefined when there is no such tag. */
export async function publishedDigest(
  at: { registry: string; repository: string; tag: string; insecure?: boolean | undefined },
  io: Pick<ImageIo, 'emit' | 'env' | 'signal'>,
): Promise<Digest | undefined> {
  const client = connectRegistry(at.registry, {
    credentials: dockerCredentials(io.env),
    emit: io.emit,
    ...(io.signal === undefined ? {} : { signal: io.signal }),
    ...(at.insecure === undefined ? {} : { insecure: at.insecure }),
  });
  try {
    return (await client.headManifest(at.repository, at.tag))?.digest;
  } finally {
    client.close();
  }
}
