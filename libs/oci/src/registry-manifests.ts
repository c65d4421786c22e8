import { BatonError, type Digest, isDigest, sha256 } from '@baton/kernel';
import type { Descriptor } from './descriptor.ts';
import { DOCUMENT_LIMIT } from './document.ts';
import type { HttpResponse } from './http-response.ts';
import { MEDIA_TYPES } from './media-types.ts';
import { answerError, type RegistryProblem, readProblems } from './registry-errors.ts';
import { manifestUrl, pushScope, shown } from './registry-path.ts';
import type { Session } from './registry-session.ts';
import type { Scope } from './token.ts';

const ACCEPT = [MEDIA_TYPES.index, MEDIA_TYPES.manifest, MEDIA_TYPES.dockerIndex, MEDIA_TYPES.dockerManifest].join(
  ', ',
);

/**
 * Asks whether a manifest is there: its descriptor, or undefined only where the registry says that it is not.
 *
 * A 403 says nothing (some registries hide missing images behind it, and an answer to HEAD carries no explanation), so
 * the manifest is then asked for with GET, whose body tells "unknown" from "denied". The same where HEAD leaves out the
 * digest, size or type.
 */
export async function headManifest(
  session: Session,
  repository: string,
  reference: string,
  scopes: readonly Scope[],
): Promise<Descriptor | undefined> {
  const doing = `looking for manifest ${shown(repository, reference)}`;
  const url = manifestUrl(session.base, repository, reference);
  const found = await session.call({
    method: 'HEAD',
    url,
    headers: { Accept: ACCEPT },
    scopes,
    doing,
    handle: async (response): Promise<Descriptor | 'ask' | undefined> => {
      if (response.status === 200) return describeHead(response) ?? 'ask';
      if (response.status === 404) return undefined;
      if (response.status === 403 || response.status === 405) return 'ask';
      return await session.refuse(response, doing);
    },
  });
  if (found !== 'ask') {
    if (found !== undefined) checkDigest(reference, found.digest, session.host, doing);
    return found;
  }
  return (await findManifest(session, repository, reference, scopes))?.descriptor;
}

/** Fetches a manifest or index, or undefined only where the registry says that it is not there. */
export async function findManifest(
  session: Session,
  repository: string,
  reference: string,
  scopes: readonly Scope[],
): Promise<{ descriptor: Descriptor; bytes: Buffer } | undefined> {
  const doing = `looking for manifest ${shown(repository, reference)}`;
  return await session.call({
    method: 'GET',
    url: manifestUrl(session.base, repository, reference),
    headers: { Accept: ACCEPT },
    scopes,
    doing,
    handle: async (response) => {
      if (response.status === 200) return await readManifest(session, response, reference, doing);
      if (response.status === 404) return undefined;
      const problems = await readProblems(response);
      if (response.status === 403 && problems.some(saysUnknown)) return undefined;
      throw answerError(session.subject(doing), response.status, problems);
    },
  });
}

/**
 * Fetches a manifest or index and checks its digest. Throws `IMAGE_NOT_FOUND`, `DIGEST_MISMATCH`, `REGISTRY_PROTOCOL`.
 */
export async function getManifest(
  session: Session,
  repository: string,
  reference: string,
  scopes: readonly Scope[],
): Promise<{ descriptor: Descriptor; bytes: Buffer }> {
  const doing = `reading manifest ${shown(repository, reference)}`;
  return await session.call({
    method: 'GET',
    url: manifestUrl(session.base, repository, reference),
    headers: { Accept: ACCEPT },
    scopes,
    doing,
    handle: async (response) =>
      response.status === 200
        ? await readManifest(session, response, reference, doing)
        : await session.refuse(response, doing),
  });
}

/**
 * Writes a manifest under a tag or its digest. Throws `TAG_CONFLICT` when the registry keeps the tag from being moved
 * (unless the tag already has these bytes: then it is done), `DIGEST_MISMATCH` when the registry computed another
 * digest.
 *
 * @returns the digest in `OCI-Subject`, where the registry answers with one
 */
