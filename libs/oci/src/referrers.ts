import { BatonError, type Digest, digestHex, type Json, sha256 } from '@baton/kernel';
import type { Descriptor } from './descriptor.ts';
import { DOCUMENT_LIMIT } from './document.ts';
import { encodeDocument, type ImageIndex, parseIndex, parseManifestOrIndex } from './manifest.ts';
import { MEDIA_TYPES } from './media-types.ts';
import { findManifest, putManifest } from './registry-manifests.ts';
import { linkOf, nextLink } from './registry-pages.ts';
import { pushScope, referrersUrl, shown } from './registry-path.ts';
import type { Session } from './registry-session.ts';
import type { Scope } from './token.ts';

/** Whether the registry itself lists referrers, or a tag does (distribution 1.1, "Referrers Tag Schema"). */
export type ReferrersBy = 'api' | 'tag';

const MOST_PAGES = 1000;
const MOST_REFERRERS = 100_000;
/** Times that an index is written again because another writer's has replaced it. */
const MOST_WRITES = 5;

/**
 * The manifests that refer to a digest by `subject`, in the registry's order, each once; none is an empty list. With
 * `artifactType` only those of that type.
 *
 * A registry that does not know the question (404, another status that says so, or an answer that is no index) is asked
 * for the tag `sha256-<hex>` in its place. One that cannot answer is an error, never "none". Throws `IMAGE_INVALID` for
 * an index that is broken, `REGISTRY_PROTOCOL` for pages in a circle.
 */
export async function listReferrers(
  session: Session,
  repository: string,
  digest: Digest,
  artifactType: string | undefined,
  scopes: readonly Scope[],
): Promise<{ descriptors: Descriptor[]; by: ReferrersBy }> {
  const listed = await askRegistry(session, repository, digest, artifactType, scopes);
  const found = listed ?? (await readTag(session, repository, digest, scopes))?.index.manifests ?? [];
  const once = new Map(found.map((descriptor) => [descriptor.digest, descriptor]));
  // Also where the registry says that it has filtered: it may not, and a tag's index never is.
  const descriptors = [...once.values()].filter(
    (one) => artifactType === undefined || one.artifactType === artifactType,
  );
  return { descriptors, by: listed === undefined ? 'tag' : 'api' };
}

/**
 * Writes a manifest that has a `subject`, under its digest, and makes it found: by the registry where that answers with
 * `OCI-Subject`, else in the index under the tag `sha256-<hex>`, whose other entries are kept as they are.
 *
 * No registry lets an index be changed in one step: the index is read again after it was written, and written again
 * when another writer's has replaced it, `REGISTRY_REJECTED` after the fifth time. Two machines that write for the same
 * subject in the same instant can still lose an entry; writing it again puts it back. Within one client writers wait
 * for each other. Throws `IMAGE_INVALID` for a manifest without subject or a tag that holds no index.
 */
export async function putReferrer(
  session: Session,
  repository: string,
  bytes: Uint8Array,
  mediaType: string,
): Promise<{ descriptor: Descriptor; by: ReferrersBy }> {
  const { descriptor, subject } = describe(bytes, mediaType);
  const answered = await putManifest(session, repository, descriptor.digest, bytes, mediaType);
  if (answered.subject === subject) return { descriptor, by: 'api' };
  await oneByOne(session, `${repository}@${subject}`, () => addToTag(session, repository, subject, descriptor));
  return { descriptor, by: 'tag' };
}

/** The tag that lists the referrers of a digest where the registry does not. */
export function referrersTag(digest: Digest): string {
  return `sha256-${digestHex(digest)}`;
}

/** What an index says of a referrer (distribution 1.1, "Listing Referrers"): its type, and its annotations. */
function describe(bytes: Uint8Array, mediaType: string): { descriptor: Descriptor; subject: Digest } {
  const where = 'the manifest to attach';
  const parsed = parseManifestOrIndex(bytes, where);
  const document = parsed.kind === 'index' ? parsed.index : parsed.manifest;
  if (document.subject === undefined) {
    throw new BatonError('IMAGE_INVALID', `${where}: expected a subject, found none`, {
      hint: 'A manifest that is about no other belongs under a tag.',
    });
  }
  const artifactType =
    document.artifactType ?? (parsed.kind === 'manifest' ? parsed.manifest.config.mediaType : undefined);
  const descriptor: Descriptor = {
    mediaType,
    digest: sha256(bytes),
    size: bytes.byteLength,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(document.annotations === undefined ? {} : { annotations: document.annotations }),
  };
  return { descriptor, subject: document.subject.digest };
}

