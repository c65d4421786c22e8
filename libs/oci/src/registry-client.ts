import { BatonError, type Digest, type Emit, silent } from '@baton/kernel';
import type { Addresses } from './address-guard.ts';
import { type CredentialSource, dockerCredentials } from './credentials.ts';
import type { Descriptor } from './descriptor.ts';
import type { ReferrersBy } from './referrers.ts';
import { getBlob, headBlob } from './registry-download.ts';
import { getManifest, headManifest, putManifest } from './registry-manifests.ts';
import { pullScope, pushScope } from './registry-path.ts';
import { openSession, type Stats } from './registry-session.ts';
import { listTags } from './registry-tags.ts';
import { putBlob, type UploadOptions } from './registry-upload.ts';
import { sleep } from './retry.ts';

/** How to talk to a registry; everything has a default. */
export interface RegistryOptions {
  /** Where credentials come from; {@link dockerCredentials} by default. Asked only after the registry wants some. */
  credentials?: CredentialSource;
  /** Plain http. By default only for loopback hosts; false forces https there too. */
  insecure?: boolean;
  /** Receives `retry` events. */
  emit?: Emit;
  /** Ends every request with `INTERRUPTED`. */
  signal?: AbortSignal;
  /** Milliseconds: until a connection stands (10 000), without any data (120 000). */
  timeouts?: { connect?: number; idle?: number };
  /** Repetitions of a failed request (4). */
  retries?: number;
  /** Bytes: blobs above `above` (64 MiB) are sent in chunks of `size` (32 MiB). */
  chunks?: { above?: number; size?: number };
  userAgent?: string;
  /** Certificates (PEM) to trust besides the default ones. */
  ca?: string;
  /** Repositories that will be written: reading them asks for a token that can write too, which saves a second one. */
  push?: readonly string[];
  /** Where HTTPS_PROXY, HTTP_PROXY and NO_PROXY are looked up; `process.env` by default. */
  env?: NodeJS.ProcessEnv;
  /** For tests: how names are looked up where the registry leads elsewhere, and which addresses are private. */
  addresses?: Addresses;
  /** For tests: how waits before a repetition happen. */
  waits?: { sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void>; random(): number };
}

/**
 * A registry (OCI distribution specification 1.1). Calls may run at the same time; how many is up to the caller. Every
 * method throws `REGISTRY_UNREACHABLE`, `AUTH_MISSING`, `AUTH_DENIED`, `RATE_LIMITED`, `REGISTRY_REJECTED`,
 * `REGISTRY_PROTOCOL`, `REDIRECT_REFUSED`, `CREDENTIALS_INVALID`, `INTERRUPTED`; more are named where they occur.
 */
export interface RegistryClient {
  readonly host: string;
  /** Whether the host is a registry that lets this account in. */
  ping(): Promise<void>;
  /** Undefined only where the registry says that it is not there; a failed check is repeated, then an error. */
  headManifest(repository: string, reference: string): Promise<Descriptor | undefined>;
  /** A manifest or index, its digest checked. `IMAGE_NOT_FOUND`, `DIGEST_MISMATCH`. */
  getManifest(repository: string, reference: string): Promise<{ descriptor: Descriptor; bytes: Buffer }>;
  /** `TAG_CONFLICT` when the registry does not let the tag be moved, `DIGEST_MISMATCH`. */
  putManifest(repository: string, reference: string, bytes: Uint8Array, mediaType: string): Promise<void>;
  /** The size in bytes; undefined only on 404. */
  headBlob(repository: string, digest: Digest): Promise<number | undefined>;
  /**
   * The bytes, checked when the generator ends: `DIGEST_MISMATCH`, `IMAGE_NOT_FOUND`. Goes on after a broken
   * connection, and behind `part`, the first bytes, when the caller has some.
   */
  getBlob(
    repository: string,
    blob: { digest: Digest; size: number },
    part?: AsyncIterable<Uint8Array>,
  ): AsyncGenerator<Buffer>;
  /** Mounts or uploads; `open` is called for each try. A large one goes on after a broken connection. `UPLOAD_LOST`, `DIGEST_MISMATCH`. */
  putBlob(
    repository: string,
    blob: { digest: Digest; size: number },
    open: () => AsyncIterable<Uint8Array>,
    options?: UploadOptions,
  ): Promise<'mounted' | 'uploaded'>;
  /**
   * What refers to a digest by `subject`, where the registry lists it or by the tag `sha256-<hex>`; none is an empty
   * list. `IMAGE_INVALID` when the list is broken.
   */
  listReferrers(
    repository: string,
    digest: Digest,
    artifactType?: string,
  ): Promise<{ descriptors: Descriptor[]; by: ReferrersBy }>;
  /** Writes a manifest with a `subject` so that {@link listReferrers} finds it. `IMAGE_INVALID`, `TAG_CONFLICT`. */
  putReferrer(
    repository: string,
    bytes: Uint8Array,
    mediaType: string,
  ): Promise<{ descriptor: Descriptor; by: ReferrersBy }>;
  /** All tags, sorted by their bytes. `IMAGE_NOT_FOUND` when there is no such repository. */
  listTags(repository: string): Promise<string[]>;
  /** Counts so far; bytes are those of bodies. */
  readonly stats: Readonly<Stats>;
  /** Closes the kept connections. */
  close(): void;
}

