import { dirname } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { connectEngine, type Engine, type EngineImage, summarizeContext } from '@baton/engine';
import type { Material } from '@baton/evidence';
import { BatonError, type Digest, type Emit } from '@baton/kernel';
import type { LoadedManifest } from '@baton/manifest';
import { MEDIA_TYPES, parsePlatform, samePlatform } from '@baton/oci';
import { runBundle } from '../bundle.ts';
import { sweepLeftovers } from '../leftovers.ts';
import type { ImageBuildOptions } from '../options.ts';
import type { ProjectGit } from '../project-git.ts';
import { stampPath, validStamp, writeStamp } from '../stamp.ts';
import { phaseTimer } from '../timings.ts';
import type { BuildResult, ImageIo } from '../types.ts';
import { engineBuiltStatement, ownMaterials, pinnedDigest, type UsedBase } from './docker-statement.ts';
import { type EngineMade, recordPath, writeRecord } from './engine-record.ts';
import {
  contextSource,
  type DockerfileLook,
  type DockerTarget,
  type PreparedDocker,
  prepareDocker,
  type ResolvedDocker,
  resolveDocker,
} from './resolve-docker.ts';

type Options = Omit<ImageBuildOptions, 'path'>;

/** What a stamp remembers of a build: which image came of which inputs. Whether the engine still has it is asked. */
export interface DockerStamp {
  platforms: { key: Digest; made: EngineMade }[];
  bases: UsedBase[];
  look: DockerfileLook;
}

/** What a caller may do while the engine works. */
export interface DockerHooks {
  /** The engine to use, which the caller closes. */
  engine?: Engine;
  /** Told what the image will say of itself, before it is built. */
  onPrepared?(prepared: PreparedDocker): void;
}

/**
 * Builds the image of a project with a container engine; the caller holds the project's lock. The image stays in the
 * engine, `dist/image/engine.json` says which one it is.
 *
 * Order: bundle (meanwhile the Dockerfile is looked over, before anything is sent), context, one build for each platform
 * whose inputs changed or that the engine no longer has, record, statement, stamp. `io.signal` ends a build that is under
 * way; nothing of it stays in the engine but its cache.
 *
 * Errors: those of {@link prepareDocker} and of the engine's `build`; `PLATFORM_MISSING`, `FILE_CHANGED`.
 */
export async function buildDocker(
  project: LoadedManifest,
  git: ProjectGit,
  options: Options,
  io: ImageIo,
  hooks: DockerHooks = {},
): Promise<BuildResult> {
  const timer = phaseTimer();
  const engine = hooks.engine ?? connectEngine(io.env);
  try {
    const stamp = dockerStamp(project, io);
    const known = validStamp<DockerStamp>(stamp);
    const bundling = options.bundle ? runBundle(project, io) : Promise.resolve();
    const preparing = prepare();
    // The command first: what it says is the reason for whatever else is missing. Neither is left running.
    const [bundled, ready] = await Promise.allSettled([bundling, preparing]);
    if (bundled.status === 'rejected') throw bundled.reason;
    if (ready.status === 'rejected') throw ready.reason;
    const { prepared, held } = ready.value;
    timer.end('bundle');

    const build = await resolveDocker(project, prepared, engine.address);
    timer.end('context');
    io.signal?.throwIfAborted();

    const made: Built[] = [];
    // While the engine works on what it was sent, there is time to read it once more.
    let beside: Promise<Material[]> | undefined;
    const onSent = (): void => {
      beside = Promise.all([ownMaterials(project, build), sameContext(project, build)]).then(
        ([materials]) => materials,
      );
      beside.catch(() => undefined);
    };
    // One after the other: an engine that builds several at once is slower at each, and its messages are of use to nobody.
    for (const target of build.targets)
      made.push(await make(engine, target, options.force ? undefined : known, held, io, onSent));
    const materials = await (beside ?? ownMaterials(project, build));
    timer.end('build');

    const images = made.map(({ image }) => image);
    await writeRecord(project, {
      driver: 'docker',
      address: engine.address,
      revision: build.facts.revision,
      version: build.facts.version,
      platforms: images,
    });
    const unchanged = made.every(({ cached }) => cached);
    // A base may have got another digest since; what was built on is what counts.
    const bases = unchanged && known !== undefined ? known.bases : await usedBases(engine, build.bases);
    const statement = await engineBuiltStatement(project, build, images, bases, materials, io);
    const platforms = build.targets.map(({ key }, i) => ({ key, made: images[i] })).filter(isWhole);
    if (!unchanged)
      await writeStamp(stamp, { inputs: {}, outputs: {}, result: { platforms, bases, look: prepared.look } });
    timer.end('statement');
    const result = resultOf(project, build, made, engine.address, statement);
    const timings = timer.phases;
    io.emit({ type: 'done', data: { images: images.map(({ image }) => image), unchanged, timings } });
    return { ...result, unchanged, timings };

    async function prepare(): Promise<{ prepared: PreparedDocker; held: Map<Digest, EngineImage> }> {
      git.askAhead();
      // What is loaded for the engine keeps this thread busy: the command starts first, and works beside it.
      await nextTurn();
      const [found, held] = await Promise.all([
        prepareDocker(project, git, options, io, known?.look),
        imagesHeld(engine, known),
        sweepLeftovers(project, io.cacheDir),
      ]);
      hooks.onPrepared?.(found);
      return { prepared: found, held };
    }
  } finally {
    if (hooks.engine === undefined) engine.close();
  }
}

