import type { Signer } from '@baton/evidence';
import { type Digest, type Emit, shortDigest } from '@baton/kernel';
import { type Descriptor, MEDIA_TYPES } from '@baton/oci';
import pLimit from 'p-limit';
import type { Attached } from '../types.ts';
import { type ArtifactBlob, blobOf, EMPTY_CONFIG } from './attestation.ts';
import { attachedAlready, blobAt, manifestAt, type Place } from './look-attached.ts';
import type { Made } from './plan-attachments.ts';
import { attestationLayer, cosignManifest, cosignTag, signatureLayer, verifySignatures } from './signature.ts';

/** Uploads and questions that are under way at the same time. */
const AT_ONCE = 6;

/** What is attached and what is not yet, after the registry was asked. */
export interface Look {
  /** Where it is there already, the layer that carries it. */
  present: Map<Made, Descriptor>;
  /** What cosign's tag of a subject lacks. */
  cosign: Map<Digest, Descriptor[]>;
}

/** Asks what is attached to an image already; one list for each subject, and cosign's tags where there is a key. */
export async function lookAttachments(made: readonly Made[], signer: Signer | undefined, place: Place): Promise<Look> {
  const present = new Map<Made, Descriptor>();
  const cosign = new Map<Digest, Descriptor[]>();
  await Promise.all(
    bySubject(made).map(async ([subject, mine]) => {
      const artifacts = mine.filter((each) => 'artifact' in each);
      if (artifacts.length > 0) {
        const { descriptors } = await place.client.listReferrers(place.repository, subject);
        for (const each of artifacts) {
          const layer = await attachedAlready(each.artifact, descriptors, signer, place);
          if (layer !== undefined) present.set(each, layer);
        }
        if (signer !== undefined) {
          const lacking = await lackingAttestations(subject, artifacts, present, place);
          cosign.set(subject, lacking.layers);
        }
      }
      for (const each of mine) {
        if ('payload' in each && signer !== undefined) {
          const known = await ownSignature(subject, each.payload, signer, place);
          if (known !== undefined) present.set(each, known);
        }
      }
    }),
  );
  return { present, cosign };
}

/** Sends the blobs of what will be attached: they may go before the image itself. */
export async function putAttachmentBlobs(made: readonly Made[], place: Place): Promise<void> {
  const blobs = new Map<Digest, ArtifactBlob>();
  for (const each of made) {
    for (const blob of 'artifact' in each ? each.artifact.blobs : [blobOf(EMPTY_CONFIG), blobOf(each.payload)]) {
      blobs.set(blob.digest, blob);
    }
  }
  const limit = pLimit(AT_ONCE);
  const { client, repository } = place;
  const config = blobOf(EMPTY_CONFIG).digest;
  await Promise.all(
    [...blobs.values()].map((blob) =>
      limit(async () => {
        // The config is the same for every attachment ever, so it is usually there.
        if (blob.digest === config && (await client.headBlob(repository, config)) !== undefined) return;
        await client.putBlob(repository, blob, () => once(blob.bytes));
      }),
    ),
  );
}

/**
 * Attaches: the index of the image, and everything in `made` as a blob, must be there. Each step may be repeated and then
 * changes nothing; different subjects go at the same time.
 *
 * @param look undefined for an image that was new to the registry
 */