/** What the registry lists, or undefined when it does not know the question. */
async function askRegistry(
  session: Session,
  repository: string,
  digest: Digest,
  artifactType: string | undefined,
  scopes: readonly Scope[],
): Promise<Descriptor[] | undefined> {
  const doing = `listing what refers to ${shown(repository, digest)}`;
  const found: Descriptor[] = [];
  const seen = new Set<string>();
  let url: URL | undefined = referrersUrl(session.base, repository, digest, artifactType);
  while (url !== undefined) {
    const here: URL = url;
    if (seen.has(here.href) || seen.size >= MOST_PAGES) throw broken(session, doing, 'links its pages in a circle');
    seen.add(here.href);
    const page = await session.call({
      method: 'GET',
      url: here,
      headers: { Accept: MEDIA_TYPES.index },
      scopes,
      doing,
      handle: async (response) => {
        // 400, 405, 406 and redirects to a web page are how registries of before 1.1 say that they do not know this.
        if ([301, 302, 303, 307, 308, 400, 404, 405, 406].includes(response.status)) return undefined;
        if (response.status !== 200) return await session.refuse(response, doing);
        if (response.headers['content-type']?.split(';')[0]?.trim() !== MEDIA_TYPES.index) return undefined;
        const { bytes, over } = await response.bytes(DOCUMENT_LIMIT);
        if (over) throw broken(session, doing, `sends more than ${DOCUMENT_LIMIT} bytes per page`);
        const { manifests } = parseIndex(bytes, `the referrers of ${shown(repository, digest)} at ${session.host}`);
        return { manifests, next: nextLink(linkOf(response), here) };
      },
    });
    if (page === undefined) {
      if (seen.size === 1) return undefined;
      throw broken(session, doing, 'links to a page that it does not have');
    }
    found.push(...page.manifests);
    if (found.length > MOST_REFERRERS) throw broken(session, doing, `lists more than ${MOST_REFERRERS} referrers`);
    url = page.next;
    if (url !== undefined && url.origin !== session.base.origin) throw broken(session, doing, 'links to another host');
  }
  return found;
}

async function readTag(
  session: Session,
  repository: string,
  digest: Digest,
  scopes: readonly Scope[],
): Promise<{ index: ImageIndex; bytes: Buffer } | undefined> {
  const tag = referrersTag(digest);
  const found = await findManifest(session, repository, tag, scopes);
  if (found === undefined) return undefined;
  return { index: parseIndex(found.bytes, `${shown(repository, tag)} at ${session.host}`), bytes: found.bytes };
}

async function addToTag(session: Session, repository: string, subject: Digest, descriptor: Descriptor): Promise<void> {
  const tag = referrersTag(subject);
  // What was just written is read with the same token.
  const scopes = [pushScope(repository)];
  for (let writes = 0; ; writes += 1) {
    const present = await readTag(session, repository, subject, scopes);
    if (present?.index.manifests.some(({ digest }) => digest === descriptor.digest) === true) return;
    if (writes >= MOST_WRITES) {
      throw new BatonError(
        'REGISTRY_REJECTED',
        `${session.host} does not keep the entry of ${descriptor.digest} in ${shown(repository, tag)}: written ${writes} times, found replaced each time`,
        {
          hint: 'Others write to the same tag, or the registry answers from an old copy: run it again.',
          details: { host: session.host, tag, digest: descriptor.digest },
          retryable: true,
        },
      );
    }
    await putManifest(session, repository, tag, withEntry(present?.bytes, descriptor), MEDIA_TYPES.index);
  }
}

/** The index with one more entry; what it holds besides, also what Baton does not know, stays. */
function withEntry(bytes: Buffer | undefined, descriptor: Descriptor): Buffer {
  const old = bytes === undefined ? {} : (JSON.parse(bytes.toString('utf8')) as { manifests?: Json[] });
  return encodeDocument({
    ...old,
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.index,
    manifests: [...(old.manifests ?? []), descriptor],
  });
}

const queues = new WeakMap<Session, Map<string, Promise<void>>>();

async function oneByOne(session: Session, key: string, work: () => Promise<void>): Promise<void> {
  const waiting = queues.get(session) ?? new Map<string, Promise<void>>();
  queues.set(session, waiting);
  const mine = (waiting.get(key) ?? Promise.resolve()).catch(() => undefined).then(work);
  waiting.set(key, mine);
  try {
    await mine;
  } finally {
    if (waiting.get(key) === mine) waiting.delete(key);
  }
}

function broken(session: Session, doing: string, what: string): BatonError {
  return new BatonError('REGISTRY_PROTOCOL', `${session.host} ${what}, seen while ${doing}`, {
    hint: 'Check that the host is a registry.',
    details: { host: session.host },
  });
}
