import { BatonError, withLock } from '@baton/kernel';
import type { LoadedManifest } from '@baton/manifest';
import { buildUnderLock } from './build-image.ts';
import { driverOf } from './docker/driver.ts';
import { imageSection } from './image-section.ts';
import type { ImagePublishOptions } from './options.ts';
import { projectGit } from './project-git.ts';
import { projectLock, waiting } from './project-lock.ts';
import { type BeforePublish, lookBeforePublish, stampPublish } from './publish-stamp.ts';
import { publishTarget } from './publish-target.ts';
import { type Registries, targetRegistries } from './registries.ts';
import { type Seen, seeBase } from './seen.ts';
import { type PhaseTimer, phaseTimer } from './timings.ts';
import type { ImageIo, PublishResult } from './types.ts';
import { unchangedPublish } from './unchanged.ts';

type Options = Omit<ImagePublishOptions, 'path'>;

/**
 * Publishes the image in a project's `dist/image` (after building it, when `build` is set).
 *
 * It is pushed by digest first and tagged last, so an interrupted publish is invisible and a second one goes on. An
 * image that is there already under its tags is left alone. One publish to a repository runs at a time on a machine.
 */
export async function publishImage(project: LoadedManifest, options: Options, io: ImageIo): Promise<PublishResult> {
  if (options.dryRun) throw new BatonError('USAGE', 'a dry run makes a plan and publishes nothing');
  const section = imageSection(project);
  const target = publishTarget(project, section, options);
  const known = await unchangedPublish(project.path, options, io);
  if (known !== undefined) {
    io.emit({ type: 'done', label: `already published: ${known.reference}`, data: { unchanged: true } });
    return known;
  }
  if (driverOf(project, options) === 'docker') {
    const { publishByEngine } = await import('./docker/publish-docker.ts');
    return await publishByEngine(project, target, options, io);
  }
  const git = projectGit(project, io);
  const needsTag = options.release === undefined && section.version === undefined;
  const place = `${target.registry}/${target.repository}`;
  const lock = await projectLock(project, io);
  return await withLock(lock.name, buildAndPublish, lock.options);

  async function buildAndPublish(): Promise<PublishResult> {
    const timer = phaseTimer();
    const before = lookBeforePublish(project, options);
    const registries = targetRegistries(target, io);
    let seen: Seen = { blobs: new Map() };
    let remember = async (): Promise<unknown> => undefined;
    try {
      if (options.build) {
        if (needsTag) void git.tagsAtHead().catch(() => undefined);
        const { release, locked, force, driver } = options;
        const how = { release, locked, force, driver, bundle: true, dryRun: false };
        const { result, remember: later } = await buildUnderLock(project, git, how, io, (base) => {
          seen = seeBase(base, registries.connect(target.registry), target.repository);
          void import('./publish-stages.ts');
        });
        remember = later;
        if (!result.unchanged) seen.made = result;
        timer.end('build');
      }
      // The registry takes its time: meanwhile the build is remembered, which it is also when it cannot be pushed.
      const [published, remembered] = await Promise.allSettled([
        withLock(`publish ${place}`, () => publish(registries, before, seen, timer), waiting(place, io)),
        remember(),
      ]);
      if (published.status === 'rejected') throw published.reason;
      if (remembered.status === 'rejected') throw remembered.reason;
      return published.value;
    } finally {
      registries.close();
    }
  }

  async function publish(
    registries: Registries,
    before: BeforePublish,
    seen: Seen,
    timer: PhaseTimer,
  ): Promise<PublishResult> {
    const stages = await import('./publish-stages.ts');
    const { resolvePublish, applyPublish, publishedStatement } = stages;
    // A build that found work has swept already.
    if (seen.made === undefined) await stages.sweepLeftovers(project, io.cacheDir);
    const resolved = await resolvePublish(project, target, git, options, io, registries, seen);
    const { plan } = resolved;
    for (const note of plan.notes) io.emit({ type: 'warn', label: note });
    io.emit({ type: 'plan', data: { tags: plan.tags, blobs: plan.blobs.length, unchanged: plan.unchanged } });
    timer.end('plan');
    const { tags, uploads, attached } = await applyPublish(resolved, io);
    timer.end('push');
    const names = tags.map(({ tag }) => tag);
    const statement = await publishedStatement(project, plan, names, io, attached);
    const [first = ''] = names;
    const reference = `${plan.repository}${first === '' ? '' : `:${first}`}@${plan.index.digest}`;
    const result = { reference, repository: plan.repository, index: plan.index, tags, uploads, attached, statement };
    await stampPublish(project, options, { result, target, tag: first }, before, io);
    timer.end('statement');
    const timings = timer.phases;
    const label = plan.unchanged ? `already published: ${reference}` : `published ${reference}`;
    io.emit({ type: 'done', label, data: { unchanged: plan.unchanged, timings, uploads } });
    return { ...result, unchanged: plan.unchanged, timings };
  }
}
