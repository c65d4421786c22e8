import { BatonError } from '@baton/kernel';
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
  return { version: options.release ?? project.manifest.image?.version, epoch: epochOf(io.env) };
}

/** Seconds since 1970 from `SOURCE_DATE_EPOCH`, else 0: no clock ever gets into an image. Errors: `USAGE`. */
function epochOf(env: NodeJS.ProcessEnv): number {
  const text = env.SOURCE_DATE_EPOCH;
  if (text === undefined || text === '') return 0;
  // The last second whose year has four digits: RFC 3339 has no more.
  if (/^\d{1,12}$/.test(text) && Number(text) <= 253_402_300_799) return Number(text);
  throw new BatonError('USAGE', `SOURCE_DATE_EPOCH is "${text}", not a number of seconds since 1970`, {
    hint: 'Set it to whole seconds, or unset it: the default is 0.',
  });
}
