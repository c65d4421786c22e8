import { connectEngine, type Engine } from '@baton/engine';
import { withLock } from '@baton/kernel';
import type { LoadedManifest } from '@baton/manifest';
import { imageAnnotations } from '../image-labels.ts';
import { imageSection } from '../image-section.ts';
import { sweepLeftovers } from '../leftovers.ts';
import type { ImagePublishOptions } from '../options.ts';
import { projectGit } from '../project-git.ts';
import { projectLock, waiting } from '../project-lock.ts';
import { type BeforePublish, lookBeforePublish, stampPublish } from '../publish-stamp.ts';
import { type PublishTarget, type Registries, targetRegistries } from '../registries.ts';
import { publishedStatement } from '../statements.ts';
import { isWriteOnce, renderTags } from '../tags.ts';
import { type PhaseTimer, phaseTimer } from '../timings.ts';
import type { ImageIo, PublishPlan, PublishResult } from '../types.ts';
import { checkVersion } from '../version.ts';
import { attachToPushed } from './attach-docker.ts';
import { buildDocker } from './build-docker.ts';
import { engineAuth } from './engine-auth.ts';
import { type Finder, openFinder } from './find-published.ts';
import { type Pushed, pushByEngine, putTags } from './push-docker.ts';
import type { PreparedDocker } from './resolve-docker.ts';
import { resolveEnginePublish } from './resolve-publish.ts';

type Options = Omit<ImagePublishOptions, 'path'>;

/** What `image publish` would do now by the driver docker. The registry is only read, the engine is not asked. */
export async function planEnginePublish(
  project: LoadedManifest,
  target: PublishTarget,
  options: Options,
  io: ImageIo,
): Promise<PublishPlan> {
  const registries = targetRegistries(target, io);
  try {
    const client = registries.connect(target.registry);
    const finder = openFinder(client, target.repository);
    return (await resolveEnginePublish(project, target, projectGit(project, io), options, io, client, finder)).plan;
  } finally {
    registries.close();
  }
}

/**
 * Publishes the image that an engine holds for a project (after building it, when `build` is set).
 *
 * The engine pushes it under the first tag that is lacking, the registry is asked whether that is the image that was
 * built, then the same manifest is put under the other tags. An image that is there already under its tags is left
 * alone, and the engine is not asked. One publish to a repository runs at a time on a machine.
 */
export async function publishByEngine(
  project: LoadedManifest,
  target: PublishTarget,
  options: Options,
  io: ImageIo,
): Promise<PublishResult> {
  const section = imageSection(project);
  const git = projectGit(project, io);
  const place = `${target.registry}/${target.repository}`;
  const lock = await projectLock(project, io);
  return await withLock(lock.name, buildAndPublish, lock.options);

  async function buildAndPublish(): Promise<PublishResult> {
    const timer = phaseTimer();
    const before = lookBeforePublish(project, options);
    const registries = targetRegistries(target, io);
    const engine = connectEngine(io.env);
    try {
      const finder = openFinder(registries.connect(target.registry), target.repository);
      if (options.build) {
        const { release, locked, force, driver } = options;
        const how = { release, locked, force, driver, bundle: true, dryRun: false };
        // While the engine works, the registry is asked what it has.
        await buildDocker(project, git, how, io, { engine, onPrepared: (prepared) => askAhead(prepared, finder) });
        timer.end('build');
      } else {
        await sweepLeftovers(project, io.cacheDir);
      }
      return await withLock(
        `publish ${place}`,
        () => publish(registries, engine, finder, before, timer),
        waiting(place, io),
      );
    } finally {
      engine.close();
      registries.close();
    }
  }

  function askAhead({ facts, labels }: PreparedDocker, finder: Finder): void {
    const said = options.release ?? section.version;
    const version = said === undefined ? undefined : checkVersion(said, 'the version');
    const values = {
      version,
      revision: labels['org.opencontainers.image.revision'] ?? facts.revision,
      name: project.manifest.name,
    };
    for (const { tag } of renderTags(options.tag ?? section.tags, values)) void finder.get(tag);
  }

  async function publish(
    registries: Registries,
    engine: Engine,
    finder: Finder,
    before: BeforePublish,
    timer: PhaseTimer,
  ): Promise<PublishResult> {
    const client = registries.connect(target.registry);
    const resolved = await resolveEnginePublish(project, target, git, options, io, client, finder);
    const { plan, record, tags, there, proof } = resolved;
    for (const note of plan.notes) io.emit({ type: 'warn', label: note });
    io.emit({ type: 'plan', data: { tags: plan.tags, blobs: 0, unchanged: plan.unchanged } });
    timer.end('plan');
    const lacking = tags.filter(({ tag }) =>
      plan.tags.some((each) => each.tag === tag && ['create', 'move'].includes(each.action)),
    );
    const first = lacking.find(isWriteOnce) ?? lacking[0];
    let uploads = NOTHING;
    let pushed: Pick<Pushed, 'top' | 'written'> | undefined =
      there === undefined ? undefined : { top: there, written: undefined };
    if (pushed === undefined && first !== undefined) {
      const auth = await engineAuth(target.registry, target.repository, io.env);
      const annotations = imageAnnotations(section.labels ?? {}, section);
      const done = await pushByEngine({ engine, client, target, auth, record, annotations }, first.tag, io);
      pushed = done;
      uploads = { ...NOTHING, manifests: done.manifests };
    }
    const index = pushed?.top.descriptor ?? plan.index;
    const attached =
      pushed === undefined ? [] : await attachToPushed(project, { target, top: pushed.top, record, proof }, client, io);
    const done = pushed === undefined ? [] : await putTags({ client, target }, pushed, tags, plan.tags, io);
    timer.end('push');
    const names = done.map(({ tag }) => tag);
    const statement = await publishedStatement(project, { ...plan, index }, names, io, attached);
    const [named = ''] = names;
    const reference = `${plan.repository}${named === '' ? '' : `:${named}`}@${index.digest}`;
    const result = { reference, repository: plan.repository, index, tags: done, uploads, attached, statement };
    await stampPublish(project, options, { result, target, tag: named }, before, io);
    timer.end('statement');
    const timings = timer.phases;
    const unchanged = plan.unchanged && attached.every(({ state }) => state === 'present');
    const label = unchanged ? `already published: ${reference}` : `published ${reference}`;
    io.emit({ type: 'done', label, data: { unchanged, timings, uploads } });
    return { ...result, unchanged, timings };
  }
}

// The engine does the sending, and does not say how much it sent.
const NOTHING: PublishResult['uploads'] = { blobs: 0, bytes: 0, mounted: 0, present: 0, manifests: 0 };
