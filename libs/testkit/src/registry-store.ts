import { createHash, type Hash, randomBytes } from 'node:crypto';
import { type Digest, digestHex, isDigest, sha256 } from '@baton/kernel';
import type { Files } from './registry-files.ts';
import { subjectOf } from './registry-subject.ts';

/** A manifest or index as it was pushed. */
export interface StoredManifest {
  digest: Digest;
  mediaType: string;
  bytes: Buffer;
}

/** The content of a test registry. Repositories come into being with their first blob or manifest. */
export interface RegistryStore {
  /** Size of a blob that the repository has. */
  blobSize(repository: string, digest: Digest): Promise<number | undefined>;
  streamBlob(digest: Digest, start: number): AsyncIterable<Buffer>;
  /** Puts a blob there directly, without a request. */
  addBlob(repository: string, bytes: Uint8Array): Promise<Digest>;
  linkBlob(repository: string, digest: Digest): Promise<void>;
  removeBlob(repository: string, digest: Digest): Promise<void>;
  /** By tag or digest. */
  manifest(repository: string, reference: string): Promise<StoredManifest | undefined>;
  putManifest(repository: string, reference: string, bytes: Buffer, mediaType: string): Promise<Digest>;
  removeManifest(repository: string, reference: string): Promise<void>;
  /** The manifests of a repository whose subject has this digest, sorted by their own. */
  referrers(repository: string, subject: Digest): Promise<StoredManifest[]>;
  tags(repository: string): Promise<string[]>;
  repositories(): Promise<string[]>;
  /** Opens an upload session and returns its name. */
  beginUpload(repository: string): string;
  uploadSize(repository: string, session: string): number | undefined;
  /** A chunk came that was too short to be followed by another. */
  closeByShortChunk(session: string): void;
  closedByShortChunk(session: string): boolean;
  append(repository: string, session: string, chunk: Uint8Array): Promise<void>;
  /** Ends the session; undefined when the bytes have another digest. */
  finishUpload(repository: string, session: string, expected: Digest): Promise<Digest | undefined>;
  /** Forgets one session, or all of them, as a registry does that was restarted. */
  dropUploads(session?: string): void;
}

interface Upload {
  repository: string;
  hash: Hash;
  size: number;
  closed?: boolean;
}

/** Opens a store; upload sessions live in this object and end with it. */
export function openRegistryStore(files: Files): RegistryStore {
  const uploads = new Map<string, Upload>();
  const blobFile = (digest: Digest): string => `blobs/${digestHex(digest)}`;
  const inRepository = (repository: string, rest: string): string =>
    `repositories/${encodeURIComponent(repository)}/${rest}`;
  const linkFile = (repository: string, digest: Digest): string =>
    inRepository(repository, `blobs/${digestHex(digest)}`);
  const find = (repository: string, session: string): Upload | undefined => {
    const upload = uploads.get(session);
    return upload?.repository === repository ? upload : undefined;
  };
  const resolveTag = async (repository: string, reference: string): Promise<Digest | undefined> => {
    if (isDigest(reference)) return reference;
    const text = (await files.read(inRepository(repository, `tags/${reference}`)))?.toString('utf8');
    return isDigest(text) ? text : undefined;
  };

  const manifest = async (repository: string, reference: string): Promise<StoredManifest | undefined> => {
    const digest = await resolveTag(repository, reference);
    if (digest === undefined) return undefined;
    const type = await files.read(inRepository(repository, `manifests/${digestHex(digest)}`));
    const bytes = await files.read(blobFile(digest));
    if (type === undefined || bytes === undefined) return undefined;
    return { digest, mediaType: type.toString('utf8'), bytes };
  };

  return {
    manifest,
    async blobSize(repository, digest) {
      const linked = await files.size(linkFile(repository, digest));
      return linked === undefined ? undefined : await files.size(blobFile(digest));
    },
    streamBlob: (digest, start) => files.stream(blobFile(digest), start),
    async addBlob(repository, bytes) {
      const digest = sha256(bytes);
      await files.write(blobFile(digest), bytes);
      await files.write(linkFile(repository, digest), Buffer.alloc(0));
      return digest;
    },
    linkBlob: (repository, digest) => files.write(linkFile(repository, digest), Buffer.alloc(0)),
    removeBlob: (repository, digest) => files.remove(linkFile(repository, digest)),
    async putManifest(repository, reference, bytes, mediaType) {
      const digest = sha256(bytes);
      await files.write(blobFile(digest), bytes);
      await files.write(inRepository(repository, `manifests/${digestHex(digest)}`), Buffer.from(mediaType));
      const subject = subjectOf(bytes);
      if (subject !== undefined) {
        const link = `referrers/${digestHex(subject)}/${digestHex(digest)}`;
        await files.write(inRepository(repository, link), Buffer.alloc(0));
      }
      if (!isDigest(reference)) await files.write(inRepository(repository, `tags/${reference}`), Buffer.from(digest));
      return digest;
    },
    async removeManifest(repository, reference) {
      if (!isDigest(reference)) return await files.remove(inRepository(repository, `tags/${reference}`));
      for (const tag of await files.list(inRepository(repository, 'tags'))) {
        if ((await resolveTag(repository, tag)) === reference)
          await files.remove(inRepository(repository, `tags/${tag}`));
      }
      await files.remove(inRepository(repository, `manifests/${digestHex(reference)}`));
    },
    async referrers(repository, subject) {
      const names = await files.list(inRepository(repository, `referrers/${digestHex(subject)}`));
      const found = await Promise.all(names.map((hex) => manifest(repository, `sha256:${hex}`)));
      // One that was removed leaves its link behind.
      return found.filter((one) => one !== undefined);
    },
    tags: (repository) => files.list(inRepository(repository, 'tags')),
    repositories: async () => (await files.list('repositories')).map(decodeURIComponent),
    beginUpload(repository) {
      const session = randomBytes(12).toString('hex');
      uploads.set(session, { repository, hash: createHash('sha256'), size: 0 });
      return session;
    },
    uploadSize: (repository, session) => find(repository, session)?.size,
    closeByShortChunk(session) {
      const upload = uploads.get(session);
      if (upload !== undefined) upload.closed = true;
    },
    closedByShortChunk: (session) => uploads.get(session)?.closed === true,
    async append(repository, session, chunk) {
      const upload = find(repository, session);
      if (upload === undefined) return;
      upload.hash.update(chunk);
      upload.size += chunk.byteLength;
      await files.append(`uploads/${session}`, chunk);
    },
    async finishUpload(repository, session, expected) {
      const upload = find(repository, session);
      if (upload === undefined) return undefined;
      uploads.delete(session);
      const digest: Digest = `sha256:${upload.hash.digest('hex')}`;
      if (digest !== expected) {
        await files.remove(`uploads/${session}`);
        return undefined;
      }
      if (upload.size === 0) await files.write(blobFile(digest), Buffer.alloc(0));
      else await files.move(`uploads/${session}`, blobFile(digest));
      await files.write(linkFile(repository, digest), Buffer.alloc(0));
      return digest;
    },
    dropUploads(session) {
      if (session === undefined) uploads.clear();
      else uploads.delete(session);
    },
  };
}
