import { readFile } from 'node:fs/promises';
import {
  envelopePath,
  envelopeSignedBy,
  parseEnvelope,
  type ReadStatement,
  type Signer,
  sealEnvelope,
} from '@baton/evidence';
import { canonicalJson, type Digest, digestHex, type Json, sha256 } from '@baton/kernel';
import { type Descriptor, encodeDocument, MEDIA_TYPES } from '@baton/oci';

/** What is attached to an image. */
export type AttachmentKind = 'statement' | 'sbom' | 'provenance' | 'signature';

/** The predicate type of an SPDX document in an in-toto statement (in-toto attestation predicates, "SPDX"). */
export const SPDX_TYPE = 'https://spdx.dev/Document';

/**
 * Media types of what carries a statement. The plain statement has in-toto's own type, as in BuildKit's attestations;
 * an envelope has DSSE's, as cosign writes it. Both are found under one artifact type.
 */
export const STATEMENT_MEDIA_TYPE = 'application/vnd.in-toto+json';
export const ENVELOPE_MEDIA_TYPE = 'application/vnd.dsse.envelope.v1+json';
export const ARTIFACT_TYPE = STATEMENT_MEDIA_TYPE;

/** Annotations by which a statement is told from another without being fetched. */
export const PREDICATE_ANNOTATION = 'in-toto.io/predicate-type';
/** The digest of the statement itself: the same for every signature on it. */
export const PAYLOAD_ANNOTATION = 'dev.baton.evidence.digest';
/** The id of the key that signed it; a claim like every annotation. */
export const KEY_ANNOTATION = 'dev.baton.evidence.key';

/** The config of every artifact: an empty object (OCI image specification 1.1, "Guidance for an Empty Descriptor"). */
export const EMPTY_CONFIG = Buffer.from('{}');

/** Bytes that go into a registry before the manifest that names them. */
export interface ArtifactBlob {
  digest: Digest;
  size: number;
  bytes: Buffer;
}

/** A statement that is ready to be attached. */
export interface Artifact {
  predicateType: string;
  /** sha256 of the statement. */
  payload: Digest;
  /** The statement itself. */
  statement: Buffer;
  /** Id of the key that signed it. */
  keyId: string | undefined;
  /** The manifest with `subject`, and its descriptor's digest. */
  manifest: Buffer;
  digest: Digest;
  /** The only layer: the envelope, or the statement as it is. */
  layer: Descriptor;
  blobs: ArtifactBlob[];
}

/** The bytes of an in-toto statement v1 about one digest. */
export function inTotoStatement(name: string, subject: Digest, predicateType: string, predicate: Json): Buffer {
  return canonicalJson({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name, digest: { sha256: digestHex(subject) } }],
    predicateType,
    predicate,
  });
}

/**
 * Makes the manifest that attaches a statement to `subject`: deterministic, but for what an ECDSA signature adds.
 *
 * @param seal puts the statement into a DSSE envelope, or is one that was made already; without it the statement is
 *   attached as it is
 */
export function artifactOf(
  statement: Buffer,
  predicateType: string,
  subject: Descriptor,
  seal: Signer | Sealed | undefined,
): Artifact {
  const payload = sha256(statement);
  const content = seal === undefined ? statement : 'envelope' in seal ? seal.envelope : sealEnvelope(statement, seal);
  const [config, blob] = [blobOf(EMPTY_CONFIG), blobOf(content)];
  const named = { [PREDICATE_ANNOTATION]: predicateType };
  const layer: Descriptor = {
    mediaType: seal === undefined ? STATEMENT_MEDIA_TYPE : ENVELOPE_MEDIA_TYPE,
    digest: blob.digest,
    size: blob.size,
    annotations: named,
  };
  const { mediaType, digest, size } = subject;
  const manifest = encodeDocument({
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    artifactType: ARTIFACT_TYPE,
    config: { mediaType: MEDIA_TYPES.emptyJson, digest: config.digest, size: config.size },
    layers: [layer],
    subject: { mediaType, digest, size },
    annotations: {
      ...named,
      [PAYLOAD_ANNOTATION]: payload,
      ...(seal?.keyId === undefined ? {} : { [KEY_ANNOTATION]: seal.keyId }),
    },
  });
  return {
    predicateType,
    payload,
    statement,
    keyId: seal?.keyId,
    manifest,
    digest: sha256(manifest),
    layer,
    blobs: [config, blob],
  };
}

/** An envelope that was sealed before, around the very statement. */
export interface Sealed {
  envelope: Buffer;
  /** Which key it names. */
  keyId: string | undefined;
}

/**
 * How to seal a statement that was read from a file: the envelope beside it where there is one (and it is by the signer,
 * if one is given), else the signer. An ECDSA signature differs each time it is made, so an old one is kept.
 */
export async function sealOf(read: ReadStatement, signer: Signer | undefined): Promise<Signer | Sealed | undefined> {
  if (read.signature !== 'valid' && read.signature !== 'unchecked') return signer;
  const path = envelopePath(read.path);
  const bytes = await readFile(path);
  const envelope = parseEnvelope(bytes, path);
  if (signer !== undefined && !envelopeSignedBy(envelope, read.bytes, signer)) return signer;
  return { envelope: bytes, keyId: signer?.keyId ?? envelope.signatures[0]?.keyid };
}

/** Bytes with their digest. */
export function blobOf(bytes: Buffer): ArtifactBlob {
  return { digest: sha256(bytes), size: bytes.byteLength, bytes };
}