export async function putAttachments(
  made: readonly Made[],
  signer: Signer | undefined,
  look: Look | undefined,
  place: Place,
  emit: Emit,
): Promise<Attached[]> {
  const done = new Map<Made, Attached>();
  const told = (each: Made, state: Attached['state'], by: Attached['by']): void => {
    const payload = 'artifact' in each ? each.artifact.payload : blobOf(each.payload).digest;
    const { kind, of, subject } = each;
    const keyId = 'artifact' in each ? each.artifact.keyId : signer?.keyId;
    const signed = keyId === undefined ? {} : { keyId };
    done.set(each, {
      kind,
      of,
      subject: subject.digest,
      payload,
      state,
      ...(by === undefined ? {} : { by }),
      ...signed,
    });
    if (state === 'attached')
      emit({ type: 'attach', id: payload, label: `${kind} of ${of} ${shortDigest(payload)}`, detail: state });
  };
  await Promise.all(
    bySubject(made).map(async ([subject, mine]) => {
      const artifacts = mine.filter((each) => 'artifact' in each);
      await Promise.all([
        ...artifacts.map(async (each) => {
          if (look?.present.has(each) === true) return told(each, 'present', undefined);
          const { by } = await place.client.putReferrer(place.repository, each.artifact.manifest, MEDIA_TYPES.manifest);
          told(each, 'attached', by);
        }),
        signer === undefined || artifacts.length === 0 ? undefined : putAttestationTag(subject, artifacts, look, place),
        ...mine.map(async (each) => {
          if (!('payload' in each) || signer === undefined) return;
          if (look?.present.has(each) === true) return told(each, 'present', undefined);
          told(each, await putSignature(subject, each.payload, signer, place), 'cosign tag');
        }),
      ]);
    }),
  );
  return made.map((each) => done.get(each)).filter((each) => each !== undefined);
}

/** Signs a digest where cosign looks for it; a signature by the same key over the same bytes is left as it is. */
export async function putSignature(
  subject: Digest,
  payload: Buffer,
  signer: Signer,
  place: Place,
): Promise<Attached['state']> {
  const tag = cosignTag(subject, 'sig');
  const existing = await manifestAt(place, tag);
  if (await signedBy(existing, subject, payload, signer, place)) return 'present';
  const { layer } = signatureLayer(payload, signer);
  const bytes = cosignManifest(existing, [layer]);
  await place.client.putManifest(place.repository, tag, bytes, MEDIA_TYPES.manifest);
  return 'attached';
}

async function ownSignature(
  subject: Digest,
  payload: Buffer,
  signer: Signer,
  place: Place,
): Promise<Descriptor | undefined> {
  const existing = await manifestAt(place, cosignTag(subject, 'sig'));
  const found = await signedBy(existing, subject, payload, signer, place);
  return found ? existing?.layers.find(({ digest }) => digest === blobOf(payload).digest) : undefined;
}

async function signedBy(
  existing: Awaited<ReturnType<typeof manifestAt>>,
  subject: Digest,
  payload: Buffer,
  signer: Signer,
  place: Place,
): Promise<boolean> {
  if (existing === undefined) return false;
  const wanted = blobOf(payload).digest;
  const layers = existing.layers.filter(({ digest }) => digest === wanted);
  const found = await verifySignatures({ ...existing, layers }, subject, signer, async (layer) =>
    layer.digest === wanted ? payload : await blobAt(place, layer),
  );
  return found.some(({ state }) => state === 'valid');
}

async function putAttestationTag(
  subject: Digest,
  artifacts: readonly (Made & { artifact: object })[],
  look: Look | undefined,
  place: Place,
): Promise<void> {
  const known = look?.cosign.get(subject);
  if (known?.length === 0) return;
  const { existing, layers } = await lackingAttestations(subject, artifacts, look?.present ?? new Map(), place);
  if (layers.length === 0) return;
  const bytes = cosignManifest(existing, layers);
  await place.client.putManifest(place.repository, cosignTag(subject, 'att'), bytes, MEDIA_TYPES.manifest);
}

/** What cosign's tag for attestations lacks, and what it has. */
async function lackingAttestations(
  subject: Digest,
  artifacts: readonly Made[],
  present: ReadonlyMap<Made, Descriptor>,
  place: Place,
): Promise<{ existing: Awaited<ReturnType<typeof manifestAt>>; layers: Descriptor[] }> {
  const existing = await manifestAt(place, cosignTag(subject, 'att'));
  const there = new Set(existing?.layers.map(({ digest }) => digest));
  const layers = artifacts.flatMap((each) => {
    if (!('artifact' in each)) return [];
    const layer = present.get(each) ?? each.artifact.layer;
    if (there.has(layer.digest)) return [];
    return [attestationLayer({ layer, predicateType: each.artifact.predicateType })];
  });
  return { existing, layers };
}

function bySubject(made: readonly Made[]): [Digest, Made[]][] {
  const subjects = new Map<Digest, Made[]>();
  for (const each of made) subjects.set(each.subject.digest, [...(subjects.get(each.subject.digest) ?? []), each]);
  return [...subjects];
}

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}
