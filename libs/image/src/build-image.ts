import { join } from 'node:path';
import { BatonError, withLock } from '@baton/kernel';
import type { LoadedManifest } from '@baton/manifest';
import type { ResolvedBase } from './base.ts';
import { type Before, lookBefore, type StampedBuild, stampBuild } from './build-stamp.ts';
import { runBundle } from './bundle.ts';
import { driverOf } from './docker/driver.ts';
import type { Fingerprints } from './fingerprints.ts';
import { shareBuild } from './flight-build.ts';
import type { ImageBuildOptions } from './options.ts';
import { checkSaid } from './project-facts.ts';
import { type ProjectGit, projectGit } from './project-git.ts';
import { projectLock } from './project-lock.ts';
import { phaseTimer } from './timings.ts';
import type { BuildResult, ImageIo } from './types.ts';
import { buildStamp, unchangedBuild } from './unchanged.ts';

/**
 * Builds the image of a project into its `dist/image`.
 *
 * One build of a project runs at a time, and those who ask for the same one meanwhile share it (`flight-build.ts`).
 * Order: bundle, resolve, layers, layout (its `index.json` last), statement, stamp; after an interruption at any point
 * the next build finishes the work and reuses what is whole. When nothing changed since the last build, nothing is
 * read but the times of files.
 */
export async function buildImage(
  project: LoadedManifest,
  options: Omit<ImageBuildOptions, 'path'>,
  io: ImageIo,
): Promise<BuildResult> {
  if (options.dryRun) throw new BatonError('USAGE', 'a dry run makes a plan and builds nothing');
  driverOf(project, options);
  checkSaid(project, options, io);
  return await shareBuild(project, options, io, async (flightIo, onStart, onLook) => {
    const lock = await projectLock(project, flightIo);
    const git = projectGit(project, flightIo);
    const build = async () => {
      onStart();
      const { result, remember } = await buildUnderLock(project, git, options, flightIo, undefined, onLook);
      return { result, inputs: await remember() };
    };
    return await withLock(lock.name, build, lock.options);
  });
}

/** A build, and what is left to do when there is time: writing its stamp, under the same lock. */
export interface LockedBuild {
  result: BuildResult;
  /** Returns how everything looked that was read and written; undefined when that is not known. */
  remember(): Promise<Fingerprints | undefined>;
}

/**
 * Builds; the caller holds the project's lock.
 *
 * While the bundle command runs, this process has nothing to do: so that is when the code of the later stages is loaded
 * and everything is resolved that the command cannot change.
 *
 * @param onBase is told of the base as soon as it is known
 * @param onLook is told how the inputs look before they are read
 */
export async function buildUnderLock(
  project: LoadedManifest,
  git: ProjectGit,
  options: Omit<ImageBuildOptions, 'path'>,
  io: ImageIo,
  onBase: (base: ResolvedBase) => void = () => undefined,
  onLook: (before: Before) => void = () => undefined,
): Promise<LockedBuild> {
  const known = unchangedBuild(project.path, options, io);
  if (known !== undefined) return { result: known, remember: async () => undefined };

  if (driverOf(project, options) === 'docker') {
    const { buildDocker } = await import('./docker/build-docker.ts');
    return { result: await buildDocker(project, git, options, io), remember: async () => undefined };
  }

  const timer = phaseTimer();
  const before = lookBefore(project, options.bundle);
  onLook(before);
  const bundling = options.bundle ? runBundle(project, io) : Promise.resolve();
  const preparing = prepare();
  // The command first: what it says is the reason for whatever else is missing. Neither is left running.
  const [bundled, prepared] = await Promise.allSettled([bundling, preparing]);
  if (bundled.status === 'rejected') throw bundled.reason;
  if (prepared.status === 'rejected') throw prepared.reason;
  const { surroundings, resolveBuild, applyBuild, builtStatement } = prepared.value;
  timer.end('bundle');

  const readAt = BigInt(Date.now()) * 1_000_000n;
  const resolved = await resolveBuild(project, git, surroundings);
  for (const note of resolved.notes) io.emit({ type: 'note', label: note });
  timer.end('resolve');
  io.signal?.throwIfAborted();

  const layout = join(project.dir, 'dist', 'image');
  const image = await applyBuild(resolved, layout, io);
  timer.end('layers');

  const statement = await builtStatement(project, resolved, image, io);
  timer.end('statement');
  const timings = timer.phases;
  const result: StampedBuild = { index: image.index.descriptor, platforms: image.platforms, layout, statement };
  io.emit({ type: 'done', data: { index: result.index.digest, timings } });
  return {
    result: { ...result, unchanged: false, timings },
    remember: () =>
      stampBuild(buildStamp(project.path, options, io), project, resolved, result, { before, readAt }, options.bundle),
  };

  async function prepare() {
    git.askAhead();
    const [{ resolveSurroundings, resolveBuild }, { applyBuild }, { builtStatement }, { sweepLeftovers }] =
      await Promise.all([
        import('./resolve-build.ts'),
        import('./apply-build.ts'),
        import('./statements.ts'),
        import('./leftovers.ts'),
      ]);
    const [surroundings] = await Promise.all([
      resolveSurroundings(project, git, options, io),
      sweepLeftovers(project, io.cacheDir),
    ]);
    onBase(surroundings.base);
    return { surroundings, resolveBuild, applyBuild, builtStatement };
  }
}
