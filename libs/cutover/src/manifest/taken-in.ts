import type { CutoverManifest } from '../model/manifest.ts';

/** The names of the files beside the manifest that it takes in, once each, sorted. */
export function takenIn({ paths, edits }: CutoverManifest): string[] {
  const names = new Set<string>();
  for (const operation of paths) {
    if ('create' in operation && 'from' in operation.create) names.add(operation.create.from);
  }
  for (const operation of edits) {
    if ('patch' in operation && 'from' in operation.patch) names.add(operation.patch.from);
    if ('replace-file' in operation) names.add(operation['replace-file'].from);
    if ('changelog' in operation && 'from' in operation.changelog) names.add(operation.changelog.from);
    if ('notes' in operation && 'from' in operation.notes) names.add(operation.notes.from);
  }
  return [...names].sort();
}