const MEBIBYTE = 1024 * 1024;

/**
 * Makes the client of one registry. Nothing is sent before the first call, and no `/v2/` before each: the first 401
 * tells how to sign in.
 *
 * @param host as images name it: `ghcr.io`, `docker.io`, `localhost:5000`; `INVALID_REFERENCE` when it is more than
 * host and port
 */
export function connectRegistry(host: string, options: RegistryOptions = {}): RegistryClient {
  if (!/^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/.test(host)) {
    throw new BatonError('INVALID_REFERENCE', `"${host}" is not the host of a registry`, {
      hint: 'Write host or host:port, without https:// and path.',
    });
  }
  const session = openSession({
    host,
    insecure: options.insecure ?? isLoopback(host),
    credentials: options.credentials ?? dockerCredentials(),
    timeouts: { connect: options.timeouts?.connect ?? 10_000, idle: options.timeouts?.idle ?? 120_000 },
    retry: { retries: options.retries ?? 4, ...(options.waits ?? { sleep, random: Math.random }) },
    emit: options.emit ?? silent,
    signal: options.signal,
    userAgent: options.userAgent ?? 'baton',
    ca: options.ca,
    env: options.env,
    addresses: options.addresses,
  });
  const chunks = { above: 64 * MEBIBYTE, size: 32 * MEBIBYTE, ...options.chunks };
  const written = new Set(options.push ?? []);
  const reading = (repository: string): string[] => [
    written.has(repository) ? pushScope(repository) : pullScope(repository),
  ];
  return {
    host,
    stats: session.stats,
    async ping() {
      const doing = 'asking whether it is a registry';
      await session.call({
        method: 'GET',
        url: new URL('/v2/', session.base),
        scopes: [],
        doing,
        handle: async (response) => (response.status === 200 ? undefined : await session.refuse(response, doing)),
      });
    },
    headManifest: (repository, reference) => headManifest(session, repository, reference, reading(repository)),
    getManifest: (repository, reference) => getManifest(session, repository, reference, reading(repository)),
    async putManifest(repository, reference, bytes, mediaType) {
      written.add(repository);
      await putManifest(session, repository, reference, bytes, mediaType);
    },
    headBlob: (repository, digest) => headBlob(session, repository, digest, reading(repository)),
    getBlob: (repository, blob, part) => getBlob(session, repository, blob, reading(repository), part),
    putBlob(repository, blob, open, uploadOptions = {}) {
      written.add(repository);
      return putBlob(session, repository, blob, open, uploadOptions, chunks);
    },
    async listReferrers(repository, digest, artifactType) {
      const referrers = await import('./referrers.ts');
      return await referrers.listReferrers(session, repository, digest, artifactType, reading(repository));
    },
    async putReferrer(repository, bytes, mediaType) {
      written.add(repository);
      const referrers = await import('./referrers.ts');
      return await referrers.putReferrer(session, repository, bytes, mediaType);
    },
    listTags: (repository) => listTags(session, repository, reading(repository)),
    close: () => session.close(),
  };
}

/** Whether a host (with or without port) is this machine: registries there speak plain http unless told otherwise. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  return name === 'localhost' || name.endsWith('.localhost') || name === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(name);
}
