import { resolve } from 'node:path';
import { findSigner, type Signer } from '@baton/evidence';
import type { ImageSection, LoadedManifest } from '@baton/manifest';
import { type Descriptor, formatPlatform } from '@baton/oci';
import type { BaseBlobs } from '../base-blobs.ts';
import type { PublishFacts } from '../publish-facts.ts';
import type { ImageIo } from '../types.ts';
import { type Artifact, type AttachmentKind, artifactOf, inTotoStatement, SPDX_TYPE, sealOf } from './attestation.ts';
import { imageContents } from './image-contents.ts';
import { PROVENANCE_TYPE, provenanceOf } from './provenance.ts';
import { signingPayload } from './signature.ts';
import { plain } from './spdx.ts';

/** Something that will be attached, before its bytes are made. */
export interface Wanted {
  kind: AttachmentKind;
  /** `index`, or the platform whose manifest it is about. */
  of: string;
  subject: Descriptor;
}

/** The same with its bytes. */
export type Made = Wanted & ({ artifact: Artifact } | { payload: Buffer });

/** What a publish will attach. */
export interface Attachments {
  wanted: Wanted[];
  /** Signs envelopes and the image; undefined where no key is configured. */
  signer: Signer | undefined;
  notes: string[];
  /** Makes the bytes, once; the slow part (layers of a base may have to be read). */
  make(): Promise<Made[]>;
}

/**
 * Decides what is attached to an image; reads the key and nothing else. Errors: `KEY_INVALID`.
 *
 * @param how.byEngine the image is what a container engine made of a Dockerfile; `base` then reads all its layers
 */
export async function planAttachments(
  project: LoadedManifest,
  section: ImageSection,
  facts: PublishFacts,
  base: BaseBlobs | undefined,
  io: ImageIo,
  how: { byEngine?: boolean } = {},
): Promise<Attachments> {
  const { image, target, built } = facts;
  const { key } = project.manifest.evidence;
  const signer = await findSigner({ env: io.env, key: key === undefined ? undefined : resolve(project.dir, key) });
  const index: Pick<Wanted, 'of' | 'subject'> = { of: 'index', subject: image.index.descriptor };
  const kinds = new Set(section.attest);
  const notes: string[] = [];
  if (built === undefined && (kinds.has('statement') || kinds.has('provenance'))) {
    notes.push('no statement and no provenance are attached: there is no proof of the build');
  }
  const wanted: Wanted[] = [];
  if (kinds.has('statement') && built !== undefined) wanted.push({ kind: 'statement', ...index });
  if (kinds.has('sbom')) {
    for (const { platform, descriptor } of image.platforms) {
      wanted.push({ kind: 'sbom', of: formatPlatform(platform), subject: descriptor });
    }
  }
  if (kinds.has('provenance') && built !== undefined) wanted.push({ kind: 'provenance', ...index });
  if (kinds.has('signature') && signer !== undefined) wanted.push({ kind: 'signature', ...index });

  async function makeAll(): Promise<Made[]> {
    const name = built?.statement.subject[0]?.name ?? project.manifest.name;
    const { store } = facts;
    const contents = kinds.has('sbom')
      ? await imageContents(image.platforms, {
          project,
          section,
          store,
          base,
          built,
          cacheDir: io.cacheDir,
          byEngine: how.byEngine === true,
        })
      : undefined;
    for (const note of contents?.notes ?? []) io.emit({ type: 'warn', label: note });
    const seal = built === undefined ? undefined : await sealOf(built, signer);
    const sboms = new Map(contents?.documents.map((document, i) => [image.platforms[i]?.descriptor.digest, document]));
    return wanted.map((each): Made => {
      const { kind, subject } = each;
      if (kind === 'signature') {
        return { ...each, payload: signingPayload(`${target.registry}/${target.repository}`, subject.digest) };
      }
      if (kind === 'statement' && built !== undefined) {
        return { ...each, artifact: artifactOf(built.bytes, built.statement.predicateType, subject, seal) };
      }
      const document = sboms.get(subject.digest);
      const [type, predicate] =
        kind === 'sbom' && document !== undefined
          ? [SPDX_TYPE, plain(document)]
          : [PROVENANCE_TYPE, built === undefined ? null : provenanceOf(built, io.env)];
      return {
        ...each,
        artifact: artifactOf(inTotoStatement(name, subject.digest, type, predicate), type, subject, signer),
      };
    });
  }

  let made: Promise<Made[]> | undefined;
  return {
    wanted,
    signer,
    notes,
    make() {
      made ??= makeAll();
      // Whoever needs it waits for it; until then its failure is nobody's.
      made.catch(() => undefined);
      return made;
    },
  };
}
