import { connectEngine } from '@baton/engine';
import type { LoadedManifest } from '@baton/manifest';
import { imageAnnotations } from '../image-labels.ts';
import type { ImageBuildOptions } from '../options.ts';
import { projectGit } from '../project-git.ts';
import { validStamp } from '../stamp.ts';
import type { BuildPlan, ImageIo } from '../types.ts';
import { type DockerStamp, dockerStamp, imagesHeld } from './build-docker.ts';
import { prepareDocker, resolveDocker } from './resolve-docker.ts';
import type { EnginePlan } from './types.ts';

/**
 * What a build by an engine would do now, as plain data. The engine is asked what it is and what it has; nothing is sent,
 * and the bundle command does not run. An engine that does not answer is part of the plan. Errors: those of a build that
 * come before the engine (`LINT_FAILED`, `CONTEXT_INVALID`, ...).
 */
export async function planDocker(
  project: LoadedManifest,
  options: Pick<ImageBuildOptions, 'release' | 'bundle' | 'platform'>,
  io: ImageIo,
): Promise<BuildPlan> {
  const engine = connectEngine(io.env);
  try {
    const known = validStamp<DockerStamp>(dockerStamp(project, io));
    const [prepared, report] = await Promise.all([
      prepareDocker(project, projectGit(project, io), options, io, known?.look),
      engine.probe(io.signal),
    ]);
    const build = await resolveDocker(project, prepared, engine.address);
    const held = report.available ? await imagesHeld(engine, known) : new Map();
    const { image, section, facts, labels } = build;
    const bundle = options.bundle ? project.manifest.bundle : undefined;
    const wanted = section.protocol === 'auto' ? report.protocols[0] : section.protocol;
    const platforms = build.targets.map(({ platform, key, name }): EnginePlan['platforms'][number] => {
      const last = known?.platforms.find(({ made }) => made.platform === platform);
      if (last === undefined) return { platform, name, action: 'build', reason: 'it was not built yet' };
      if (last.key !== key) return { platform, name, action: 'build', reason: 'its inputs changed' };
      const id = { image: last.made.image };
      if (held.has(last.made.image)) return { platform, name, action: 'unchanged', ...id, reason: 'nothing changed' };
      return { platform, name, action: 'build', ...id, reason: 'the engine no longer has it' };
    });
    return {
      project: project.manifest.name,
      name: image.repository ?? project.manifest.name,
      base: build.bases.join(', ') || 'scratch',
      platforms: platforms.map(({ platform }) => ({ platform, layers: [], config: {} })),
      annotations: imageAnnotations(labels, image),
      revision: facts.revision,
      version: facts.version,
      epoch: facts.epoch,
      bundle: bundle?.command,
      repository: image.repository,
      tags: image.tags,
      notes: bundle === undefined ? [] : ['the bundle command runs first: what is sent then may differ'],
      engine: {
        report,
        protocol: report.available ? wanted : undefined,
        dockerfile: section.file,
        target: section.target,
        context: { path: section.context, ...build.context },
        bases: build.bases,
        platforms,
        lint: build.lint.findings,
      },
    };
  } finally {
    engine.close();
  }
}
