import { BatonError } from '@baton/kernel';
import type { ImageSection, LoadedManifest } from '@baton/manifest';
import { parseReference } from '@baton/oci';
import type { SaidOfTls } from './registries.ts';

/** What a manifest says about TLS with the registry of its repository; undefined when it says nothing. */
export function saidOfTls(image: ImageSection): SaidOfTls | undefined {
  if (image.insecure === undefined || image.repository === undefined) return undefined;
  return { host: parseReference(image.repository).registry, insecure: image.insecure };
}

/** The section `image` of a manifest; `MANIFEST_INVALID` without one. */
export function imageSection(project: LoadedManifest): ImageSection {
  if (project.manifest.image !== undefined) return project.manifest.image;
  throw new BatonError('MANIFEST_INVALID', `${project.path} has no section "image", so there is no image to build`, {
    hint: 'Add one, such as: image: { layers: [{ from: dist/bundle, to: /app }] }',
  });
}
