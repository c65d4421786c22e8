import { realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { BatonError, errnoOf } from '@baton/kernel';
import type { ProjectPlace } from '../resolved-layer.ts';
import { accessError, describe, type SourceEntry } from './file-walk.ts';

/**
 * Finds what `from` means: a file or a directory, links on the way to it followed, inside the repository.
 *
 * Returns the source and the repository's real root. Errors: `CONTEXT_INVALID` (it leaves the repository, loops, or is neither file nor directory),
 * `LAYER_SOURCE_MISSING`, `FILE_UNREADABLE`.
 */
export async function openSource(project: ProjectPlace, from: string): Promise<{ source: SourceEntry; root: string }> {
  const written = resolve(project.dir, from);
  const root = await realpath(project.root);
  demandInside(project.root, written, from);
  const absolute = await realpath(written).catch((error: unknown) => {
    throw notFound(error, project, from, written);
  });
  demandInside(root, absolute, from);
  return { source: await describe(absolute, '', { name: from }), root };
}

function demandInside(root: string, path: string, from: string): void {
  const way = relative(root, path);
  if (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)) return;
  throw new BatonError('CONTEXT_INVALID', `${from} is outside of the repository`, {
    hint: 'A layer takes files of its own repository only: copy them there by the bundle command, or use an npm package.',
  });
}

function notFound(error: unknown, project: ProjectPlace, from: string, written: string): BatonError {
  const errno = errnoOf(error);
  if (errno === 'ELOOP') {
    return new BatonError('CONTEXT_INVALID', `${from} is a link that leads back to itself`, {
      hint: 'Correct the link, or `from` in agent.yaml: paths are relative to its folder.',
      cause: error,
    });
  }
  if (errno !== 'ENOENT' && errno !== 'ENOTDIR') return accessError(error, from);
  const outputs = project.bundleOutputs ?? [];
  const output = outputs.find((path) => `${written}/`.startsWith(`${resolve(project.dir, path)}/`));
  return new BatonError('LAYER_SOURCE_MISSING', `${from} does not exist`, {
    hint:
      output === undefined
        ? 'Correct `from` in agent.yaml: paths are relative to its folder.'
        : `${output} is made by the bundle command: run the target "bundle" first (baton image build does it itself).`,
    cause: error,
  });
}
