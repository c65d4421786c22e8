import { BatonError } from '@baton/kernel';
import { parseReference } from '@baton/oci';
import type { StoredPlatform } from '../sparse-layout.ts';
import type { FoundImage } from './found-image.ts';

/**
 * The names of an image in an engine: those asked for, else one from what the image says of itself.
 *
 * That is `repository` of the manifest (else its `name`) with the image's version, else `sha-<commit>`, else `latest`; of
 * an image in a registry the reference as it was asked for; of a layout its title. Errors: `USAGE` (nothing gives a name),
 * `INVALID_REFERENCE`.
 */
export function engineNames(
  asked: readonly string[] | undefined,
  found: FoundImage,
  platform: StoredPlatform,
): string[] {
  if (asked !== undefined && asked.length > 0) return [...new Set(asked.map(checkEngineName))];
  const { Labels: labels = {} } = platform.config.config ?? {};
  const version = labels['org.opencontainers.image.version'];
  const revision = labels['org.opencontainers.image.revision'];
  const repository = found.repository ?? labels['org.opencontainers.image.title'];
  const own = version ?? (revision === undefined ? 'latest' : `sha-${revision}`);
  const tag = found.kind === 'registry' ? found.tag : own;
  if (repository === undefined || tag === undefined) {
    throw new BatonError('USAGE', `nothing says what ${found.name} is to be called in the engine`, {
      hint: 'Say it with --name, such as --name agent:1.2.0.',
    });
  }
  return [checkEngineName(`${repository}:${tag}`)];
}

/** `repository:tag`, as engines name images. Errors: `INVALID_REFERENCE`. */
export function checkEngineName(name: string): string {
  const { tag, digest } = parseReference(name);
  if (tag !== undefined && digest === undefined) return name;
  throw new BatonError('INVALID_REFERENCE', `"${name}" cannot name an image in an engine: expected repository:tag`, {
    hint: `Write a tag behind it, such as ${name.split('@', 1).join('')}:latest.`,
  });
}
