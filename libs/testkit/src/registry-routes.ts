import { type Digest, isDigest } from '@baton/kernel';
import type { Right } from './registry-auth.ts';
import { type Exchange, reply, requestBody } from './registry-exchange.ts';
import type { RegistryStore } from './registry-store.ts';

/** How a test registry behaves where real ones differ. */
export interface RegistryHabits {
  /** A tag that exists keeps its digest: PUT of another is refused with 400 (or this status). */
  immutableTags?: boolean | { status: number; code: string; message: string };
  /** Tags per page when the request does not say; all by default. */
  tagPage?: number;
  /** `Location` of uploads: a path, or a whole URL. */
  location?: 'relative' | 'absolute';
  /** Whether blobs of other repositories can be mounted (true). */
  mounts?: boolean;
  /** Whether `Range` is honoured for blobs (true). */
  ranges?: boolean;
  /** Where blobs are redirected to (307) in place of being served. */
  redirectBlobs?: (digest: Digest) => string;
}

/** One matched request. */
export interface Route {
  rights: Right[];
  serve(exchange: Exchange): Promise<void>;
}

const NAME = '([a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*)';
const MANIFEST = new RegExp(`^/v2/${NAME}/manifests/([^/]+)$`);
const BLOB = new RegExp(`^/v2/${NAME}/blobs/(sha256:[0-9a-f]{64})$`);
const UPLOAD = new RegExp(`^/v2/${NAME}/blobs/uploads/([0-9a-f]*)$`);
const TAGS = new RegExp(`^/v2/${NAME}/tags/list$`);

/** Finds what a request is about; undefined for paths that a registry does not have. */
export function routeOf(method: string, url: URL, store: RegistryStore, habits: RegistryHabits): Route | undefined {
  const reads = method === 'GET' || method === 'HEAD';
  const rightsOn = (repository: string): Right[] =>
    (reads ? (['pull'] as const) : (['pull', 'push'] as const)).map((action) => ({ repository, action }));
  if (url.pathname === '/v2/' && reads) return { rights: [], serve: (exchange) => json(exchange, 200, {}) };

  const manifest = MANIFEST.exec(url.pathname);
  if (manifest !== null) {
    const [, repository = '', reference = ''] = manifest;
    const serve = reads
      ? getManifest
      : method === 'PUT'
        ? putManifest
        : method === 'DELETE'
          ? deleteManifest
          : undefined;
    return serve && { rights: rightsOn(repository), serve: (x) => serve(x, store, repository, reference, habits) };
  }
  const blob = BLOB.exec(url.pathname);
  if (blob !== null && reads) {
    const [, repository = '', digest] = blob;
    if (!isDigest(digest)) return undefined;
    return { rights: rightsOn(repository), serve: (x) => getBlob(x, store, repository, digest, habits) };
  }
  const upload = UPLOAD.exec(url.pathname);
  if (upload !== null) {
    const [, repository = '', session = ''] = upload;
    const rights = rightsOn(repository);
    const from = url.searchParams.get('from');
    if (method === 'POST' && from !== null) rights.push({ repository: from, action: 'pull' });
    const serve = method === 'POST' && session === '' ? beginUpload : session === '' ? undefined : continueUpload;
    return serve && { rights, serve: (x) => serve(x, store, repository, session, habits) };
  }
  const tags = TAGS.exec(url.pathname);
  if (tags !== null && reads) {
    const [, repository = ''] = tags;
    return { rights: rightsOn(repository), serve: (x) => listTags(x, store, repository, habits) };
  }
  return undefined;
}

/** Answers with JSON. */
export async function json(exchange: Exchange, status: number, body: unknown, headers = {}): Promise<void> {
  await reply(exchange, status, { 'Content-Type': 'application/json', ...headers }, Buffer.from(JSON.stringify(body)));
}

/** Answers with an error body of the distribution specification. */
export async function fail(
  exchange: Exchange,
  status: number,
  code: string,
  message: string,
  headers = {},
): Promise<void> {
  await json(exchange, status, { errors: [{ code, message, detail: null }] }, headers);
}

async function getManifest(
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

async function putManifest(
  exchange: Exchange,
  store: RegistryStore,
  repository: string,
  reference: string,
  habits: RegistryHabits,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of requestBody(exchange)) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
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
  if (isDigest(reference) && reference !== digest) {
    await store.removeManifest(repository, digest);
    return await fail(exchange, 400, 'DIGEST_INVALID', 'provided digest did not match uploaded content');
  }
  const location = `/v2/${repository}/manifests/${digest}`;
  await reply(exchange, 201, { Location: location, 'Docker-Content-Digest': digest });
}

