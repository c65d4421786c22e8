import { Readable } from 'node:stream';
import type Dockerode from 'dockerode';
import type { Connection } from './connection.ts';
import type { EngineContainer, EngineContainerSpec, EngineIo } from './engine.ts';
import { refusalOf } from './failures.ts';
import { noSuchImage } from './images.ts';
import { checkName } from './names.ts';
import { discard } from './run.ts';

/** Makes a container that may be started more than once; whoever asks for it removes it. `IMAGE_NOT_BUILT`. */
export async function openContainer(
  connection: Connection,
  spec: EngineContainerSpec,
  { signal }: EngineIo,
): Promise<EngineContainer> {
  const { image, entrypoint, args = [], network = 'none', binds } = spec;
  const options: Dockerode.ContainerCreateOptions = {
    Image: checkName(image),
    Entrypoint: [...entrypoint],
    Cmd: [...args],
    AttachStdin: false,
    AttachStdout: false,
    AttachStderr: false,
    Tty: false,
    HostConfig: {
      NetworkMode: network,
      LogConfig: { Type: 'none', Config: {} },
      // Not `Binds`, which would make a directory where the source is missing and cut paths at colons.
      Mounts: binds.map(({ source, target }) => ({ Type: 'bind', Source: source, Target: target })),
    },
  };
  const id = await connection.call(
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
  const of = async <T>(what: string, target: string, run: (container: Dockerode.Container) => Promise<T>): Promise<T> =>
    await connection.call(`${what} a container of ${image}`, `${target} ${id}`, signal, (docker) =>
      run(docker.getContainer(id)),
    );
  return {
    async start() {
      const ended = await of('starting', 'POST /containers/start', async (container) => {
        const waiting = container.wait({ condition: 'next-exit' }) as Promise<{ StatusCode: number }>;
        waiting.catch(() => undefined);
        await container.start();
        return { waiting };
      });
      return { ended: ended.waiting.then(({ StatusCode }) => StatusCode) };
    },
    pid: async () => (await of('looking at', 'GET /containers', (container) => container.inspect())).State.Pid,
    async put(tar) {
      await of('filling', 'PUT /containers/archive', (container) =>
        container.putArchive(Readable.from(tar, { objectMode: false }), { path: '/' }),
      );
    },
    async *tree() {
      const stream = await of('reading', 'GET /containers/export', (container) => container.export());
      for await (const chunk of stream) yield chunk as Buffer;
    },
    async kill() {
      await of('ending', 'POST /containers/kill', async (container) => {
        try {
          await container.kill();
        } catch (error) {
          // 409: it has ended by now.
          if (![404, 409].includes(refusalOf(error)?.status ?? 0)) throw error;
        }
      });
    },
    remove: () => discard(connection, id),
  };
}
