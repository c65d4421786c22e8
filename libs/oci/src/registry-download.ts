import { BatonError, type Digest, Hasher } from '@baton/kernel';
import type { HttpResponse } from './http-response.ts';
import { followRedirects } from './redirects.ts';
import { answerError, readProblems } from './registry-errors.ts';
import { blobUrl, shown } from './registry-path.ts';
import type { Session } from './registry-session.ts';
import { Again } from './retry.ts';
import type { Scope } from './token.ts';

/** Broken connections that one download survives, besides one for each further {@link PROGRESS} bytes. */
const MOST_BREAKS = 20;
const PROGRESS = 1024 * 1024;

/**
 * The size of a blob, or undefined only where the registry answers 404. Throws `REGISTRY_PROTOCOL` when it names no
 * size.
 */
export async function headBlob(
  session: Session,
  repository: string,
  digest: Digest,
  scopes: readonly Scope[],
): Promise<number | undefined> {
  return await session.repeat(lookingFor(repository, digest), () => lookForBlob(session, repository, digest, scopes));
}

/** {@link headBlob} in a single try, for work that is repeated as a whole. */
export async function lookForBlob(
  session: Session,
  repository: string,
  digest: Digest,
  scopes: readonly Scope[],
): Promise<number | undefined> {
  const doing = lookingFor(repository, digest);
  const url = blobUrl(session.base, repository, digest);
  const response = await followRedirects(session, { method: 'HEAD', url, headers: {}, scopes, doing });
  try {
    if (response.status === 404) return undefined;
    if (response.status !== 200) return await session.refuse(response, doing);
    const length = response.headers['content-length'];
    if (length !== undefined && /^\d+$/.test(length)) return Number(length);
    throw new BatonError('REGISTRY_PROTOCOL', `${session.host} did not say the size while ${doing}`);
  } finally {
    await response.discard();
  }
}

function lookingFor(repository: string, digest: Digest): string {
  return `looking for blob ${shown(repository, digest)}`;
}

/**
 * Streams a blob and checks it: more bytes than promised end it at once, the digest is compared at the end, both with
 * `DIGEST_MISMATCH`. What was yielded must not be used before the generator has ended. Throws `IMAGE_NOT_FOUND` too.
 *
 * After a broken connection it goes on behind the last byte with `Range`. A registry that ignores Range sends
 * everything again: the part already delivered is dropped, and the digest over the whole decides, so nothing is
 * delivered twice and a blob that changed in between is noticed.
 *
 * @param part the first bytes of the blob, when the caller has some: they count as delivered, and go into the digest
 */
export async function* getBlob(
  session: Session,
  repository: string,
  blob: { digest: Digest; size: number },
  scopes: readonly Scope[],
  part: AsyncIterable<Uint8Array> | undefined = undefined,
): AsyncGenerator<Buffer> {
  const doing = `reading blob ${shown(repository, blob.digest)}`;
  const url = blobUrl(session.base, repository, blob.digest);
  const hasher = new Hasher();
  let breaks = 0;
  let connection: Connection | undefined;

  const next = async (): Promise<Buffer | undefined> => {
    try {
      connection ??= await connect(session, url, hasher.size, blob, scopes, doing);
      for (;;) {
        const { value, done } = await connection.chunks.next();
        if (done === true) return undefined;
        const fresh = value.subarray(Math.min(connection.skip, value.byteLength));
        connection.skip -= value.byteLength - fresh.byteLength;
        if (fresh.byteLength > 0) return fresh;
      }
    } catch (error) {
      await connection?.response.discard();
      connection = undefined;
      const failure = session.failure(error, doing);
      breaks += 1;
      const spent = breaks > MOST_BREAKS + hasher.size / PROGRESS;
      throw spent && failure instanceof Again ? failure.error : failure;
    }
  };

  for await (const chunk of part ?? []) hasher.update(chunk);
  try {
    while (part === undefined || hasher.size < blob.size) {
      const chunk = await session.repeat(doing, next);
      if (chunk === undefined) break;
      if (hasher.size + chunk.byteLength > blob.size) {
        throw mismatch(session.host, doing, `${blob.size} bytes`, 'more');
      }
      hasher.update(chunk);
      yield chunk;
    }
  } finally {
    await connection?.response.discard();
  }
  if (hasher.size !== blob.size) throw mismatch(session.host, doing, `${blob.size} bytes`, `${hasher.size}`);
  const found = hasher.digest();
  if (found !== blob.digest) throw mismatch(session.host, doing, blob.digest, found);
}

interface Connection {
  response: HttpResponse;
  chunks: AsyncIterator<Buffer>;
  /** Bytes at the start of the answer that were delivered before. */
  skip: number;
}

async function connect(
  session: Session,
  url: URL,
  position: number,
  blob: { digest: Digest; size: number },
  scopes: readonly Scope[],
  doing: string,
): Promise<Connection> {
  const headers: Record<string, string> = position === 0 ? {} : { Range: `bytes=${position}-` };
  const response = await followRedirects(session, { method: 'GET', url, headers, scopes, doing });
  try {
    if (response.status === 206 && position > 0) {
      checkRange(response, position, blob.size, session.host, doing);
      return { response, chunks: response.body[Symbol.asyncIterator](), skip: 0 };
    }
    if (response.status !== 200)
      throw answerError(session.subject(doing), response.status, await readProblems(response));
    const length = response.headers['content-length'];
    if (length !== undefined && Number(length) !== blob.size) {
      throw mismatch(session.host, doing, `${blob.size} bytes`, length);
    }
    return { response, chunks: response.body[Symbol.asyncIterator](), skip: position };
  } catch (error) {
    await response.discard();
    throw error;
  }
}

function checkRange(response: HttpResponse, position: number, size: number, host: string, doing: string): void {
  const range = response.headers['content-range'] ?? '';
  const found = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(range);
  const total = found?.[3] === '*' ? size : Number(found?.[3]);
  if (Number(found?.[1]) === position && Number(found?.[2]) === size - 1 && total === size) return;
  throw new BatonError(
    'REGISTRY_PROTOCOL',
    `${host} sent another part than asked for while ${doing}: expected bytes ${position}-${size - 1}/${size}, found "${range.slice(0, 80)}"`,
  );
}

function mismatch(host: string, doing: string, expected: string, found: string): BatonError {
  return new BatonError('DIGEST_MISMATCH', `${doing} at ${host}: expected ${expected}, found ${found}`, {
    hint: 'The bytes were changed on the way or at the registry: do not use them.',
    details: { host, expected, found },
  });
}
