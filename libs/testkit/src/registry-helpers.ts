import { type Digest, sha256 } from '@baton/kernel';

/** Waits that take no time and are written down: the seam of clients that repeat requests. */
export interface InstantWaits {
  /** Every wait that was asked for, in milliseconds. */
  readonly asked: number[];
  sleep(milliseconds: number): Promise<void>;
  random(): number;
}

/** Makes waits that return at once; chance always gives 0.5. */
export function instantWaits(): InstantWaits {
  const asked: number[] = [];
  return {
    asked,
    sleep: async (milliseconds) => void asked.push(milliseconds),
    random: () => 0.5,
  };
}

/** A credential source with one answer for every host, or none. */
export function fixedCredentials<T>(credentials?: T): {
  find(host: string): Promise<T | undefined>;
  readonly description: string;
  readonly asked: string[];
} {
  const asked: string[] = [];
  return {
    asked,
    description: 'the credentials of this test',
    async find(host) {
      asked.push(host);
      return credentials;
    },
  };
}

/** All bytes of a stream. */
export async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Bytes as a stream that can be opened again and again, in pieces of `piece` bytes. */
export function streamOf(bytes: Uint8Array, piece = 65_536): () => AsyncGenerator<Uint8Array> {
  return async function* () {
    for (let at = 0; at < bytes.byteLength; at += piece) yield bytes.subarray(at, at + piece);
  };
}

/** Bytes that look random, do not compress, and are the same for the same seed. */
export function noise(size: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(size);
  let state = seed >>> 0 || 1;
  for (let at = 0; at < size; at += 1) {
    // xorshift32: no library, no Math.random, equal on every machine.
    state ^= (state << 13) >>> 0;
    state ^= state >>> 17;
    state = (state ^ (state << 5)) >>> 0;
    bytes[at] = state & 0xff;
  }
  return bytes;
}

/** A smallest image: a config and one layer (of any bytes), and the manifest that names them. */
export interface TinyImage {
  mediaType: string;
  manifest: Buffer;
  digest: Digest;
  config: { bytes: Buffer; digest: Digest; size: number };
  layer: { bytes: Buffer; digest: Digest; size: number };
}

/** Makes an image whose layer holds the given bytes; registries accept it, nobody can run it. */
export function tinyImage(content: string | Uint8Array = 'a layer'): TinyImage {
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const blob = (bytes: Buffer): TinyImage['layer'] => ({ bytes, digest: sha256(bytes), size: bytes.byteLength });
  const layer = blob(Buffer.from(content));
  const rootfs = { type: 'layers', diff_ids: [layer.digest] };
  const config = blob(Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs })));
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType,
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: config.digest, size: config.size },
      layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: layer.digest, size: layer.size }],
    }),
  );
  return { mediaType, manifest, digest: sha256(manifest), config, layer };
}
