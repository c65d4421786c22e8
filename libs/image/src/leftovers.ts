import { join } from 'node:path';
import { sweepTemporaries } from '@baton/kernel';
import type { LoadedManifest } from '@baton/manifest';
import { openStore } from '@baton/oci';

/**
 * Removes half-written files that killed runs left in a project's outputs and in the cache; those of living processes
 * stay. The caller holds the project's lock.
 */
export async function sweepLeftovers(project: LoadedManifest, cacheDir: string): Promise<void> {
  const dist = join(project.dir, 'dist');
  const cache = join(cacheDir, 'v1');
  const places = [join(dist, 'image'), join(dist, 'evidence')];
  for (const name of ['layers', 'manifests', 'packages', 'stamps']) places.push(join(cache, name));
  await Promise.all([...places.map((place) => sweepTemporaries(place)), openStore(cache).sweep()]);
}
