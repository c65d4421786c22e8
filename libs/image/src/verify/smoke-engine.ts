import type { Engine, EngineAuth } from '@baton/engine';
import { BatonError } from '@baton/kernel';
import { type Descriptor, dockerCredentials, openLayer, writeDockerArchive } from '@baton/oci';
import type { ImageIo } from '../types.ts';
import { type Attempt, MOST_KEPT, type SmokeSubject } from './smoke-run.ts';
import type { Subject } from './subject.ts';

/**
 * Starts an image in a container engine: pulled by digest where an engine can pull it, else read into it. Without
 * network. What was not in the engine before is removed again. An engine that cannot is a reason, not an error.
 */
export async function startInEngine(
  engine: Engine,
  smoke: SmokeSubject,
  subject: Subject,
  configBytes: () => Promise<Buffer>,
  io: ImageIo,
): Promise<Attempt> {
  const how = `in the container engine at ${engine.address}`;
  let brought: string | undefined;
  try {
    const { image, isNew } = await bringImage(engine, smoke, subject, configBytes, io);
    if (isNew) brought = image;
    const { args, env, timeout } = smoke.settings;
    try {
      const { code, stdout, stderr } = await engine.run(
        { image, timeout: timeout * 1000, maxOutput: MOST_KEPT, ...(args === undefined ? {} : { args }), env },
        { emit: io.emit, signal: io.signal },
      );
      return { started: { how, code, stdout, stderr } };
    } catch (error) {
      if (!(error instanceof BatonError) || error.code !== 'TIMEOUT') throw error;
      return { started: { how, code: null, late: true, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) } };
    }
  } catch (error) {
    if (!(error instanceof BatonError) || error.code === 'INTERRUPTED' || error.code === 'INTERNAL') throw error;
    return { why: `the container engine could not do it (${error.code}: ${error.message})` };
  } finally {
    if (brought !== undefined) await engine.remove(brought).catch(() => undefined);
  }
}

async function bringImage(
  engine: Engine,
  smoke: SmokeSubject,
  subject: Subject,
  configBytes: () => Promise<Buffer>,
  io: ImageIo,
): Promise<{ image: string; isNew: boolean }> {
  const { descriptor, manifest, text } = smoke.platform;
  if (subject.pull !== undefined) {
    const image = `${subject.pull.registry}/${subject.pull.repository}@${descriptor.digest}`;
    const before = await engine.inspect(image);
    if (before !== undefined) return { image, isNew: false };
    const auth = await engineAuth(subject.pull.registry, io.env);
    await engine.pull(image, { emit: io.emit, signal: io.signal, platform: text, auth });
    return { image, isNew: true };
  }
  const image = manifest.config.digest;
  if ((await engine.inspect(image)) !== undefined) return { image, isNew: false };
  const layers = manifest.layers.map((layer: Descriptor, i) => ({
    size: smoke.sizes[i] ?? 0,
    open: () => openLayer(subject.open(layer), layer.mediaType, `layer ${layer.digest}`),
  }));
  const archive = writeDockerArchive([{ config: await configBytes(), layers, tags: [] }]);
  const loaded = await engine.load(archive, { emit: io.emit, signal: io.signal });
  return { image: loaded.at(-1) ?? image, isNew: true };
}

async function engineAuth(registry: string, env: NodeJS.ProcessEnv): Promise<EngineAuth | undefined> {
  const found = await dockerCredentials(env).find(registry);
  if (found === undefined) return undefined;
  return 'identityToken' in found ? { registry, identityToken: found.identityToken } : { registry, ...found };
}
