import type { ImageSection } from '@baton/manifest';
import type { ProjectFacts } from './project-facts.ts';

/** The labels of an image: what is known of it in the words of the OCI image specification, and the manifest's own. */
export function imageLabels(name: string, image: ImageSection, facts: ProjectFacts): Record<string, string> {
  return {
    'org.opencontainers.image.title': name,
    ...(facts.revision === undefined ? {} : { 'org.opencontainers.image.revision': facts.revision }),
    ...(facts.version === undefined ? {} : { 'org.opencontainers.image.version': facts.version }),
    ...image.labels,
  };
}

/** The same facts on the index, where a reader finds them without fetching a config. */
export function imageAnnotations(labels: Record<string, string>, image: ImageSection): Record<string, string> {
  const shared = Object.entries(labels).filter(([name]) => name.startsWith('org.opencontainers.image.'));
  return { ...Object.fromEntries(shared), ...image.annotations };
}
