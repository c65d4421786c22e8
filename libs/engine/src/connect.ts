import { buildImage } from './build.ts';
import { openConnection } from './connection.ts';
import { openContainer } from './containers.ts';
import type { Engine } from './engine.ts';
import { inspectImage, loadImages, pullImage, removeImage, saveImage, tagImage } from './images.ts';
import { probeEngine } from './probe.ts';
import { pushImage } from './push.ts';
import { runContainer } from './run.ts';

/**
 * The engine that the environment names, by the rules of the docker command: `DOCKER_HOST` (`unix://`, `tcp://`),
 * `DOCKER_TLS_VERIFY`, `DOCKER_CERT_PATH`; else the default socket. Connects, and loads dockerode, when it is first used.
 */
export function connectEngine(env: NodeJS.ProcessEnv): Engine {
  const connection = openConnection(env);
  return {
    address: connection.address,
    probe: (signal) => probeEngine(connection, signal),
    build: (build, io) => buildImage(connection, build, io),
    inspect: (image) => inspectImage(connection, image),
    load: (archive, io) => loadImages(connection, archive, io),
    save: (image, io) => saveImage(connection, image, io),
    pull: (reference, io) => pullImage(connection, reference, io),
    tag: (image, reference) => tagImage(connection, image, reference),
    push: (reference, io) => pushImage(connection, reference, io),
    run: (run, io) => runContainer(connection, run, io),
    container: (spec, io) => openContainer(connection, spec, io),
    remove: (image) => removeImage(connection, image),
    close: () => connection.close(),
  };
}
