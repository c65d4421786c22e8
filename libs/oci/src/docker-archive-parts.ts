import { posix } from 'node:path';
import { BatonError, type Digest, isDigest } from '@baton/kernel';
import { asArray, asText, member, optional, type Place, refuse } from './document.ts';
import { parseReference } from './reference.ts';

/** What a member of a docker archive is, by its name. */
export type PartKind = 'manifest' | 'config' | 'layer' | 'blob' | 'passed' | 'directory';

/** An image as `manifest.json` names it: paths of its parts. */
export interface ArchivedImage {
  config: string;
  tags: string[];
  layers: string[];
}

const KINDS: readonly [RegExp, PartKind][] = [
  [/^manifest\.json$/, 'manifest'],
  [/^[0-9a-f]{64}\.json$/, 'config'],
  // crane
  [/^sha256:[0-9a-f]{64}$/, 'config'],
  // Engines up to 24; skopeo and podman; crane.
  [/^[0-9a-f]{64}(?:\/layer\.tar|\.tar|\.tar\.gz)$/, 'layer'],
  // Engines from 25 on, BuildKit: an image layout with a manifest.json beside it.
  [/^blobs\/sha256\/[0-9a-f]{64}$/, 'blob'],
  [/^(?:repositories|index\.json|oci-layout|[0-9a-f]{64}\/(?:VERSION|json))$/, 'passed'],
  [/^(?:[0-9a-f]{64}|blobs|blobs\/sha256)$/, 'directory'],
];

/** What a name stands for in the archives of engines, BuildKit, skopeo, podman and crane; undefined for any other name. */
export function partKind(path: string): PartKind | undefined {
  return KINDS.find(([pattern]) => pattern.test(path))?.[1];
}

/** The digest that a member's bytes must have because its name says so. */
export function promisedDigest(path: string): Digest | undefined {
  const kind = partKind(path);
  if (kind !== 'config' && kind !== 'blob') return undefined;
  const digest = `sha256:${/[0-9a-f]{64}/.exec(path)?.[0] ?? ''}`;
  return isDigest(digest) ? digest : undefined;
}

/** Reads the items of `manifest.json`: `[{ Config, RepoTags, Layers }]`. Throws `IMAGE_INVALID`. */
export function readArchiveManifest(items: Place): ArchivedImage[] {
  const images = asArray(items, 1000).map((item) => ({
    config: asText(member(item, 'Config'), 'the name of a config'),
    tags: optional(item, 'RepoTags', (at) => asArray(at, 1000).map(asName)) ?? [],
    layers: optional(item, 'Layers', (at) => asArray(at, 1000).map((name) => asText(name))) ?? [],
  }));
  if (images.length === 0) refuse(items, 'at least one image');
  return images;
}

function asName(place: Place): string {
  const text = asText(place, 'a name, repository:tag');
  try {
    if (parseReference(text).tag !== undefined) return text;
  } catch (error) {
    if (!(error instanceof BatonError)) throw error;
  }
  return refuse(place, 'a name, repository:tag');
}

/**
 * Follows the links of an archive, which stand for layers that are in it already, from a name to the name of a file.
 * Undefined where one leads nowhere or in a circle.
 *
 * @param links targets by name, relative to the directory of the link (symlinks) or from the root (hard links)
 */
export function followLinks(
  path: string,
  files: ReadonlyMap<string, unknown>,
  links: ReadonlyMap<string, string>,
): string | undefined {
  const seen = new Set<string>();
  for (let at: string | undefined = path; at !== undefined && !seen.has(at); at = links.get(at)) {
    if (files.has(at)) return at;
    seen.add(at);
  }
  return undefined;
}

/** The name that a symlink of an archive means, or undefined when it is not the name of a layer of this archive. */
export function linkedLayer(path: string, target: string, type: 'symlink' | 'hardlink'): string | undefined {
  const name = type === 'hardlink' ? target : posix.join(posix.dirname(path), target);
  return !target.startsWith('/') && partKind(name) === 'layer' ? name : undefined;
}
