import { resolve } from 'node:path';
import type { LoadedManifest, ParitySection } from '@baton/manifest';
import type { SubjectSpec } from '../subject/subject-spec.ts';

/** What the section `parity` says of OLD or NEW, with its paths resolved against the manifest's folder. */
export function subjectSpec(project: LoadedManifest, section: ParitySection, side: 'old' | 'new'): SubjectSpec {
  const { image, command, mounts = [] } = section[side];
  const clock = section.clock === undefined ? {} : { clock: section.clock };
  if (image !== undefined) {
    const place = /@sha256:[0-9a-f]{64}$/.test(image) ? { reference: image } : { layout: resolve(project.dir, image) };
    return { kind: 'image', ...place, ...clock };
  }
  if (command !== undefined) {
    const found = mounts.map(({ from, to }) => ({ source: resolve(project.dir, from), target: to }));
    return { kind: 'process', command, cwd: project.dir, mounts: found, ...clock };
  }
  return { kind: 'golden', directory: resolve(project.dir, section.goldens) };
}
