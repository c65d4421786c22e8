import { type Digest, isDigest, sha256 } from '@baton/kernel';
import { fail, json } from './registry-answers.ts';
import { type Exchange, reply, requestBody } from './registry-exchange.ts';
import type { RegistryHabits } from './registry-habits.ts';
import type { RegistryStore } from './registry-store.ts';
import { subjectOf } from './registry-subject.ts';

const MOST_BYTES = 4 * 1024 * 1024;

/** GET and HEAD of a manifest. */
export async function getManifest(
  exchange: Exchange,
  store: RegistryStore,
  repository: string,
  reference: string,
): Promise<void> {
  const found = await store.manifest(repository, reference);
  if (found === undefined) return await fail(exchange, 404, 'MANIFEST_UNKNOWN', 'manifest unknown');
  const headers = { 'Content-Type': found.mediaType, 'Docker-Content-Digest': found.digest };
  await reply(exchange, 200, headers, found.bytes);
}

/** PUT of a manifest: strict about what it names, but not about its subject. */
export async function putManifest(
  exchange: Exchange,
  store: RegistryStore,
  repository: string,
  reference: string,
  habits: RegistryHabits,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of requestBody(exchange)) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  if (!isDigest(reference) && !/^\w[\w.-]{0,127}$/.test(reference)) {
    return await fail(exchange, 400, 'TAG_INVALID', 'manifest tag did not match');
  }
  if (bytes.byteLength > MOST_BYTES) return await fail(exchange, 413, 'SIZE_INVALID', 'manifests have 4 MiB at most');
  if (isDigest(reference) && reference !== sha256(bytes)) {
    return await fail(exchange, 400, 'DIGEST_INVALID', 'provided digest did not match uploaded content');
  }
  const missing = await missingParts(store, repository, bytes);
  if (missing === 'invalid') return await fail(exchange, 400, 'MANIFEST_INVALID', 'not a manifest');
  if (missing !== undefined)
    return await fail(exchange, 400, 'MANIFEST_BLOB_UNKNOWN', `unknown to registry: ${missing}`);
  const before = await store.manifest(repository, reference);
  if (habits.immutableTags && !isDigest(reference) && before !== undefined && !before.bytes.equals(bytes)) {
    const plain = {
      status: 400,
      code: 'TAG_INVALID',
      message: `tag ${reference} is immutable and cannot be overwritten`,
    };
    const { status, code, message } = habits.immutableTags === true ? plain : habits.immutableTags;
    return await fail(exchange, status, code, message);
  }
  const type = exchange.request.headers['content-type'] ?? '';
  const digest = await store.putManifest(repository, reference, bytes, type);
  const location = `/v2/${repository}/manifests/${digest}`;
  const subject = habits.referrers === false ? undefined : subjectOf(bytes);
  await reply(exchange, 201, {
    Location: location,
    'Docker-Content-Digest': digest,
    ...(subject === undefined ? {} : { 'OCI-Subject': subject }),
  });
}

/** The first blob or manifest that the repository lacks; manifests may come only after what they name. */
async function missingParts(
  store: RegistryStore,
  repository: string,
  bytes: Buffer,
): Promise<Digest | 'invalid' | undefined> {
  type Part = { digest?: unknown; mediaType?: unknown };
  let document: { config?: Part; layers?: Part[]; manifests?: Part[] };
  try {
    document = JSON.parse(bytes.toString('utf8')) as typeof document;
  } catch {
    return 'invalid';
  }
  for (const { digest, mediaType } of [...(document.config ? [document.config] : []), ...(document.layers ?? [])]) {
    if (!isDigest(digest)) return 'invalid';
    // These are had from elsewhere (image specification, "Non-Distributable Layers").
    if (/\.(?:nondistributable|foreign)\./.test(String(mediaType))) continue;
    if ((await store.blobSize(repository, digest)) === undefined) return digest;
  }
  for (const { digest } of document.manifests ?? []) {
    if (!isDigest(digest)) return 'invalid';
    if ((await store.manifest(repository, digest)) === undefined) return digest;
  }
  return undefined;
}

/** DELETE of a manifest or a tag. */
export async function deleteManifest(
  exchange: Exchange,
  store: RegistryStore,
  repository: string,
  reference: string,
): Promise<void> {
  if ((await store.manifest(repository, reference)) === undefined) {
    return await fail(exchange, 404, 'MANIFEST_UNKNOWN', 'manifest unknown');
  }
  await store.removeManifest(repository, reference);
  await reply(exchange, 202, {});
}

/** The tags of a repository, in pages. */
export async function listTags(
  exchange: Exchange,
  store: RegistryStore,
  repository: string,
  habits: RegistryHabits,
): Promise<void> {
  if (!(await store.repositories()).includes(repository)) {
    return await fail(exchange, 404, 'NAME_UNKNOWN', 'repository name not known to registry');
  }
  const last = exchange.url.searchParams.get('last') ?? '';
  const asked = exchange.url.searchParams.get('n');
  const tags = (await store.tags(repository)).filter((tag) => tag > last);
  const page = asked === null ? (habits.tagPage ?? tags.length) : Number(asked);
  const shown = tags.slice(0, page);
  const more = page > 0 && tags.length > shown.length;
  const next = `</v2/${repository}/tags/list?n=${page}&last=${encodeURIComponent(shown.at(-1) ?? '')}>; rel="next"`;
  await json(exchange, 200, { name: repository, tags: shown }, more ? { Link: next } : {});
}
