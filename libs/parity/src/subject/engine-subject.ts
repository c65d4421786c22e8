import { connectEngine, type Engine } from '@baton/engine';
import { BatonError, silent } from '@baton/kernel';
import {
  dockerCredentials,
  formatPlatform,
  layerSource,
  measureLayer,
  parseReference,
  writeDockerArchive,
} from '@baton/oci';
import type { Identity, Subject } from '../model/observation.ts';
import { observeInEngine } from './engine-scenario.ts';
import { layFeederOf, openPremises } from './premises.ts';
import type { ImageSource, ImageSpec, SubjectOptions } from './subject-spec.ts';
import type { PlatformImage } from './unpack-image.ts';

/** An image that was found. */
export interface FoundImage {
  source: ImageSource;
  image: PlatformImage;
  identity: Identity;
  command: readonly string[];
}

/**
 * An image, run by a container engine on this machine: streams and endings are written down inside, trees are fetched as
 * archives. Errors: `ENGINE_*`, those of pulling.
 */
export async function engineSubject(spec: ImageSpec, found: FoundImage, options: SubjectOptions): Promise<Subject> {
  const engine = options.engine ?? connectEngine(options.env ?? process.env);
  const own = options.engine === undefined;
  try {
    const { name, isNew } = await bringImage(engine, spec, found, options);
    const premises = await openPremises(options);
    const kitchen = {
      engine,
      image: name,
      command: found.command,
      clock: spec.clock,
      tools: premises.tools,
      layFeeder: layFeederOf(options),
      grace: premises.grace,
    };
    return {
      identity: async () => ({
        ...found.identity,
        facts: { ...found.identity.facts, engine: engine.address, ...premises.tools.facts },
      }),
      observe: (scenario, io) => observeInEngine(kitchen, scenario, io),
      async close() {
        if (isNew) await engine.remove(name);
        if (own) engine.close();
        found.source.close();
        await premises.reaper.close();
      },
    };
  } catch (error) {
    if (own) engine.close();
    throw error;
  }
}

async function bringImage(
  engine: Engine,
  spec: ImageSpec,
  { source, image }: FoundImage,
  { emit = silent, signal, env = process.env }: SubjectOptions,
): Promise<{ name: string; isNew: boolean }> {
  const { manifest, config, platform } = image;
  if (spec.reference !== undefined) {
    const { registry, repository } = parseReference(spec.reference);
    const name = `${registry}/${repository}@${image.digest}`;
    if ((await engine.inspect(name)) !== undefined) return { name, isNew: false };
    const found = await dockerCredentials(env).find(registry);
    const auth =
      found && ('identityToken' in found ? { registry, identityToken: found.identityToken } : { registry, ...found });
    await engine.pull(name, { emit, signal, platform: formatPlatform(platform), auth });
    return { name, isNew: true };
  }
  const id = manifest.config.digest;
  if ((await engine.inspect(id)) !== undefined) return { name: id, isNew: false };
  const layers = [];
  for (const [i, layer] of manifest.layers.entries()) {
    const diffId = config.rootfs.diff_ids[i];
    if (diffId === undefined) throw new BatonError('IMAGE_INVALID', `${source.name}: a layer without diffID`);
    const { open } = layerSource(layer, diffId, () => source.open(layer));
    layers.push({ size: await measureLayer(open, diffId), open });
  }
  const bytes = await source.readDocument(manifest.config);
  const loaded = await engine.load(writeDockerArchive([{ config: bytes, layers, tags: [] }]), { emit, signal });
  return { name: loaded.at(-1) ?? id, isNew: true };
}
