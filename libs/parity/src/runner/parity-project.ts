import { dirname, join, resolve } from 'node:path';
import { BatonError } from '@baton/kernel';
import type { LoadedManifest, ParitySection } from '@baton/manifest';

/** Where a run leaves its result: `dist/parity` of the project. */
export function evidenceDirectory(project: LoadedManifest): string {
  return join(project.dir, 'dist', 'parity');
}

/** The section `parity` of a manifest; `USAGE` when there is none. */
export function paritySection({ manifest, path }: LoadedManifest): ParitySection {
  if (manifest.parity !== undefined) return manifest.parity;
  throw new BatonError('USAGE', `${path} has no section "parity": it does not say what is to be compared`, {
    hint: 'Add one, such as: parity: { new: { image: dist/image } }',
  });
}

/** Where what scenarios cost is kept: beside the goldens, in git. */
export function costsFile(project: LoadedManifest, section: ParitySection): string {
  return join(dirname(resolve(project.dir, section.goldens)), 'costs.json');
}
