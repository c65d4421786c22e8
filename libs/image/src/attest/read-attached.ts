import { envelopePayload, envelopeSignedBy, parseEnvelope, type Verifier } from '@baton/evidence';
import { BatonError, type Digest, digestHex } from '@baton/kernel';
import type { Descriptor } from '@baton/oci';
import pLimit from 'p-limit';
import { ARTIFACT_TYPE, ENVELOPE_MEDIA_TYPE, KEY_ANNOTATION, PREDICATE_ANNOTATION, SPDX_TYPE } from './attestation.ts';
import { blobAt, manifestAt, type Place } from './look-attached.ts';
import { PROVENANCE_TYPE } from './provenance.ts';
import { cosignTag, type FoundSignature, verifySignatures } from './signature.ts';

/** How far the signature on something attached holds. */
export type SignatureState = 'unsigned' | FoundSignature['state'];

/** Something that refers to an image in a registry. */
export interface FoundAttachment {
  /** `index`, or the platform whose manifest it is about. */
  of: string;
  subject: Digest;
  /** The digest of its manifest. */
  manifest: Digest;
  artifactType: string | undefined;
  kind: 'statement' | 'sbom' | 'provenance' | 'other';
  predicateType?: string | undefined;
  /** Absent where it is no statement. */
  signature?: SignatureState | undefined;
  /** The key that signed it, or the one it claims. */
  keyId?: string | undefined;
  /** What an SBOM lists: packages by kind. */
  packages?: Record<string, number> | undefined;
  /** What provenance says. */
  builder?: string | undefined;
  materials?: number | undefined;
  /** What a statement of ours says. */
  capability?: string | undefined;
  result?: string | undefined;
  /** Why it was not understood, or is not about this image. */
  problem?: string | undefined;
}

/** Everything that hangs on an image, and the documents themselves. */
export interface AttachedToImage {
  attached: FoundAttachment[];
  /** What the registry lists beyond what was read. */
  more: number;
  signatures: FoundSignature[];
  /** The predicates of SBOMs and provenance by the digest of their manifest. */
  documents: Map<Digest, unknown>;
}

/** Attachments of one subject that are read; a registry may list any number. */
const MOST_READ = 64;
const AT_ONCE = 6;

/**
 * Reads what is attached to an image, whoever attached it. What cannot be understood is told, not thrown.
 *
 * @param subjects the index first, then the manifests of the platforms; `parts` are digests of what each consists of,
 *   which a statement may be about as well (a container engine knows an image by the digest of its config)
 */
export async function readAttached(
  subjects: readonly { of: string; digest: Digest; parts: readonly Digest[] }[],
  verifier: Verifier | undefined,
  place: Place,
): Promise<AttachedToImage> {
  const limit = pLimit(AT_ONCE);
  const documents = new Map<Digest, unknown>();
  let more = 0;
  const listed = subjects.map(async ({ of, digest, parts }) => {
    const { descriptors } = await limit(() => place.client.listReferrers(place.repository, digest));
    more += Math.max(0, descriptors.length - MOST_READ);
    return await Promise.all(
      descriptors
        .slice(0, MOST_READ)
        .map((descriptor) =>
          limit(() => readOne({ of, subject: digest }, parts, descriptor, verifier, place, documents)),
        ),
    );
  });
  const [top] = subjects;
  const [attached, signatures] = await Promise.all([
    Promise.all(listed),
    top === undefined ? [] : signaturesOf(top.digest, verifier, place),
  ]);
  return { attached: attached.flat(), more, signatures, documents };
}

/** The signatures on a digest where cosign keeps them; none is an empty list. */
export async function signaturesOf(
  digest: Digest,
  verifier: Verifier | undefined,
  place: Place,
): Promise<FoundSignature[]> {
  const manifest = await manifestAt(place, cosignTag(digest, 'sig'));
  if (manifest === undefined) return [];
  return await verifySignatures(manifest, digest, verifier, (layer) => blobAt(place, layer));
}

