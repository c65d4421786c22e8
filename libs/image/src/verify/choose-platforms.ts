import { BatonError } from '@baton/kernel';
import { parsePlatform, samePlatform } from '@baton/oci';
import type { ReadPlatform } from './read-documents.ts';

/** The platforms to look into: all of them, or the one asked for. Errors: `PLATFORM_MISSING`, `INVALID_PLATFORM`. */
export function choosePlatforms(
  all: readonly ReadPlatform[],
  wanted: string | undefined,
  image: string,
): readonly ReadPlatform[] {
  if (wanted === undefined) return all;
  const platform = parsePlatform(wanted);
  const found = all.filter((one) => samePlatform(one.platform, platform));
  if (found.length > 0 || all.length === 0) return found;
  const names = all.map(({ text }) => text).join(', ');
  throw new BatonError('PLATFORM_MISSING', `${image} has no platform ${wanted}, it has ${names}`, {
    hint: 'Name one of these, or leave --platform out to see all.',
  });
}
