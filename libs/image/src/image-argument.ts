import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { BatonError } from '@baton/kernel';
import { type LoadedManifest, MANIFEST_NAME } from '@baton/manifest';
import { parseReference, type Reference } from '@baton/oci';
import { isEngineBuilt } from './docker/engine-record.ts';

/** What somebody means who names an image: `path` is absolute, `asked` the digest or tag of the reference. */
export type ImageArgument =
  | { kind: 'reference'; reference: Reference; asked: string }
  | { kind: 'layout'; path: string }
  | { kind: 'project'; path: string };

/**
 * Tells what an image is named by: a file or a directory with an `agent.yaml` is a project, another path a layout, and what
 * is no path a reference. Errors: `USAGE` (a reference without tag and digest), `INVALID_REFERENCE`.
 */
export async function imageArgument(text: string): Promise<ImageArgument> {
  const path = resolve(text);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined && !/^[./~]/.test(text)) {
    const reference = parseReference(text);
    const asked = reference.digest ?? reference.tag;
    if (asked !== undefined) return { kind: 'reference', reference, asked };
    throw new BatonError('USAGE', `"${text}" names a repository, expected a tag or digest behind it`, {
      hint: `Try ${text}:latest, or the path of a project or layout.`,
    });
  }
  const isProject =
    found?.isFile() === true || (await stat(join(path, MANIFEST_NAME)).catch(() => undefined)) !== undefined;
  return { kind: isProject ? 'project' : 'layout', path };
}

/** Refuses a project whose image is in a container engine, where its layers cannot be read one by one: `IMAGE_NOT_BUILT`. */
export async function demandLayout(project: LoadedManifest): Promise<void> {
  if (!(await isEngineBuilt(project))) return;
  throw new BatonError(
    'IMAGE_NOT_BUILT',
    `the image of ${project.manifest.name} is in a container engine, not in dist/image`,
    {
      hint: 'Write it out and name that directory (baton image export <project> out), or publish it and name its reference.',
    },
  );
}
