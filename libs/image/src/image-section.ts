import { BatonError } from '@baton/kernel';
import type { ImageSection, LoadedManifest } from '@baton/manifest';
import { parseReference } from '@baton/oci';

/** The host that a manifest allows plain HTTP for. */
export function insecureHost(image: ImageSection): string | undefined {
  return image.insecure && image.repository !== undefined ? parseReference(image.repository).registry : undefined;
}

/** The section `image` of a manifest; `MANIFEST_INVALID` without one. */
export function imageSection(project: LoadedManifest): ImageSection {
  if (project.manifest.image !== undefined) return project.manifest.image;
  throw new BatonError('MANIFEST_INVALID', `${project.path} has no section "image", so there is no image to build`, {
    hint: 'Add one, such as: image: { layers: [{ from: dist/bundle, to: /app }] }',
  });
}
