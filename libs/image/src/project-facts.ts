import { sourceDateEpoch } from '@baton/kernel';
import type { LoadedManifest } from '@baton/manifest';
import type { ProjectGit } from './project-git.ts';
import type { ImageIo } from './types.ts';
import { checkVersion } from './version.ts';

/** What surrounds a manifest says about the image: where it stands in history, its version, its time. */
export interface ProjectFacts {
  /** Last commit that touched the declared inputs, `-dirty` behind it on an unclean tree; absent outside git. */
  revision: string | undefined;
  version: string | undefined;
  /** Seconds since 1970. */
  epoch: number;
}

/**
 * Gathers the facts of a build. Errors: `VERSION_INVALID`, `USAGE`, `GIT_FAILED`.
 */
export async function projectFacts(
  project: LoadedManifest,
  git: ProjectGit,
  options: { release?: string | undefined },
  io: ImageIo,
): Promise<ProjectFacts> {
  const said = checkSaid(project, options, io);
  return { revision: await git.revision(), ...said };
}

/** What the caller says of a build, checked before anything is done: the version and the time. */
export function checkSaid(
  project: LoadedManifest,
  options: { release?: string | undefined },
  io: Pick<ImageIo, 'env'>,
): Pick<ProjectFacts, 'version' | 'epoch'> {
  if (options.release !== undefined) checkVersion(options.release, '--release');
  return { version: options.release ?? project.manifest.image?.version, epoch: sourceDateEpoch(io.env) ?? 0 };
}
