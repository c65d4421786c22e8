import { stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { BatonError, errnoOf, readFileLimited } from '@baton/kernel';
import { type LoadedManifest, loadManifest, MANIFEST_NAME } from '@baton/manifest';
import type { LintFacts } from './finding.ts';
import { DOCKERFILE_LIMIT } from './source.ts';

/** A Dockerfile that is to be looked over. */
export interface LintSubject {
  /** Absolute. */
  path: string;
  /** How messages name it. */
  file: string;
  bytes: Buffer;
  facts: LintFacts;
}

/**
 * Finds the Dockerfile that a path means: the file itself, the one that `agent.yaml` in that directory names, or
 * `Dockerfile` in it. Errors: `USAGE` (there is none), `DOCKERFILE_INVALID`, those of reading a manifest.
 */
export async function lintSubject(named: string): Promise<LintSubject> {
  const path = resolve(named);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) {
    throw new BatonError('USAGE', `there is no ${named}, expected a Dockerfile, a directory with one, or a project`, {
      hint: 'Name the Dockerfile: baton image lint path/to/Dockerfile',
    });
  }
  const isManifest = found.isFile() && /\.ya?ml$/.test(path);
  const manifest = isManifest ? path : join(path, MANIFEST_NAME);
  if (isManifest || (found.isDirectory() && (await isThere(manifest)))) {
    const project = await loadManifest(manifest);
    if (project.manifest.image?.dockerfile !== undefined) return await projectSubject(project, shown(project.dir));
    if (isManifest || !(await isThere(join(path, 'Dockerfile')))) {
      throw new BatonError(
        'USAGE',
        `${manifest} has no section image.dockerfile, so there is no Dockerfile to look at`,
        {
          hint: 'Add one, such as: dockerfile: { file: Dockerfile }; or name the Dockerfile itself.',
        },
      );
    }
  }
  const file = found.isDirectory() ? join(path, 'Dockerfile') : path;
  const bytes = await read(file, shown(file));
  const ignoreFile = await hasIgnoreFile(dirname(file), file);
  return { path: file, file: shown(file), bytes, facts: { ignoreFile } };
}

/**
 * The Dockerfile of a project with everything that its manifest says of it. `image.dockerfile` is there.
 *
 * @param prefix what messages put in front of the paths of the manifest
 */
export async function projectSubject(project: LoadedManifest, prefix = ''): Promise<LintSubject> {
  const { image } = project.manifest;
  const { file = 'Dockerfile', context = '.', target, args } = image?.dockerfile ?? {};
  const path = resolve(project.dir, file);
  const [bytes, ignoreFile] = await Promise.all([
    read(path, `image.dockerfile.file in agent.yaml: ${path}`),
    hasIgnoreFile(resolve(project.dir, context), path),
  ]);
  const { platforms, user, entrypoint, cmd, env, workdir, volumes } = image ?? {};
  const facts = { target, args, ignoreFile, platforms, user, entrypoint, cmd, env, workdir, volumes };
  return { path, file: join(prefix, file), bytes, facts };
}

async function hasIgnoreFile(context: string, dockerfile: string): Promise<boolean> {
  return (await isThere(`${dockerfile}.dockerignore`)) || (await isThere(join(context, '.dockerignore')));
}

async function read(path: string, what: string): Promise<Buffer> {
  try {
    // One byte more, so that the lint itself says what is too large.
    return await readFileLimited(path, DOCKERFILE_LIMIT + 1);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT' && errnoOf(error) !== 'ENOTDIR' && !(error instanceof BatonError)) throw error;
    const why = error instanceof BatonError ? error.message.slice(error.message.indexOf(' ') + 1) : 'does not exist';
    throw new BatonError('DOCKERFILE_INVALID', `${what} ${why}`, {
      hint: 'Name the Dockerfile in image.dockerfile.file of agent.yaml, or as the argument of "baton image lint".',
      cause: error,
    });
  }
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

/** From where the caller stands, when it is below. */
function shown(path: string): string {
  const way = relative(process.cwd(), path);
  return way.startsWith('..') ? path : way;
}
