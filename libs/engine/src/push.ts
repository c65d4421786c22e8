import type { Readable } from 'node:stream';
import { BatonError, type Digest, isDigest } from '@baton/kernel';
import { authHeader } from './auth.ts';
import type { Connection } from './connection.ts';
import type { EngineAuth, EngineIo } from './engine.ts';
import { refusalOf } from './failures.ts';
import { FrameError, readFrames } from './frames.ts';
import { noSuchImage } from './images.ts';
import { followLayers } from './layer-progress.ts';
import { checkName, splitReference } from './names.ts';
import { registryFailure } from './registry-messages.ts';

/**
 * Pushes `repository:tag` and returns the digest and size of its manifest, as the engine reads them from the registry's
 * answer. `IMAGE_NOT_BUILT`, `AUTH_*`, `REGISTRY_UNREACHABLE`; `ENGINE_FAILED` when it names no digest.
 */
export async function pushImage(
  connection: Connection,
  reference: string,
  io: EngineIo & { auth?: EngineAuth | undefined },
): Promise<{ digest: Digest; size: number }> {
  const { repository, tag } = splitReference(checkName(reference));
  const { signal, auth } = io;
  const what = `pushing ${reference}`;
  return await connection.call(what, `POST /images/${repository}/push ${tag}`, signal, async (docker) => {
    const layers = followLayers(io.emit, 'push', reference);
    let result: { digest: Digest; size: number } | undefined;
    try {
      const options = { tag, authconfig: authHeader(auth), ...(signal === undefined ? {} : { abortSignal: signal }) };
      const stream = await docker.getImage(repository).push(options);
      await readFrames(stream as Readable, (frame) => {
        layers.see(frame);
        result ??= pushed(frame.aux);
      });
    } catch (error) {
      if (signal?.aborted === true) throw error;
      const message = error instanceof FrameError ? error.message : refusalOf(error)?.message;
      if (message === undefined) throw error;
      if (/does not exist locally|No such image|no such image|image not known/.test(message))
        throw noSuchImage(reference, connection.address, error);
      throw registryFailure(what, message, auth !== undefined, error);
    } finally {
      layers.close();
    }
    if (result !== undefined) return result;
    throw new BatonError('ENGINE_FAILED', `the container engine pushed ${reference} and named no digest`);
  });
}

/** `{"Tag":"1.0.0","Digest":"sha256:...","Size":527}`, the message with which an engine ends a push. */
function pushed(aux: unknown): { digest: Digest; size: number } | undefined {
  if (aux === null || typeof aux !== 'object' || !('Digest' in aux) || typeof aux.Digest !== 'string') return undefined;
  if (!isDigest(aux.Digest)) return undefined;
  return { digest: aux.Digest, size: 'Size' in aux && typeof aux.Size === 'number' ? aux.Size : 0 };
}
