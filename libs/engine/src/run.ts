import type { Duplex } from 'node:stream';
import { BatonError } from '@baton/kernel';
import type Dockerode from 'dockerode';
import type { Connection } from './connection.ts';
import { demultiplex, type Output } from './demultiplex.ts';
import type { EngineIo, EngineRun, EngineRunResult } from './engine.ts';
import { interrupted, refusalOf } from './failures.ts';
import { noSuchImage } from './images.ts';
import { checkName } from './names.ts';

const MAX_OUTPUT = 1024 * 1024;

/**
 * Runs an image to its end and removes the container, whatever happened. `TIMEOUT` (the container is ended),
 * `IMAGE_NOT_BUILT`, `ENGINE_FAILED` when the program cannot be started.
 */
export async function runContainer(connection: Connection, run: EngineRun, io: EngineIo): Promise<EngineRunResult> {
  const { signal } = io;
  const what = `running ${run.image}`;
  const id = await createContainer(connection, run, signal);
  try {
    return await connection.call(what, `POST /containers/${id}/start`, signal, (docker) =>
      toTheEnd(docker.getContainer(id), connection, run, signal),
    );
  } finally {
    await discard(connection, id);
  }
}

/** Not interrupted in the middle: a container whose ID never arrived could not be removed. */
async function createContainer(connection: Connection, run: EngineRun, signal?: AbortSignal): Promise<string> {
  const { image, args, entrypoint, env = {}, network = 'none' } = run;
  const options: Dockerode.ContainerCreateOptions = {
    Image: checkName(image),
    ...(args === undefined ? {} : { Cmd: [...args] }),
    ...(entrypoint === undefined ? {} : { Entrypoint: [...entrypoint] }),
    Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    AttachStdin: false,
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
    HostConfig: { NetworkMode: network },
  };
  return await connection.call(
    `creating a container of ${image}`,
    'POST /containers/create',
    signal,
    async (docker) => {
      try {
        return (await docker.createContainer(options)).id;
      } catch (error) {
        if (refusalOf(error)?.status === 404) throw noSuchImage(image, connection.address, error);
        throw error;
      }
    },
  );
}

async function toTheEnd(
  container: Dockerode.Container,
  connection: Connection,
  run: EngineRun,
  signal?: AbortSignal,
): Promise<EngineRunResult> {
  const limit = AbortSignal.timeout(run.timeout);
  const ended = signal === undefined ? limit : AbortSignal.any([signal, limit]);
  let streams: Duplex | undefined;
  try {
    // Attached before the start, so that nothing is missed.
    streams = await connection.upgrade({
      method: 'POST',
      path: `/containers/${container.id}/attach?`,
      query: { stream: true, stdout: true, stderr: true },
      signal: ended,
    });
    const output = demultiplex(streams, run.maxOutput ?? MAX_OUTPUT);
    // Its failure is told by the await below, after what comes first.
    output.catch(() => undefined);
    const { code } = await startAndWait(container, streams, ended);
    const kept: Output = await output;
    return { code, ...kept };
  } catch (error) {
    if (signal?.aborted === true) throw interrupted(`running ${run.image}`);
    if (!limit.aborted) throw error;
    throw new BatonError('TIMEOUT', `${run.image} did not end within ${run.timeout} ms`, {
      hint: 'What was started was ended and removed. Allow it more time, or look at why it does not end.',
      cause: error,
    });
  } finally {
    streams?.destroy();
  }
}

async function startAndWait(
  container: Dockerode.Container,
  streams: Duplex,
  signal: AbortSignal,
): Promise<{ code: number }> {
  // The streams of an upgraded connection are not ended by the signal of the request.
  const onAbort = (): void => void streams.destroy(new Error('aborted'));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    // The answer of "next-exit" comes for the run that is started now, also when it has ended before anybody asks again.
    const waiting = container.wait({ condition: 'next-exit', abortSignal: signal }) as Promise<{ StatusCode: number }>;
    waiting.catch(() => undefined);
    await container.start({ abortSignal: signal });
    return { code: (await waiting).StatusCode };
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** Removes a container, running or not; one that is gone is no error, and neither is an engine that is. */
export async function discard(connection: Connection, id: string): Promise<void> {
  await connection
    .call('removing a container', `DELETE /containers/${id}`, undefined, async (docker) => {
      try {
        await docker.getContainer(id).remove({ force: true, v: true });
      } catch (error) {
        if (![404, 409].includes(refusalOf(error)?.status ?? 0)) throw error;
      }
    })
    .catch((error: unknown) => {
      // What the run threw tells more; and of an engine that is gone nothing can be removed.
      if (!(error instanceof BatonError)) throw error;
    });
}
