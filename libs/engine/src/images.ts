import { Readable } from 'node:stream';
import { BatonError, type Digest } from '@baton/kernel';
import { authHeader } from './auth.ts';
import type { Connection } from './connection.ts';
import type { EngineAuth, EngineImage, EngineIo } from './engine.ts';
import { refusalOf } from './failures.ts';
import { FrameError, readFrames } from './frames.ts';
import { followLayers } from './layer-progress.ts';
import { checkName, splitReference } from './names.ts';
import { registryFailure } from './registry-messages.ts';

/** What `GET /images/{name}/json` answers, as far as it is used. */
interface Inspected {
  Id: string;
  Os?: string;
  Architecture?: string;
  Variant?: string;
  RepoTags?: string[] | null;
  RepoDigests?: string[] | null;
  Size?: number;
  RootFS?: { Layers?: string[] | null };
}

/** Asks for an image by name or ID; undefined when the engine has none. */
export async function inspectImage(connection: Connection, name: string): Promise<EngineImage | undefined> {
  const image = checkName(name);
  const answer = await connection.call(`looking at ${name}`, `GET /images/${name}/json`, undefined, async (docker) => {
    try {
      return (await docker.getImage(image).inspect()) as Inspected;
    } catch (error) {
      if (refusalOf(error)?.status === 404) return undefined;
      throw error;
    }
  });
  return answer === undefined ? undefined : imageOf(answer);
}

function imageOf(inspected: Inspected): EngineImage {
  const { Id, Os = 'linux', Architecture = '', Variant = '', Size = 0 } = inspected;
  return {
    id: Id as Digest,
    platform: [Os, Architecture, Variant].filter((part) => part !== '').join('/'),
    diffIds: (inspected.RootFS?.Layers ?? []) as Digest[],
    tags: [...(inspected.RepoTags ?? [])],
    digests: [...(inspected.RepoDigests ?? [])],
    size: Size,
  };
}

/** Gives an image one more name. `IMAGE_NOT_BUILT` when the engine has no such image. */
export async function tagImage(connection: Connection, name: string, reference: string): Promise<void> {
  const image = checkName(name);
  const { repository, tag } = splitReference(checkName(reference));
  await connection.call(`naming ${name} ${reference}`, `POST /images/${name}/tag`, undefined, async (docker) => {
    try {
      await docker.getImage(image).tag({ repo: repository, tag });
    } catch (error) {
      if (refusalOf(error)?.status === 404) throw noSuchImage(name, connection.address, error);
      throw error;
    }
  });
}

/** Takes a name from an image, and the image away with its last name; one that is not there is no error. */
export async function removeImage(connection: Connection, name: string): Promise<void> {
  const image = checkName(name);
  await connection.call(`removing ${name}`, `DELETE /images/${name}`, undefined, async (docker) => {
    try {
      await docker.getImage(image).remove();
    } catch (error) {
      if (refusalOf(error)?.status !== 404) throw error;
    }
  });
}

/** Gets an image from its registry. `IMAGE_NOT_FOUND`, `AUTH_*`, `PLATFORM_MISSING`, `REGISTRY_UNREACHABLE`. */
export async function pullImage(
  connection: Connection,
  reference: string,
  io: EngineIo & { platform?: string; auth?: EngineAuth | undefined },
): Promise<EngineImage> {
  const { repository, tag } = splitReference(checkName(reference));
  const { signal, platform, auth } = io;
  const what = `pulling ${reference}`;
  await connection.call(what, `POST /images/create ${reference}`, signal, async (docker) => {
    const layers = followLayers(io.emit, 'pull', reference);
    try {
      const options = { fromImage: repository, tag, ...(platform === undefined ? {} : { platform }) };
      const stream = await docker.createImage(authHeader(auth), { ...options, abortSignal: signal });
      await readFrames(stream as Readable, layers.see);
    } catch (error) {
      const message = error instanceof FrameError ? error.message : refusalOf(error)?.message;
      if (message === undefined || signal?.aborted === true) throw error;
      throw registryFailure(what, message, auth !== undefined, error);
    } finally {
      layers.close();
    }
  });
  const image = await inspectImage(connection, reference);
  if (image !== undefined) return image;
  throw new BatonError('ENGINE_FAILED', `the container engine says that it pulled ${reference}, and does not have it`);
}

/** Reads a `docker save` archive into the engine; the names (or IDs, where there are none) that it says it loaded. */
export async function loadImages(
  connection: Connection,
  archive: AsyncIterable<Uint8Array>,
  io: EngineIo,
): Promise<string[]> {
  const { signal } = io;
  return await connection.call('loading an image', 'POST /images/load', signal, async (docker) => {
    const body = Readable.from(archive, { objectMode: false });
    const broken = errorOf(body);
    const loaded: string[] = [];
    try {
      const stream = await docker.loadImage(body, { quiet: true, abortSignal: signal } as object);
      await readFrames(stream as Readable, ({ stream: text }) => {
        const name = /^Loaded image(?: ID)?: (.*)$/s.exec(text?.trim() ?? '')?.[1];
        if (name !== undefined) loaded.push(name);
      });
    } catch (error) {
      throw broken() ?? error;
    } finally {
      body.destroy();
    }
    if (loaded.length > 0) return loaded;
    throw new BatonError('ENGINE_FAILED', 'the container engine loaded no image from the archive', {
      hint: 'It must be an archive as "docker save" writes it.',
    });
  });
}

/** The image as a `docker save` archive; a reader that stops early ends the transfer. `IMAGE_NOT_BUILT`. */
export async function* saveImage(connection: Connection, name: string, io: EngineIo): AsyncGenerator<Buffer> {
  const { signal } = io;
  const path = `/images/${checkName(name)}/get`;
  const what = `saving ${name}`;
  const stream = await connection.call(what, `GET ${path}`, signal, async () => {
    try {
      return await connection.stream({ method: 'GET', path, signal });
    } catch (error) {
      if (refusalOf(error)?.status === 404) throw noSuchImage(name, connection.address, error);
      throw error;
    }
  });
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) yield chunk;
  } catch (error) {
    throw connection.failure(error, what, signal);
  } finally {
    stream.destroy();
  }
}

/** The error of a call that names an image which the engine does not have. */
export function noSuchImage(name: string, address: string, cause?: unknown): BatonError {
  return new BatonError('IMAGE_NOT_BUILT', `the container engine at ${address} has no image ${name}`, {
    hint: 'Build or pull it first.',
    cause,
  });
}

/** Keeps the error of a stream that is sent: the transport throws the broken connection that it causes. */
export function errorOf(body: Readable): () => Error | undefined {
  let broken: Error | undefined;
  body.once('error', (error: Error) => {
    broken ??= error;
  });
  return () => broken;
}
