import { BatonError, type Digest } from '@baton/kernel';
import type { HttpResponse } from './http-response.ts';
import { pushScope, shown } from './registry-path.ts';
import type { Session } from './registry-session.ts';
import { Again } from './retry.ts';
import { finishUpload, locationOf, SMALLEST_CHUNK } from './upload-session.ts';
import { readParts, type UploadSource } from './upload-source.ts';

/**
 * How far a session got: 'done', the blob is stored; 'lost', the registry forgot it without being disturbed; 'gone', it
 * forgot it after a break; 'restart', what it says of the session cannot be true, and only another way helps.
 */
export type ChunksEnd = 'done' | 'lost' | 'gone' | 'restart';

/** An upload session that is filled by parts. */
export interface ChunkedUpload {
  /**
   * Sends what is missing. Throws {@link Again} after a break: the next call asks the registry how much has arrived and
   * goes on behind it.
   *
   * @param onArrived receives the number of bytes the registry is known to have
   */
  run(onArrived: (bytes: number) => void): Promise<ChunksEnd>;
  close(): Promise<void>;
}

/** What a chunked upload has to know. */
export interface ChunksSpec {
  repository: string;
  blob: { digest: Digest; size: number };
  source: UploadSource;
  /** Where the session is. */
  location: URL;
  /** Bytes per request, at most. */
  chunk: number;
  /** `OCI-Chunk-Min-Length`: bytes that every chunk but the last must have. */
  least: number;
  /** Something was sent to the session before: ask first what has arrived. */
  begun: boolean;
  onProgress?: ((sent: number) => void) | undefined;
}

/**
 * Fills an upload session with PATCH requests and closes it with an empty PUT (distribution 1.1, "Pushing a blob in
 * chunks"). Accepted besides the specified answers: 204 to a PATCH, an absent `Range` or `Location`, a `Range` of less
 * than was sent. A chunk that is too large for a proxy (413) is sent again in halves.
 */
export function chunkedUpload(session: Session, spec: ChunksSpec): ChunkedUpload {
  const { repository, blob } = spec;
  const doing = `uploading blob ${shown(repository, blob.digest)}`;
  const target = `/v2/${repository}/blobs/uploads/*`;
  const scopes = [pushScope(repository)];
  const parts = readParts(spec.source);
  let chunk = Math.max(spec.chunk, spec.least, 1);
  let location = spec.location;
  let position = 0;
  /** Why it is not known how much has arrived. */
  let unsure: 'break' | 'doubt' | undefined = spec.begun ? 'break' : undefined;
  let resumed = spec.begun;
  /** The end of what was ever sent: nobody can have more. Of a body sent before, nobody here knows. */
  let reached = spec.begun ? blob.size : 0;

  const follow = (response: HttpResponse): void => {
    if (response.headers.location !== undefined) location = locationOf(session, response, location, doing);
  };

  const ask = async (): Promise<number | 'gone' | 'unusable'> =>
    await session.once({
      method: 'GET',
      url: location,
      scopes,
      doing,
      target: `GET ${target}`,
      handle: async (response) => {
        if (response.status === 404) return 'gone';
        // Registries that do not know this question have many answers to it.
        if (![200, 202, 204].includes(response.status)) return 'unusable';
        follow(response);
        const arrived = parseUploadRange(response.headers.range);
        return arrived !== undefined && arrived <= reached ? arrived : 'unusable';
      },
    });

  const patch = async (): Promise<ChunksEnd | 'sent'> => {
    const start = position;
    const size = Math.min(chunk, blob.size - start);
    const end = start + size;
    // The last one is read to the end of its source, which may have something to say about it.
    const open = () => parts.read(start, end === blob.size ? Number.POSITIVE_INFINITY : size);
    const onProgress = (sent: number): void => spec.onProgress?.(start + sent);
    reached = Math.max(reached, end);
    return await session.once({
      method: 'PATCH',
      url: location,
      headers: { 'Content-Type': 'application/octet-stream', 'Content-Range': `${start}-${end - 1}` },
      body: { size, open, onProgress, cautious: resumed },
      scopes,
      doing,
      target: `PATCH ${target}`,
      handle: async (response) => {
        if ([200, 201, 202, 204].includes(response.status)) {
          follow(response);
          const arrived = parseUploadRange(response.headers.range) ?? end;
          if (arrived > end || arrived <= start) return 'restart';
          position = arrived;
          return 'sent';
        }
        if (response.status === 404) return 'lost';
        // 416: it has other bytes than we think; asking tells, once.
        if (response.status === 416) return resumed ? 'restart' : doubt();
        const half = Math.max(Math.floor(size / 2), SMALLEST_CHUNK, spec.least);
        if (response.status === 413 && half < size) {
          chunk = half;
          return doubt();
        }
        return await session.refuse(response, doing);
      },
    });
  };

  const doubt = (): 'sent' => {
    unsure = 'doubt';
    resumed = true;
    return 'sent';
  };

  return {
    async run(onArrived) {
      for (;;) {
        try {
          if (unsure !== undefined) {
            const arrived = await ask();
            if (arrived === 'gone') return unsure === 'break' ? 'gone' : 'lost';
            if (arrived === 'unusable') return 'restart';
            position = arrived;
            unsure = undefined;
          }
          onArrived(position);
          if (position < blob.size) {
            const state = await patch();
            if (state !== 'sent') return state;
            continue;
          }
          const end = await finishUpload(session, repository, blob.digest, location, undefined, { doing });
          return end === 'done' ? 'done' : 'lost';
        } catch (error) {
          if (error instanceof Again) {
            unsure = 'break';
            resumed = true;
          }
          // Bytes that were put together after a break and are wrong: the registry lost count, not the source.
          if (resumed && error instanceof BatonError && LOST_COUNT.has(error.code)) return 'restart';
          throw error;
        }
      }
    },
    close: () => parts.close(),
  };
}

const LOST_COUNT = new Set(['DIGEST_MISMATCH', 'REGISTRY_REJECTED']);

/**
 * The number of bytes that the `Range` of an upload session tells (`0-99` is 100), or undefined when it says nothing
 * usable. `0-0` is how registries write "nothing yet".
 */
export function parseUploadRange(header: string | string[] | undefined): number | undefined {
  const found = /^(?:bytes[ =])?0-(-?\d{1,15})$/.exec(typeof header === 'string' ? header.trim() : '');
  if (found === null) return undefined;
  const last = Number(found[1]);
  return last <= 0 ? 0 : last + 1;
}