export async function putManifest(
  session: Session,
  repository: string,
  reference: string,
  bytes: Uint8Array,
  mediaType: string,
): Promise<{ subject?: Digest }> {
  const doing = `writing manifest ${shown(repository, reference)}`;
  const digest = sha256(bytes);
  const scopes = [pushScope(repository)];
  checkDigest(reference, digest, session.host, doing);
  const answer = await session.call({
    method: 'PUT',
    url: manifestUrl(session.base, repository, reference),
    headers: { 'Content-Type': mediaType },
    body: bytes,
    scopes,
    doing,
    handle: async (response): Promise<RegistryProblem[] | { subject?: Digest }> => {
      if (response.status >= 200 && response.status < 300) {
        const stored = response.headers['docker-content-digest'];
        if (typeof stored === 'string' && isDigest(stored)) checkDigest(stored, digest, session.host, doing);
        const subject = response.headers['oci-subject'];
        return isDigest(subject) ? { subject } : {};
      }
      const problems = await readProblems(response);
      if (!isDigest(reference) && saysImmutable(response.status, problems)) return problems;
      throw answerError(session.subject(doing), response.status, problems);
    },
  });
  if (!Array.isArray(answer)) return answer;
  // A repeated PUT whose first answer was lost, or a second run, meets its own tag: that is no conflict.
  const present = await headManifest(session, repository, reference, scopes);
  if (present?.digest === digest) return {};
  const said = answer[0]?.message ?? '';
  throw new BatonError(
    'TAG_CONFLICT',
    `${session.host} does not let tag ${shown(repository, reference)} be written${said === '' ? '' : `: ${said}`}`,
    {
      hint: 'The tag is immutable there and has another digest: publish under a new version.',
      details: { host: session.host, expected: digest, found: present?.digest },
    },
  );
}

async function readManifest(
  session: Session,
  response: HttpResponse,
  reference: string,
  doing: string,
): Promise<{ descriptor: Descriptor; bytes: Buffer }> {
  const { bytes, over } = await response.bytes(DOCUMENT_LIMIT);
  if (over) {
    throw new BatonError('REGISTRY_PROTOCOL', `${session.host} sent more than ${DOCUMENT_LIMIT} bytes while ${doing}`, {
      hint: 'Manifests are 4 MiB at most.',
    });
  }
  const digest = sha256(bytes);
  const claimed = response.headers['docker-content-digest'];
  checkDigest(reference, digest, session.host, doing);
  if (typeof claimed === 'string' && isDigest(claimed)) checkDigest(claimed, digest, session.host, doing);
  const mediaType = typeOf(response) ?? typeIn(bytes);
  if (mediaType === undefined) {
    throw new BatonError(
      'REGISTRY_PROTOCOL',
      `${session.host} does not say what kind of document it sent while ${doing}`,
      { hint: 'Check that the host is a registry, and that no proxy answers in its place.' },
    );
  }
  return { descriptor: { mediaType, digest, size: bytes.byteLength }, bytes };
}

function describeHead(response: HttpResponse): Descriptor | undefined {
  const digest = response.headers['docker-content-digest'];
  const length = response.headers['content-length'];
  const mediaType = typeOf(response);
  if (!isDigest(digest) || mediaType === undefined || length === undefined || !/^\d+$/.test(length)) return undefined;
  return { mediaType, digest, size: Number(length) };
}

function typeOf(response: HttpResponse): string | undefined {
  const type = response.headers['content-type']?.split(';')[0]?.trim();
  // What a proxy or a careless server puts on anything says nothing.
  return type === undefined || type === '' || /^(?:application\/(?:json|octet-stream)|text\/)/.test(type)
    ? undefined
    : type;
}

function typeIn(bytes: Buffer): string | undefined {
  try {
    const { mediaType } = JSON.parse(bytes.toString('utf8')) as { mediaType?: unknown };
    return typeof mediaType === 'string' ? mediaType : undefined;
  } catch {
    return undefined;
  }
}

/** Throws `DIGEST_MISMATCH` when `expected` is a digest and not this one; a tag promises nothing. */
function checkDigest(expected: string, found: Digest, host: string, doing: string): void {
  if (!isDigest(expected) || expected === found) return;
  throw new BatonError('DIGEST_MISMATCH', `${doing} at ${host}: expected ${expected}, found ${found}`, {
    hint: 'The bytes were changed on the way or at the registry: do not use them.',
    details: { host, expected, found },
  });
}

function saysUnknown({ code }: RegistryProblem): boolean {
  return code === 'MANIFEST_UNKNOWN' || code === 'NAME_UNKNOWN';
}

/** Registries have no common code for a tag that must not move: 409, 412, or words to that effect with any 4xx. */
function saysImmutable(status: number, problems: readonly RegistryProblem[]): boolean {
  if (status === 409 || status === 412) return true;
  const words = /immutab|overwrit|already exists|cannot be (?:moved|updated|changed)/i;
  return (
    status >= 400 &&
    status < 500 &&
    problems.some(({ code, message }) => words.test(`${code.replaceAll('_', ' ')} ${message}`))
  );
}
