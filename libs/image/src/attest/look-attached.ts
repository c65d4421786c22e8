import { envelopePayload, envelopeSignedBy, parseEnvelope, type Verifier } from '@baton/evidence';
import { BatonError, type Digest, sha256 } from '@baton/kernel';
import { type Descriptor, type ImageManifest, parseManifest, type RegistryClient } from '@baton/oci';
import {
  ARTIFACT_TYPE,
  type Artifact,
  ENVELOPE_MEDIA_TYPE,
  KEY_ANNOTATION,
  PAYLOAD_ANNOTATION,
} from './attestation.ts';

/** Bytes that an attached statement or its envelope may have. */
export const ATTACHED_LIMIT = 64 * 1024 * 1024;

/** A repository of a registry. */
export interface Place {
  client: RegistryClient;
  repository: string;
}

/** A manifest under a tag or digest; undefined when there is none. */
export async function manifestAt({ client, repository }: Place, reference: string): Promise<ImageManifest | undefined> {
  const found = await client.getManifest(repository, reference).catch((error: unknown) => {
    if (error instanceof BatonError && error.code === 'IMAGE_NOT_FOUND') return undefined;
    throw error;
  });
  return found === undefined ? undefined : parseManifest(found.bytes, `${client.host}/${repository} ${reference}`);
}

/** A blob of at most {@link ATTACHED_LIMIT} bytes, verified. `IMAGE_INVALID` when it says that it is larger. */
export async function blobAt({ client, repository }: Place, blob: Descriptor): Promise<Buffer> {
  if (blob.size > ATTACHED_LIMIT) {
    throw new BatonError('IMAGE_INVALID', `${blob.digest} has ${blob.size} bytes, more than a statement may have`);
  }
  const chunks: Buffer[] = [];
  for await (const chunk of client.getBlob(repository, blob)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/**
 * Whether a statement is attached already: the layer that carries it there, or undefined.
 *
 * The same manifest is the same statement with the same signature. An ECDSA signature has other bytes each time it is
 * made: then a manifest that claims the same statement and the same key is fetched, and the signature in it is verified.
 *
 * @param listed what refers to the subject
 */
export async function attachedAlready(
  artifact: Artifact,
  listed: readonly Descriptor[],
  verifier: Verifier | undefined,
  place: Place,
): Promise<Descriptor | undefined> {
  if (listed.some(({ digest }) => digest === artifact.digest)) return artifact.layer;
  if (verifier === undefined) return undefined;
  for (const { artifactType, annotations = {}, digest } of listed) {
    if (artifactType !== ARTIFACT_TYPE || annotations[PAYLOAD_ANNOTATION] !== artifact.payload) continue;
    if (annotations[KEY_ANNOTATION] !== verifier.keyId) continue;
    const [layer] = (await manifestAt(place, digest))?.layers ?? [];
    if (layer !== undefined && (await isSealed(layer, artifact.payload, verifier, place))) return layer;
  }
  return undefined;
}

async function isSealed(layer: Descriptor, payload: Digest, verifier: Verifier, place: Place): Promise<boolean> {
  if (layer.mediaType !== ENVELOPE_MEDIA_TYPE) return false;
  try {
    const envelope = parseEnvelope(await blobAt(place, layer), layer.digest);
    const bytes = envelopePayload(envelope);
    return sha256(bytes) === payload && envelopeSignedBy(envelope, bytes, verifier);
  } catch (error) {
    // Something else under the same claims: then ours is not there.
    if (error instanceof BatonError && ['EVIDENCE_INVALID', 'IMAGE_INVALID'].includes(error.code)) return false;
    throw error;
  }
}
