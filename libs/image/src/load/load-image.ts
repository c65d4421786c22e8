import type { Engine, EngineImage, EngineReport } from '@baton/engine';
import { BatonError, type Digest } from '@baton/kernel';
import {
  formatPlatform,
  formatReference,
  parsePlatform,
  parseReference,
  samePlatform,
  writeDockerArchive,
} from '@baton/oci';
import type { StoredPlatform } from '../sparse-layout.ts';
import type { ImageIo } from '../types.ts';
import { engineArchive } from './engine-archive.ts';
import { engineNames } from './engine-name.ts';
import type { FoundImage } from './found-image.ts';
import { withImage } from './image-source.ts';
import type { ImageLoadOptions } from './options.ts';
import type { LoadResult } from './types.ts';

/**
 * Puts one platform of an image (a project's own, of a layout, in a registry) into a container engine under names, and
 * proves that what is there then has our ID and our layers. An image that the engine has already is not sent again.
 *
 * Errors: `ENGINE_UNAVAILABLE`, `ENGINE_FAILED`, `PLATFORM_MISSING`, `USAGE`, `INVALID_REFERENCE`, `IMAGE_NOT_BUILT`,
 * `IMAGE_NOT_FOUND`, `IMAGE_INVALID`, `DIGEST_MISMATCH`.
 */
export async function loadImage(options: ImageLoadOptions, io: ImageIo): Promise<LoadResult> {
  // Its own cost is for those who load.
  const { connectEngine } = await import('@baton/engine');
  const engine = connectEngine(io.env);
  try {
    const report = await engine.probe(io.signal);
    if (!report.available) {
      throw new BatonError('ENGINE_UNAVAILABLE', `no container engine at ${report.address}: ${report.reason ?? ''}`, {
        hint: 'Start it, or name another one in DOCKER_HOST. "baton image export" writes files without one.',
      });
    }
    return await withImage(options.image, io, (found) => loadFound(found, options, engine, report, io));
  } finally {
    engine.close();
  }
}

async function loadFound(
  found: FoundImage,
  options: ImageLoadOptions,
  engine: Engine,
  report: EngineReport,
  io: ImageIo,
): Promise<LoadResult> {
  const platform = choosePlatform(found, options.platform, report);
  const names = engineNames(options.name, found, platform);
  const config = platform.manifest.config.digest;
  const before = await engine.inspect(config);
  const sent = before === undefined ? await send(found, platform, names, engine, io) : 0;
  // The containerd store names images by a manifest that it makes itself: there the loaded name leads to it.
  const there = before ?? (await engine.inspect(config)) ?? (await engine.inspect(names[0] ?? config));
  proveSame(there, platform, report);
  const known = new Set((before?.tags ?? []).map(canonical));
  const states: LoadResult['names'] = [];
  for (const name of names) {
    const present = known.has(canonical(name));
    if (before !== undefined && !present) await engine.tag(before.id, name);
    states.push({ name, state: present ? 'present' : 'added' });
  }
  return {
    image: found.name,
    platform: formatPlatform(platform.platform),
    config,
    id: there.id,
    names: states,
    layers: platform.manifest.layers.length,
    present: before !== undefined,
    sent,
    fetched: found.blobs.fetched(),
    engine: { address: report.address, version: report.version },
  };
}

function choosePlatform({ name, image }: FoundImage, asked: string | undefined, report: EngineReport): StoredPlatform {
  const wanted = asked ?? report.platform ?? 'linux/amd64';
  const found = image.platforms.find(({ platform }) => samePlatform(platform, parsePlatform(wanted)));
  if (found !== undefined) return found;
  const names = image.platforms.map(({ platform }) => formatPlatform(platform)).join(', ');
  const whose = asked === undefined ? `, which the engine at ${report.address} runs` : '';
  throw new BatonError('PLATFORM_MISSING', `${name} has no platform ${wanted}${whose}; it has ${names}`, {
    hint: asked === undefined ? 'Name one with --platform, or build for this one.' : 'Name one of these.',
  });
}

/** Sends the image; returns how many bytes that took. */
async function send(
  found: FoundImage,
  platform: StoredPlatform,
  names: readonly string[],
  engine: Engine,
  io: ImageIo,
): Promise<number> {
  const { image, size } = await engineArchive(platform, found.blobs, names, io);
  const work = { id: `load ${platform.manifest.config.digest}`, label: `loading ${names[0] ?? ''}`, total: size };
  let done = 0;
  let told = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of writeDockerArchive([image])) {
      yield chunk;
      done += chunk.byteLength;
      if (done - told < 4_000_000) continue;
      told = done;
      io.emit({ type: 'load.progress', ...work, done: Math.min(done, size), unit: 'bytes' });
    }
  }
  io.emit({ type: 'load.start', ...work, unit: 'bytes' });
  await engine.load(counted(), io);
  io.emit({ type: 'load.end', ...work, done: size, unit: 'bytes' });
  return done;
}

/** Holds what the engine has now against what it was given. */
function proveSame(
  there: EngineImage | undefined,
  { manifest, config }: StoredPlatform,
  { address, store }: EngineReport,
): asserts there is EngineImage {
  const ours = manifest.config.digest;
  if (there === undefined) {
    throw new BatonError(
      'ENGINE_FAILED',
      `the container engine at ${address} took the image and does not have ${ours}`,
      {
        hint: 'Something else may have removed it meanwhile: run it again.',
        retryable: true,
      },
    );
  }
  if (store !== 'containerd' && there.id !== ours) throw differs('the ID', ours, there.id, address);
  const layers = (diffIds: readonly Digest[]): string => diffIds.join(' ');
  if (layers(there.diffIds) === layers(config.rootfs.diff_ids)) return;
  throw differs('the layers', layers(config.rootfs.diff_ids), layers(there.diffIds), address);
}

function differs(what: string, ours: string, found: string, address: string): BatonError {
  return new BatonError(
    'DIGEST_MISMATCH',
    `the image in the engine at ${address} differs in ${what}: expected ${ours}, found ${found}`,
    {
      hint: 'Do not use it: what runs there would not be what was built.',
    },
  );
}

/** Engines leave "docker.io/library/" out. */
function canonical(name: string): string {
  try {
    return formatReference(parseReference(name));
  } catch {
    return name;
  }
}
