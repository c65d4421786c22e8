import { type Digest, isDigest } from '@baton/kernel';
import { fail, json } from './registry-answers.ts';
import type { Right } from './registry-auth.ts';
import { type Exchange, reply } from './registry-exchange.ts';
import type { RegistryHabits } from './registry-habits.ts';
import { deleteManifest, getManifest, listTags, putManifest } from './registry-manifest-routes.ts';
import { listReferrers, noReferrers } from './registry-referrer-routes.ts';
import type { RegistryStore } from './registry-store.ts';
import { beginUpload, continueUpload } from './registry-upload-routes.ts';

/** One matched request. */
export interface Route {
  rights: Right[];
  serve(exchange: Exchange): Promise<void>;
}

const NAME = '([a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*)';
const MANIFEST = new RegExp(`^/v2/${NAME}/manifests/([^/]+)$`);
const BLOB = new RegExp(`^/v2/${NAME}/blobs/(sha256:[0-9a-f]{64})$`);
const UPLOAD = new RegExp(`^/v2/${NAME}/blobs/uploads/([0-9a-f]*)$`);
const REFERRERS = new RegExp(`^/v2/${NAME}/referrers/([a-z0-9]+:[0-9a-zA-Z]+)$`);
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
  if (blob !== null && (reads || method === 'DELETE')) {
    const [, repository = '', digest] = blob;
    if (!isDigest(digest)) return undefined;
    if (!reads) return { rights: rightsOn(repository), serve: (x) => deleteBlob(x, store, repository, digest) };
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
  const referrers = REFERRERS.exec(url.pathname);
  if (referrers !== null && reads && habits.referrers !== false) {
    const [, repository = '', subject] = referrers;
    const rights = rightsOn(repository);
    if (!isDigest(subject)) return { rights, serve: noReferrers };
    return { rights, serve: (x) => listReferrers(x, store, repository, subject, habits) };
  }
  return undefined;
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
  const [, first, last] =
    (habits.ranges === false ? null : /^bytes=(\d+)-(\d*)$/.exec(exchange.request.headers.range ?? '')) ?? [];
  const start = Number(first ?? 0);
  const end = Math.min(last === undefined || last === '' ? size - 1 : Number(last), size - 1);
  if (start > end && start > 0) return await fail(exchange, 416, 'RANGE_INVALID', 'no such range');
  if (start === 0 && end === size - 1) {
    return await reply(exchange, 200, { ...headers, 'Content-Length': size }, store.streamBlob(digest, 0));
  }
  const part = { 'Content-Range': `bytes ${start}-${end}/${size}`, 'Content-Length': end - start + 1 };
  await reply(exchange, 206, { ...headers, ...part }, firstOf(store.streamBlob(digest, start), end - start + 1));
}

async function* firstOf(source: AsyncIterable<Buffer>, length: number): AsyncGenerator<Buffer> {
  let left = length;
  for await (const chunk of source) {
    yield chunk.subarray(0, left);
    left -= chunk.byteLength;
    if (left <= 0) return;
  }
}

async function deleteBlob(exchange: Exchange, store: RegistryStore, repository: string, digest: Digest): Promise<void> {
  if ((await store.blobSize(repository, digest)) === undefined) {
    return await fail(exchange, 404, 'BLOB_UNKNOWN', 'blob unknown to registry');
  }
  await store.removeBlob(repository, digest);
  await reply(exchange, 202, {});
}
