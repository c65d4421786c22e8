import { BatonError } from '@baton/kernel';
import type { ImageSection, LoadedManifest } from '@baton/manifest';
import { parseReference } from '@baton/oci';
import type { ImagePublishOptions } from './options.ts';
import type { PublishTarget } from './registries.ts';

/** Where to publish to. Errors: `USAGE` (nowhere), `INVALID_REFERENCE` (more than a repository). */
export function publishTarget(
  project: LoadedManifest,
  section: ImageSection,
  options: Pick<ImagePublishOptions, 'repository'>,
): PublishTarget {
  const named = options.repository ?? section.repository;
  if (named === undefined) {
    throw new BatonError('USAGE', `${project.path} names no image.repository, so there is nowhere to publish to`, {
      hint: 'Add image.repository to agent.yaml, or pass --repository registry/name.',
    });
  }
  const { registry, repository, tag, digest } = parseReference(named);
  if (tag === undefined && digest === undefined) return { registry, repository, insecure: section.insecure };
  throw new BatonError('INVALID_REFERENCE', `the repository "${named}" has a tag or digest, expected registry/name`, {
    hint: 'Tags come from image.tags, or from --tag.',
  });
}
