import { BatonError, type Digest, isDigest } from '@baton/kernel';
import type { StreamBody } from './http.ts';
import type { HttpResponse } from './http-response.ts';
import { pullScope, pushScope, uploadUrl } from './registry-path.ts';
import type { Session } from './registry-session.ts';

/** Bytes of the smallest request that a blob is split into when the other side finds larger ones too large. */
export const SMALLEST_CHUNK = 1024 * 1024;

/** Opens a session: its URL and the least length of a chunk; 'mounted'; or undefined when a mount was refused and a plain session should be tried. */
export async function openUpload(
  session: Session,
  repository: string,
  digest: Digest,
  mountFrom: string | undefined,
  doing: string,
): Promise<{ location: URL; least: number } | 'mounted' | undefined> {
  const url = uploadUrl(session.base, repository, mountFrom === undefined ? undefined : { digest, from: mountFrom });
  const scopes = [pushScope(repository), ...(mountFrom === undefined ? [] : [pullScope(mountFrom)])];
  try {
    return await session.once({
      method: 'POST',
      url,
      headers: {},
      body: Buffer.alloc(0),
      scopes,
      doing,
      handle: async (response) => {
        if (response.status === 201 && mountFrom !== undefined) return 'mounted';
        if (response.status === 202) {
          const least = response.headers['oci-chunk-min-length'];
          const known = typeof least === 'string' && /^\d{1,12}$/.test(least) ? Number(least) : 0;
          return { location: locationOf(session, response, url, doing), least: known };
        }
        return await session.refuse(response, doing);
      },
    });
  } catch (error) {
    // The token server or the registry may not let the source be read: sending the bytes needs no such right.
    if (mountFrom !== undefined && error instanceof BatonError && MOUNT_REFUSED.has(error.code)) return undefined;
    throw error;
  }
}

const MOUNT_REFUSED = new Set(['AUTH_DENIED', 'AUTH_MISSING', 'IMAGE_NOT_FOUND', 'REGISTRY_REJECTED']);

/**
 * Ends an upload session: with the whole blob as its body, or with none when it was filled before. 'lost' where the
 * registry does not know the session, or holds other bytes in it; 'too large' for a 413 where the
 * blob can be split. Throws `DIGEST_MISMATCH` and what a refusal means.
 */
export async function finishUpload(
  session: Session,
  repository: string,
  digest: Digest,
  location: URL,
  body: StreamBody | undefined,
  { doing, splittable = false }: { doing: string; splittable?: boolean },
): Promise<'done' | 'lost' | 'too large'> {
  const url = new URL(location.href);
  // Appended by hand: the state in the query must come back byte for byte.
  url.search = `${url.search === '' ? '?' : `${url.search}&`}digest=${encodeURIComponent(digest)}`;
  return await session.once({
    method: 'PUT',
    url,
    headers: { 'Content-Type': 'application/octet-stream' },
    body: body === undefined || body.size === 0 ? Buffer.alloc(0) : body,
    scopes: [pushScope(repository)],
    doing,
    target: `PUT /v2/${repository}/blobs/uploads/*`,
    handle: async (response) => {
      if ([200, 201, 204].includes(response.status)) {
        const stored = response.headers['docker-content-digest'];
        if (!isDigest(stored) || stored === digest) return 'done';
        throw new BatonError('DIGEST_MISMATCH', `${session.host} stored ${stored} while ${doing}`, {
          hint: 'The bytes changed on the way or in the local store: run it again; if it repeats, clear the cache.',
        });
      }
      // 416: the session has bytes of a try that broke off.
      if (response.status === 404 || response.status === 416) return 'lost';
      if (response.status === 413 && splittable) return 'too large';
      return await session.refuse(response, doing);
    },
  });
}

/**
 * Where the body goes. A proxy that ends TLS often makes the registry say http: the same host name then means the
 * registry as we know it. Another host gets the bytes, but no credentials.
 */
export function locationOf(session: Session, response: HttpResponse, asked: URL, doing: string): URL {
  const text = response.headers.location;
  const url = text !== undefined && URL.canParse(text, asked.href) ? new URL(text, asked.href) : undefined;
  if (url !== undefined && url.hostname === session.base.hostname && url.protocol === 'http:') {
    return new URL(`${url.pathname}${url.search}`, session.base);
  }
  if (
    url !== undefined &&
    (url.protocol === 'https:' || (url.protocol === 'http:' && session.base.protocol === 'http:'))
  ) {
    return url;
  }
  throw new BatonError(
    'REGISTRY_PROTOCOL',
    `${session.host} opened an upload without a usable Location while ${doing}`,
    {
      hint: "Check the registry's configuration, and that of proxies before it.",
      details: { host: session.host },
    },
  );
}
