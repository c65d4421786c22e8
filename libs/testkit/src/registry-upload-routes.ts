import { isDigest } from '@baton/kernel';
import { fail } from './registry-answers.ts';
import { type Exchange, reply, requestBody } from './registry-exchange.ts';
import type { RegistryHabits } from './registry-habits.ts';
import type { RegistryStore } from './registry-store.ts';

/** POST: opens an upload session, or mounts. */
export async function beginUpload(
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
  const digest = exchange.url.searchParams.get('digest');
  if (digest !== null) {
    for await (const chunk of requestBody(exchange)) await store.append(repository, session, chunk);
    return await finish(exchange, store, repository, session, digest, habits);
  }
  await reply(exchange, 202, {
    Location: uploadLocation(exchange, repository, session, habits),
    Range: '0-0',
    ...(habits.chunkMinLength === undefined ? {} : { 'OCI-Chunk-Min-Length': habits.chunkMinLength }),
  });
}

/** GET, PATCH, PUT and DELETE of an upload session. */
export async function continueUpload(
  exchange: Exchange,
  store: RegistryStore,
  repository: string,
  session: string,
  habits: RegistryHabits,
): Promise<void> {
  if (exchange.fault?.kind === 'lose-session') store.dropUploads(session);
  const size = store.uploadSize(repository, session);
  const { method, headers } = exchange.request;
  if (size === undefined || (habits.answers === 'crane' && method !== 'PATCH' && method !== 'PUT')) {
    if (size !== undefined) return await fail(exchange, 400, 'METHOD_UNKNOWN', 'We do not understand your method');
    return await fail(exchange, 404, 'BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry');
  }
  if (method === 'DELETE') {
    store.dropUploads(session);
    return await reply(exchange, 204, {});
  }
  const length = Number(headers['content-length'] ?? 0);
  if (habits.bodyLimit !== undefined && length > habits.bodyLimit) {
    return await reply(exchange, 413, { 'Content-Type': 'text/html' }, Buffer.from('<html>413</html>'));
  }
  const range = headers['content-range'];
  const [, first, last] = /^(\d+)-(\d+)$/.exec(range ?? '') ?? [];
  const outOfOrder = range !== undefined && (Number(first) !== size || Number(last) !== size + length - 1);
  if (outOfOrder || (length > 0 && store.closedByShortChunk(session))) {
    return await fail(
      exchange,
      416,
      'BLOB_UPLOAD_INVALID',
      'not the next chunk',
      progress(exchange, store, repository, session, habits),
    );
  }
  if (method === 'PATCH' && length < (habits.chunkMinLength ?? 0)) store.closeByShortChunk(session);
  for await (const chunk of requestBody(exchange)) await store.append(repository, session, chunk);
  const answer = progress(exchange, store, repository, session, habits);
  if (method === 'GET') return await reply(exchange, 204, answer);
  if (method === 'PATCH') return await reply(exchange, habits.answers === 'crane' ? 204 : 202, answer);
  // The state has to come back as it was given: clients must keep the query of a Location.
  if (exchange.url.searchParams.get('_state') !== `s/${session}=`)
    return await fail(exchange, 400, 'BLOB_UPLOAD_INVALID', 'state lost');
  await finish(exchange, store, repository, session, exchange.url.searchParams.get('digest') ?? '', habits);
}

async function finish(
  exchange: Exchange,
  store: RegistryStore,
  repository: string,
  session: string,
  expected: string,
  habits: RegistryHabits,
): Promise<void> {
  const digest = isDigest(expected) ? await store.finishUpload(repository, session, expected) : undefined;
  if (digest === undefined)
    return await fail(exchange, 400, 'DIGEST_INVALID', 'provided digest did not match uploaded content');
  const upload = uploadLocation(exchange, repository, session, habits);
  const location = habits.answers === 'crane' ? upload : `/v2/${repository}/blobs/${digest}`;
  await reply(exchange, 201, { Location: location, 'Docker-Content-Digest': digest });
}

/** What an upload session says of itself. */
function progress(
  exchange: Exchange,
  store: RegistryStore,
  repository: string,
  session: string,
  habits: RegistryHabits,
): Record<string, string> {
  const size = store.uploadSize(repository, session) ?? 0;
  return {
    Location: uploadLocation(exchange, repository, session, habits),
    Range: `0-${Math.max(0, size - 1)}`,
  };
}

function uploadLocation({ url }: Exchange, repository: string, session: string, habits: RegistryHabits): string {
  const path = `/v2/${repository}/blobs/uploads/${session}?_state=${encodeURIComponent(`s/${session}=`)}`;
  return habits.location === 'absolute' ? `${url.origin}${path}` : path;
}
