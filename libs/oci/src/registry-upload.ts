import { BatonError, type Digest, isDigest } from '@baton/kernel';
import type { StreamBody } from './http.ts';
import type { HttpResponse } from './http-response.ts';
import { lookForBlob } from './registry-download.ts';
import { pullScope, pushScope, shown, uploadUrl } from './registry-path.ts';
import type { Session } from './registry-session.ts';
import { Again } from './retry.ts';

/** How to upload. */
export interface UploadOptions {
  /** A repository of the same registry that has the blob: it is then linked and not sent. */
  mountFrom?: string | undefined;
  /** Receives the bytes handed to the connection in the current try; a repeated upload starts again at little. */
  onProgress?: ((sent: number) => void) | undefined;
}

/** Upload sessions that may be lost before it is given up. */
const MOST_LOST = 2;

/**
 * Puts a blob into a repository: a session is opened (or the blob mounted, when `mountFrom` has it), then everything is
 * sent in one PUT.
 *
 * A broken connection, a 5xx or a lost session starts again with a new session and a newly opened body, after a look
 * whether the blob has arrived after all. A mount that the registry does not grant, for whatever reason, becomes an
 * upload. Throws `UPLOAD_LOST` after the third lost session, `DIGEST_MISMATCH`, and what `open` throws.
 */
export async function putBlob(
  session: Session,
  repository: string,
  blob: { digest: Digest; size: number },
  open: () => AsyncIterable<Uint8Array>,
  options: UploadOptions,
): Promise<'mounted' | 'uploaded'> {
  const doing = `uploading blob ${shown(repository, blob.digest)}`;
  let mountFrom = options.mountFrom === repository ? undefined : options.mountFrom;
  let lost = 0;
  let tries = 0;
  let broken = false;

  return await session.repeat(doing, async () => {
    for (;;) {
      if (tries > 0 && (await hasArrived(session, repository, blob))) return 'uploaded';
      const location = await start(session, repository, blob.digest, mountFrom, doing);
      if (location === 'mounted') return 'mounted';
      mountFrom = undefined;
      if (location === undefined) continue;
      // A server that refuses while it is still sent to may only be heard when it is asked first.
      const body = { size: blob.size, open, onProgress: options.onProgress, cautious: broken };
      tries += 1;
      const state = await send(session, repository, blob.digest, location, body, doing).catch((error: unknown) => {
        broken = true;
        throw error;
      });
      if (state === 'done') return 'uploaded';
      lost += 1;
      if (lost > MOST_LOST) {
        throw new BatonError('UPLOAD_LOST', `${session.host} forgot the upload session ${lost} times while ${doing}`, {
          hint: 'Several servers behind one name without shared storage do this: tell those who run the registry, or try again.',
          details: { host: session.host, digest: blob.digest, lost },
          retryable: true,
        });
      }
    }
  });
}

/** Whether a try that seemed to fail did store the blob. Where that cannot be learned, it is sent again. */
async function hasArrived(
  session: Session,
  repository: string,
  blob: { digest: Digest; size: number },
): Promise<boolean> {
  try {
    return (await lookForBlob(session, repository, blob.digest, [pushScope(repository)])) === blob.size;
  } catch (error) {
    if (error instanceof Again) throw error;
    return false;
  }
}

/** Opens a session: its URL; 'mounted'; or undefined when a mount was refused and a plain session should be tried. */
async function start(
  session: Session,
  repository: string,
  digest: Digest,
  mountFrom: string | undefined,
  doing: string,
): Promise<URL | 'mounted' | undefined> {
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
        if (response.status === 202) return locationOf(session, response, url, doing);
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

async function send(
  session: Session,
  repository: string,
  digest: Digest,
  location: URL,
  body: StreamBody,
  doing: string,
): Promise<'done' | 'lost'> {
  const url = new URL(location.href);
  // Appended by hand: the state in the query must come back byte for byte.
  url.search = `${url.search === '' ? '?' : `${url.search}&`}digest=${encodeURIComponent(digest)}`;
  return await session.once({
    method: 'PUT',
    url,
    headers: { 'Content-Type': 'application/octet-stream' },
    body: body.size === 0 ? Buffer.alloc(0) : body,
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
      return await session.refuse(response, doing);
    },
  });
}

/**
 * Where the body goes. A proxy that ends TLS often makes the registry say http: the same host name then means the
 * registry as we know it. Another host gets the bytes, but no credentials.
 */
function locationOf(session: Session, response: HttpResponse, asked: URL, doing: string): URL {
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
