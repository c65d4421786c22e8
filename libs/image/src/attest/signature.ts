import type { Signer, Verifier } from '@baton/evidence';
import { canonicalJson, type Digest, digestHex, sha256 } from '@baton/kernel';
import { type Descriptor, encodeDocument, type ImageManifest, MEDIA_TYPES, parseManifest } from '@baton/oci';
import { type Artifact, type ArtifactBlob, blobOf, EMPTY_CONFIG } from './attestation.ts';

/** The media type of cosign's signed payload (sigstore, "Cosign Signature Specification"). */
export const SIGNATURE_MEDIA_TYPE = 'application/vnd.dev.cosign.simplesigning.v1+json';
/** The annotation that has the signature in base64. */
export const SIGNATURE_ANNOTATION = 'dev.cosignproject.cosign/signature';
/** The id of the key that signed: a hint of ours, which cosign passes over. */
const KEY_HINT = 'dev.baton.evidence.key';

const PAYLOAD_LIMIT = 64 * 1024;

/** Where cosign keeps what was signed (`sig`) and attested (`att`) about a digest. */
export function cosignTag(digest: Digest, kind: 'sig' | 'att'): string {
  return `sha256-${digestHex(digest)}.${kind}`;
}

/** What is signed: the digest of the image and where it belongs ("simple signing", Red Hat's atomic signature format). */
export function signingPayload(repository: string, digest: Digest): Buffer {
  const bytes = canonicalJson({
    critical: {
      identity: { 'docker-reference': repository },
      image: { 'docker-manifest-digest': digest },
      type: 'cosign container image signature',
    },
    optional: null,
  });
  return bytes.subarray(0, bytes.byteLength - 1);
}

/** The layer of a signature manifest, and the blob it names. */
export function signatureLayer(payload: Buffer, signer: Signer): { layer: Descriptor; blob: ArtifactBlob } {
  const blob = blobOf(payload);
  const layer: Descriptor = {
    mediaType: SIGNATURE_MEDIA_TYPE,
    digest: blob.digest,
    size: blob.size,
    annotations: { [SIGNATURE_ANNOTATION]: signer.sign(payload).toString('base64'), [KEY_HINT]: signer.keyId },
  };
  return { layer, blob };
}

/** The layer under which cosign finds an attestation: the envelope of an artifact, which has its signature inside. */
export function attestationLayer({ layer, predicateType }: Pick<Artifact, 'layer' | 'predicateType'>): Descriptor {
  const { mediaType, digest, size } = layer;
  return { mediaType, digest, size, annotations: { [SIGNATURE_ANNOTATION]: '', predicateType } };
}

/** The bytes of a manifest of cosign's kind; what an existing one holds comes first and stays. */
export function cosignManifest(existing: ImageManifest | undefined, layers: readonly Descriptor[]): Buffer {
  const config = existing?.config ?? {
    mediaType: MEDIA_TYPES.emptyJson,
    digest: sha256(EMPTY_CONFIG),
    size: EMPTY_CONFIG.byteLength,
  };
  return encodeDocument({
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    ...(existing?.artifactType === undefined ? {} : { artifactType: existing.artifactType }),
    config,
    layers: [...(existing?.layers ?? []), ...layers],
    ...(existing?.subject === undefined ? {} : { subject: existing.subject }),
    ...(existing?.annotations === undefined ? {} : { annotations: existing.annotations }),
  });
}

/** One signature that was found on an image. */
export interface FoundSignature {
  /** sha256 of what was signed. */
  payload: Digest;
  /** Which key signed, as the signature's own annotation claims it. */
  keyId: string | undefined;
  /**
   * `valid`: by the given key, about this digest; `unchecked`: no key was given; `unknown key`: another key's, or
   * nobody's; `invalid`: it claims the given key and is not its, or is about another image.
   */
  state: 'valid' | 'unchecked' | 'unknown key' | 'invalid';
  /** The repository that the payload names. */
  identity: string | undefined;
  /** Why it is invalid. */
  reason?: string | undefined;
}

/**
 * Judges the signatures of a `sha256-<hex>.sig` manifest.
 *
 * @param digest of the image that they should be about
 * @param read the payload that a layer names, verified against its digest
 */
export async function verifySignatures(
  manifest: ImageManifest,
  digest: Digest,
  verifier: Verifier | undefined,
  read: (layer: Descriptor) => Promise<Buffer>,
): Promise<FoundSignature[]> {
  const layers = manifest.layers.filter(({ mediaType }) => mediaType === SIGNATURE_MEDIA_TYPE);
  return await Promise.all(
    layers.map(async (layer): Promise<FoundSignature> => {
      const keyId = layer.annotations?.[KEY_HINT];
      const found = { payload: layer.digest, keyId, identity: undefined };
      if (layer.size > PAYLOAD_LIMIT) return { ...found, state: 'invalid', reason: 'what was signed is too large' };
      const payload = await read(layer);
      const about = aboutOf(payload);
      const common = { ...found, identity: about?.identity };
      if (about?.digest !== digest) return { ...common, state: 'invalid', reason: 'it is about another image' };
      if (verifier === undefined) return { ...common, state: 'unchecked' };
      const signature = Buffer.from(layer.annotations?.[SIGNATURE_ANNOTATION] ?? '', 'base64');
      if (verifier.verify(payload, signature)) return { ...common, state: 'valid', keyId: verifier.keyId };
      if (keyId !== verifier.keyId) return { ...common, state: 'unknown key' };
      return { ...common, state: 'invalid', reason: 'it claims the given key and is not by it' };
    }),
  );
}

function aboutOf(payload: Buffer): { digest: unknown; identity: string | undefined } | undefined {
  try {
    const { critical } = JSON.parse(payload.toString('utf8')) as {
      critical?: { image?: Record<string, unknown>; identity?: Record<string, unknown>; type?: unknown };
    };
    if (critical?.type !== 'cosign container image signature') return undefined;
    const identity = critical.identity?.['docker-reference'];
    return {
      digest: critical.image?.['docker-manifest-digest'],
      identity: typeof identity === 'string' ? identity : undefined,
    };
  } catch {
    return undefined;
  }
}

/** Reads a manifest of signatures or attestations. `IMAGE_INVALID`. */
export function parseCosignManifest(bytes: Buffer, where: string): ImageManifest {
  return parseManifest(bytes, where);
}
