import { BatonError, type Digest, isDigest } from '@baton/kernel';
import { checkTag, parseReference } from './reference.ts';
import type { Scope } from './token.ts';

/** The URL of a manifest. Throws `INVALID_REFERENCE`: what does not fit the grammar must not become a path. */
export function manifestUrl(base: URL, repository: string, reference: string): URL {
  const name = isDigest(reference) ? reference : checkTag(reference);
  return new URL(`/v2/${checked(repository)}/manifests/${name}`, base);
}

/** The URL of a blob. */
export function blobUrl(base: URL, repository: string, digest: Digest): URL {
  if (!isDigest(digest)) throw new BatonError('INVALID_REFERENCE', `"${String(digest)}" is not a sha256 digest`);
  return new URL(`/v2/${checked(repository)}/blobs/${digest}`, base);
}

/** The URL that opens an upload session, or mounts when another repository is named. */
export function uploadUrl(base: URL, repository: string, mount?: { digest: Digest; from: string }): URL {
  const query = mount === undefined ? '' : `?mount=${mount.digest}&from=${encodeURIComponent(checked(mount.from))}`;
  return new URL(`/v2/${checked(repository)}/blobs/uploads/${query}`, base);
}

/** The URL of a repository's list of tags. */
export function tagsUrl(base: URL, repository: string): URL {
  return new URL(`/v2/${checked(repository)}/tags/list`, base);
}

/** The URL that lists what refers to a digest (distribution 1.1). */
export function referrersUrl(base: URL, repository: string, digest: Digest, artifactType?: string): URL {
  if (!isDigest(digest)) throw new BatonError('INVALID_REFERENCE', `"${String(digest)}" is not a sha256 digest`);
  const query = artifactType === undefined ? '' : `?${new URLSearchParams({ artifactType })}`;
  return new URL(`/v2/${checked(repository)}/referrers/${digest}${query}`, base);
}

/** 'acme/app:1.2.3' or 'acme/app@sha256:...', for people. */
export function shown(repository: string, reference: string): string {
  return `${repository}${isDigest(reference) ? '@' : ':'}${reference}`;
}

/** What reading a repository needs of a token. */
export function pullScope(repository: string): Scope {
  return `repository:${repository}:pull`;
}

/** What writing to a repository needs of a token: uploads are checked by reading, so both. */
export function pushScope(repository: string): Scope {
  return `repository:${repository}:pull,push`;
}

function checked(repository: string): string {
  // The grammar of names is the one of references; with a tag or digest behind it, it would be more than a name.
  if (parseReference(`localhost/${repository}`).repository === repository) return repository;
  throw new BatonError('INVALID_REFERENCE', `expected the name of a repository, found ${JSON.stringify(repository)}`, {
    hint: 'Leave out host, tag and digest: acme/node-agent.',
  });
}
