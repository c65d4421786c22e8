import type { LoadedManifest } from '@baton/manifest';
import type { DoctorIo, Finding } from './finding.ts';
import { isRunnable } from './programs.ts';

/** What a manifest cannot do without, by the `id` of the finding, with the reason. */
export function needsOf({ manifest }: LoadedManifest): Map<string, string> {
  const needs = new Map<string, string>();
  const image = manifest.image;
  if (image === undefined) return needs;
  needs.set('cache', 'its image is built there');
  if (image.layers.some((layer) => 'npm' in layer)) needs.set('npm', 'it has a layer from an npm package');
  if (image.layers.some((layer) => 'debian' in layer)) needs.set('apt', 'it has a layer from Debian packages');
  if (image.tags.every((tag) => tag.includes('{commit}'))) needs.set('git', 'all its tags are made from the commit');
  return needs;
}

/** Whether the bundle command of a manifest can be started; undefined without one. */
export async function findBundleCommand({ dir, manifest }: LoadedManifest, io: DoctorIo): Promise<Finding | undefined> {
  const [command] = manifest.bundle?.command ?? [];
  if (command === undefined) return undefined;
  const base = { id: 'bundle', title: 'Bundle command', neededFor: 'bundle.command' };
  if (await isRunnable(command, dir, io.env)) return { ...base, state: 'here', detail: command };
  return {
    ...base,
    state: 'missing',
    detail: `"${command}" is not there or cannot be run`,
    cost: 'The program cannot be bundled, so the image cannot be built.',
  };
}