/** The first blob or manifest that the repository lacks; manifests may come only after what they name. */
async function missingParts(
  store: RegistryStore,
  repository: string,
  bytes: Buffer,
): Promise<Digest | 'invalid' | undefined> {
  type Part = { digest?: unknown };
  let document: { config?: Part; layers?: Part[]; manifests?: Part[] };
  try {
    document = JSON.parse(bytes.toString('utf8')) as typeof document;
  } catch {
    return 'invalid';
  }
  for (const { digest } of [...(document.config ? [document.config] : []), ...(document.layers ?? [])]) {
    if (!isDigest(digest)) return 'invalid';
    if ((await store.blobSize(repository, digest)) === undefined) return digest;
  }
  for (const { digest } of document.manifests ?? []) {
    if (!isDigest(digest)) return 'invalid';
    if ((await store.manifest(repository, digest)) === undefined) return digest;
  }
  return undefined;
}

async function deleteManifest(
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

async function getBlob(
  exchange: Exchange,
  store: RegistryStore,
  repository: string,
  digest: Digest,
  habits: RegistryHabits,
): Promise<void> {
  const size = await store.blobSize(repository, digest);
  if (size === undefined) return await fail(exchange, 404, 'BLOB_UNKNOWN', 'blob unknown to registry');
  if (habits.redirectBlobs !== undefined) return await reply(exchange, 307, { Location: habits.redirectBlobs(digest) });
  const headers = { 'Content-Type': 'application/octet-stream', 'Docker-Content-Digest': digest };
  const range = /^bytes=(\d+)-$/.exec(exchange.request.headers.range ?? '');
  const start = habits.ranges === false ? 0 : Number(range?.[1] ?? 0);
  if (start >= size && start > 0) return await fail(exchange, 416, 'RANGE_INVALID', 'no such range');
  const part = start === 0 ? {} : { 'Content-Range': `bytes ${start}-${size - 1}/${size}` };
  const status = start === 0 ? 200 : 206;
  await reply(
    exchange,
    status,
    { ...headers, ...part, 'Content-Length': size - start },
    store.streamBlob(digest, start),
  );
}

async function beginUpload(
  exchange: Exchange,
  store: RegistryStore,
  repository: string,
  _session: string,
  habits: RegistryHabits,
): Promise<void> {
  const mount = exchange.url.searchParams.get('mount');
  const from = exchange.url.searchParams.get('from');
  if (
    habits.mounts !== false &&
    isDigest(mount) &&
    from !== null &&
    (await store.blobSize(from, mount)) !== undefined
  ) {
    await store.linkBlob(repository, mount);
    return await reply(exchange, 201, { Location: `/v2/${repository}/blobs/${mount}`, 'Docker-Content-Digest': mount });
  }
  const session = store.beginUpload(repository);
  await reply(exchange, 202, { Location: uploadLocation(exchange, repository, session, habits), Range: '0-0' });
}

async function continueUpload(
  exchange: Exchange,
  store: RegistryStore,
  repository: string,
  session: string,
  habits: RegistryHabits,
): Promise<void> {
  if (exchange.fault?.kind === 'lose-session') store.dropUploads(session);
  const unknown = store.uploadSize(repository, session) === undefined;
  const { method } = exchange.request;
  if (unknown) return await fail(exchange, 404, 'BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry');
  if (method === 'DELETE') {
    store.dropUploads(session);
    return await reply(exchange, 204, {});
  }
  for await (const chunk of requestBody(exchange)) await store.append(repository, session, chunk);
  const size = store.uploadSize(repository, session) ?? 0;
  const headers = {
    Location: uploadLocation(exchange, repository, session, habits),
    Range: `0-${Math.max(0, size - 1)}`,
  };
  if (method === 'GET') return await reply(exchange, 204, headers);
  if (method === 'PATCH') return await reply(exchange, 202, headers);
  const expected = exchange.url.searchParams.get('digest');
  // The state has to come back as it was given: clients must keep the query of a Location.
  if (exchange.url.searchParams.get('_state') !== `s/${session}=`)
    return await fail(exchange, 400, 'BLOB_UPLOAD_INVALID', 'state lost');
  const digest = isDigest(expected) ? await store.finishUpload(repository, session, expected) : undefined;
  if (digest === undefined)
    return await fail(exchange, 400, 'DIGEST_INVALID', 'provided digest did not match uploaded content');
  await reply(exchange, 201, { Location: `/v2/${repository}/blobs/${digest}`, 'Docker-Content-Digest': digest });
}

function uploadLocation({ url }: Exchange, repository: string, session: string, habits: RegistryHabits): string {
  const path = `/v2/${repository}/blobs/uploads/${session}?_state=${encodeURIComponent(`s/${session}=`)}`;
  return habits.location === 'absolute' ? `${url.origin}${path}` : path;
}

async function listTags(
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
  const more = tags.length > shown.length;
  const next = `</v2/${repository}/tags/list?n=${page}&last=${encodeURIComponent(shown.at(-1) ?? '')}>; rel="next"`;
  await json(exchange, 200, { name: repository, tags: shown }, more ? { Link: next } : {});
}