/** Where the stamp of builds by engines lies. */
export function dockerStamp(project: LoadedManifest, io: Pick<ImageIo, 'cacheDir'>): string {
  return stampPath(io.cacheDir, project.path, { docker: 1 });
}

/** Which of the remembered images the engine still has. */
export async function imagesHeld(engine: Engine, known: DockerStamp | undefined): Promise<Map<Digest, EngineImage>> {
  const ids = [...new Set((known?.platforms ?? []).map(({ made }) => made.image))];
  const found = await Promise.all(ids.map((id) => engine.inspect(id)));
  return new Map(found.flatMap((image, i) => (image === undefined ? [] : [[ids[i] ?? image.id, image]])));
}

interface Built {
  image: EngineMade;
  cached: boolean;
}

async function make(
  engine: Engine,
  { platform, key, name, build }: DockerTarget,
  known: DockerStamp | undefined,
  held: ReadonlyMap<Digest, EngineImage>,
  io: ImageIo,
  onSent: () => void,
): Promise<Built> {
  const before = known?.platforms.find((each) => each.key === key && held.has(each.made.image))?.made;
  if (before !== undefined) {
    const isNamed = held.get(before.image)?.tags.includes(before.name) === true;
    if (!isNamed) await engine.tag(before.image, before.name);
    return { image: before, cached: true };
  }
  const work = { id: key, label: `build ${platform}` };
  io.emit({ type: 'image.start', ...work });
  const emit: Emit = (event) => {
    io.emit(event);
    if (event.type === 'context.end') onSent();
  };
  const image = await engine.build(build, { emit, signal: io.signal });
  io.emit({ type: 'image.end', ...work, detail: image.id });
  checkPlatform(image, platform);
  return { image: { platform, image: image.id, name, diffIds: image.diffIds, size: image.size }, cached: false };
}

function checkPlatform(image: EngineImage, wanted: string): void {
  if (samePlatform(parsePlatform(image.platform), parsePlatform(wanted))) return;
  throw new BatonError('PLATFORM_MISSING', `the engine was asked for ${wanted} and built ${image.platform}`, {
    hint: 'A base in the Dockerfile may be for that platform only: name one that has all of image.platforms.',
  });
}

/** The engine was sent the context after it was looked at: what the statement says must be what it got. */
async function sameContext(project: LoadedManifest, { section, facts, context }: ResolvedDocker): Promise<void> {
  const { digest } = await summarizeContext(contextSource(project, section, facts.epoch));
  if (digest === context.digest) return;
  throw new BatonError('FILE_CHANGED', `files of the context ${section.context} changed while the image was built`, {
    hint: 'Build again, when nothing writes there.',
    retryable: true,
  });
}

/** What the Dockerfile was built on: its own digests, else what the engine knows. */
async function usedBases(engine: Engine, references: readonly string[]): Promise<UsedBase[]> {
  return await Promise.all(
    references.map(async (reference): Promise<UsedBase> => {
      const pinned = pinnedDigest(reference);
      if (pinned !== undefined) return { reference, digest: pinned };
      const image = await engine.inspect(reference);
      return { reference, digest: image?.digests.map(pinnedDigest).find((digest) => digest !== undefined) };
    }),
  );
}

function resultOf(
  project: LoadedManifest,
  build: ResolvedDocker,
  made: readonly Built[],
  address: string,
  statement: string,
): Omit<BuildResult, 'unchanged' | 'timings'> {
  const named = (digest: Digest) => ({ mediaType: MEDIA_TYPES.dockerConfig, digest, size: 0 });
  const [first] = made;
  if (first === undefined) throw new TypeError('an image has at least one platform');
  return {
    index: named(first.image.image),
    platforms: made.map(({ image: { platform, image, diffIds }, cached }) => ({
      platform,
      manifest: named(image),
      config: image,
      layers: diffIds.map((diffId, i) => ({
        title: `layer ${i + 1}`,
        origin: 'own',
        digest: diffId,
        size: 0,
        diffId,
        cached,
      })),
    })),
    layout: dirname(recordPath(project)),
    statement,
    engine: {
      address,
      images: made.map(({ image, cached }) => ({ ...image, cached })),
      lint: { errors: build.lint.errors, warnings: build.lint.warnings, allowed: build.lint.allowed.length },
      context: build.context,
    },
  };
}

function isWhole(each: { key: Digest; made: EngineMade | undefined }): each is { key: Digest; made: EngineMade } {
  return each.made !== undefined;
}
