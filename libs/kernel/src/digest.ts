import { createHash, type Hash } from 'node:crypto';

/** `sha256:` and 64 lower-case hexadecimal digits (OCI image specification, "Digests"). */
export type Digest = `sha256:${string}`;

/** The digest of some bytes. */
export function sha256(bytes: Uint8Array | string): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Whether text is a well-formed sha256 digest. */
export function isDigest(text: unknown): text is Digest {
  return typeof text === 'string' && /^sha256:[0-9a-f]{64}$/.test(text);
}

/** The 64 hexadecimal digits of a digest: its file name in a store. */
export function digestHex(digest: Digest): string {
  return digest.slice('sha256:'.length);
}

/** The first 12 digits, for people. */
export function shortDigest(digest: Digest): string {
  return `sha256:${digestHex(digest).slice(0, 12)}`;
}

/** Counts and hashes bytes as they pass. */
export class Hasher {
  readonly #hash: Hash = createHash('sha256');
  /** Bytes seen so far. */
  size = 0;

  update(chunk: Uint8Array): this {
    this.#hash.update(chunk);
    this.size += chunk.byteLength;
    return this;
  }

  /** The digest of everything seen; call it once. */
  digest(): Digest {
    return `sha256:${this.#hash.digest('hex')}`;
  }
}