async function readOne(
  about: { of: string; subject: Digest },
  parts: readonly Digest[],
  descriptor: Descriptor,
  verifier: Verifier | undefined,
  place: Place,
  documents: Map<Digest, unknown>,
): Promise<FoundAttachment> {
  const { digest, artifactType } = descriptor;
  const common = { ...about, manifest: digest, artifactType };
  const claimed = descriptor.annotations?.[PREDICATE_ANNOTATION];
  if (artifactType !== ARTIFACT_TYPE) return { ...common, kind: 'other', predicateType: claimed };
  try {
    const manifest = await manifestAt(place, digest);
    const [layer, ...rest] = manifest?.layers ?? [];
    if (manifest === undefined || layer === undefined || rest.length > 0) {
      return { ...common, kind: 'other', problem: 'expected a manifest with one layer' };
    }
    const content = await blobAt(place, layer);
    const sealed = layer.mediaType === ENVELOPE_MEDIA_TYPE ? parseEnvelope(content, layer.digest) : undefined;
    const statement = sealed === undefined ? content : envelopePayload(sealed);
    const claim = manifest.annotations?.[KEY_ANNOTATION] ?? sealed?.signatures[0]?.keyid;
    const valid = sealed !== undefined && verifier !== undefined && envelopeSignedBy(sealed, statement, verifier);
    const signature = stateOf(sealed !== undefined, valid, claim, verifier);
    const keyId = valid ? verifier?.keyId : claim;
    const signed = { signature, ...(sealed === undefined ? {} : { keyId }) };
    return { ...common, ...signed, ...describeStatement(statement, [about.subject, ...parts], digest, documents) };
  } catch (error) {
    if (!(error instanceof BatonError) || !UNREADABLE.has(error.code)) throw error;
    return { ...common, kind: 'other', predicateType: claimed, problem: error.message };
  }
}

const UNREADABLE: ReadonlySet<string> = new Set([
  'IMAGE_INVALID',
  'IMAGE_NOT_FOUND',
  'EVIDENCE_INVALID',
  'DIGEST_MISMATCH',
  'REGISTRY_PROTOCOL',
]);

function stateOf(
  sealed: boolean,
  valid: boolean,
  claim: string | undefined,
  verifier: Verifier | undefined,
): SignatureState {
  if (!sealed) return 'unsigned';
  if (verifier === undefined) return 'unchecked';
  if (valid) return 'valid';
  return claim === verifier.keyId ? 'invalid' : 'unknown key';
}

function describeStatement(
  bytes: Buffer,
  subjects: readonly Digest[],
  manifest: Digest,
  documents: Map<Digest, unknown>,
): Omit<FoundAttachment, 'of' | 'subject' | 'manifest' | 'artifactType'> {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    return { kind: 'other', problem: 'not JSON' };
  }
  const { predicateType, predicate, subject: about } = recordOf(value);
  const type = textOf(predicateType);
  const digests = listOf(about).map((each) => recordOf(recordOf(each).digest).sha256);
  const problem = subjects.some((one) => digests.includes(digestHex(one)))
    ? {}
    : { problem: 'it is about another image' };
  const inside = recordOf(predicate);
  if (type === SPDX_TYPE) {
    documents.set(manifest, predicate);
    return { kind: 'sbom', predicateType: type, packages: countPackages(inside), ...problem };
  }
  if (type === PROVENANCE_TYPE) {
    documents.set(manifest, predicate);
    const builder = textOf(recordOf(recordOf(inside.runDetails).builder).id);
    const materials = listOf(recordOf(inside.buildDefinition).resolvedDependencies).length;
    return { kind: 'provenance', predicateType: type, builder, materials, ...problem };
  }
  const capability = /^https:\/\/baton\.dev\/evidence\/([a-z][a-z0-9-]*)\/v1$/.exec(type ?? '')?.[1];
  if (capability === undefined) return { kind: 'other', predicateType: type, ...problem };
  return { kind: 'statement', predicateType: type, capability, result: textOf(inside.result), ...problem };
}

/** Packages of an SPDX document by the kind their package URL says; layers, sources and the image itself are none. */
function countPackages({ packages }: Record<string, unknown>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const each of listOf(packages)) {
    const [url] = listOf(recordOf(each).externalRefs).map((ref) => textOf(recordOf(ref).referenceLocator));
    const kind = /^pkg:([a-z]+)\//.exec(url ?? '')?.[1];
    if (kind === undefined || kind === 'oci') continue;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
