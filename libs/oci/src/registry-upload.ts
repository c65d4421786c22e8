import { BatonError, type Digest } from '@baton/kernel';
import { lookForBlob } from './registry-download.ts';
import { pushScope, shown } from './registry-path.ts';
import type { Session } from './registry-session.ts';
import { Again } from './retry.ts';
import type { ChunkedUpload, ChunksEnd } from './upload-chunks.ts';
import { finishUpload, openUpload, SMALLEST_CHUNK } from './upload-session.ts';

/** How to upload. */
export interface UploadOptions {
  /** Opens the bytes behind an offset, for going on after a break; without it they are read from the start. */
  openAt?: ((offset: number) => AsyncIterable<Uint8Array>) | undefined;
  /** A repository of the same registry that has the blob: it is then linked and not sent. */
  mountFrom?: string | undefined;
  /** Receives the bytes handed to the connection in the current try; a repeated upload starts again at little. */
  onProgress?: ((sent: number) => void) | undefined;
}

/** Bytes: what is larger than `above` is sent in chunks of `size`. */
export interface ChunkPolicy {
  above: number;
  size: number;
}

/** Upload sessions that may be lost before it is given up. */
const MOST_LOST = 2;
/** Bytes from which on it is worth asking what of a broken upload has arrived. */
const WORTH_RESUMING = 4 * 1024 * 1024;
/** Bytes of progress after which breaks are counted anew. */
const PROGRESS = 1024 * 1024;

/**
 * Puts a blob into a repository: a session is opened (or the blob mounted, when `mountFrom` has it), then everything is
 * sent in one PUT; a large blob, and one that a proxy finds too large for one request (413), in chunks.
 *
 * After a break a large blob goes on behind what has arrived, where the registry can tell; a 5xx or a lost session, and
 * every break of a small one, starts again with a new session and a newly opened body, after a look whether the blob
 * has arrived after all. A mount that the registry does not grant, for whatever reason, becomes an upload. Throws
 * `UPLOAD_LOST` after the third lost session, `DIGEST_MISMATCH`, and what `open` throws.
 */
export async function putBlob(
  session: Session,
  repository: string,
  blob: { digest: Digest; size: number },
  open: () => AsyncIterable<Uint8Array>,
  options: UploadOptions,
  chunks: ChunkPolicy,
): Promise<'mounted' | 'uploaded'> {
  const doing = `uploading blob ${shown(repository, blob.digest)}`;
  let mountFrom = options.mountFrom === repository ? undefined : options.mountFrom;
  let lost = 0;
  let tries = 0;
  let broken = false;
  let farthest = 0;
  /** A session that is filled by parts, to go on with. */
  let parts: ChunkedUpload | undefined;
  let chunk = blob.size > chunks.above ? chunks.size : undefined;
  /** A proxy found the whole too large for one request. */
  let split = false;
  /** Whether this registry can be believed about what has arrived. */
  let resumable = blob.size >= Math.min(WORTH_RESUMING, chunks.above);

  const inParts = async (location: URL, least: number, begun: boolean): Promise<ChunkedUpload> => {
    const { chunkedUpload } = await import('./upload-chunks.ts');
    const source = { open, openAt: options.openAt };
    const size = chunk ?? chunks.size;
    const { onProgress } = options;
    return chunkedUpload(session, { repository, blob, source, location, chunk: size, least, begun, onProgress });
  };

  /** The end of a try in a new session: one PUT, or the first call for a session that is filled by parts. */
  const inOne = async (location: URL, least: number): Promise<'done' | 'lost' | 'too large'> => {
    // A server that refuses while it is still sent to may only be heard when it is asked first.
    const body = { size: blob.size, open, onProgress: options.onProgress, cautious: broken };
    const splittable = !split && blob.size > SMALLEST_CHUNK;
    try {
      return await finishUpload(session, repository, blob.digest, location, body, { doing, splittable });
    } catch (error) {
      broken = true;
      if (resumable && error instanceof Again) parts = await inParts(location, least, true);
      throw error;
    }
  };

  const goOn = async (filled: ChunkedUpload, reset: () => void): Promise<ChunksEnd> => {
    const state = await filled.run((arrived) => {
      if (arrived < farthest + PROGRESS) return;
      farthest = arrived;
      reset();
    });
    await filled.close();
    parts = undefined;
    if (state === 'restart') {
      resumable = false;
      chunk = undefined;
    }
    return state;
  };

  const attempt = async (reset: () => void): Promise<'mounted' | 'uploaded'> => {
    for (;;) {
      let state: ChunksEnd | 'too large';
      if (parts !== undefined) state = await goOn(parts, reset);
      else {
        if (tries > 0 && (await hasArrived(session, repository, blob))) return 'uploaded';
        const opened = await openUpload(session, repository, blob.digest, mountFrom, doing);
        if (opened === 'mounted') return 'mounted';
        mountFrom = undefined;
        if (opened === undefined) continue;
        tries += 1;
        if (chunk !== undefined) {
          parts = await inParts(opened.location, opened.least, false);
          continue;
        }
        state = await inOne(opened.location, opened.least);
      }
      if (state === 'done') return 'uploaded';
      if (state === 'too large') {
        split = true;
        chunk = Math.min(chunks.size, Math.ceil(blob.size / 2));
      }
      if (state !== 'lost') continue;
      lost += 1;
      if (lost > MOST_LOST) {
        throw new BatonError('UPLOAD_LOST', `${session.host} forgot the upload session ${lost} times while ${doing}`, {
          hint: 'Several servers behind one name without shared storage do this: tell those who run the registry, or try again.',
          details: { host: session.host, digest: blob.digest, lost },
          retryable: true,
        });
      }
    }
  };

  try {
    return await session.repeat(doing, ({ reset }) => attempt(reset));
  } finally {
    await parts?.close();
  }
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
