import {
  capabilityOf,
  findSigner,
  type ReadStatement,
  readSigner,
  readStatement,
  subjectDigests,
} from '@baton/evidence';
import { BatonError, type Digest } from '@baton/kernel';
import { type Descriptor, formatReference, parseReference } from '@baton/oci';
import { openRegistries } from '../registries.ts';
import type { Attached, ImageIo } from '../types.ts';
import { artifactOf, sealOf } from './attestation.ts';
import type { ImageAttestOptions } from './options.ts';
import type { Made } from './plan-attachments.ts';
import { lookAttachments, putAttachmentBlobs, putAttachments } from './put-attachments.ts';
import { signingPayload } from './signature.ts';

/** What `image attest` did. */
export interface AttestResult {
  /** `registry/name@sha256:...`: what was attached to. */
  reference: string;
  digest: Digest;
  attached: Attached[];
  /** Everything was there already. */
  unchanged: boolean;
}

/**
 * Attaches statements to an image that is published already, and signs it where that is asked for: the verification of
 * an image that was published before it, or a rollback image under a new key. What is there already is left as it is.
 *
 * Errors: `USAGE` (nothing to do, no tag), `IMAGE_NOT_FOUND`, `EVIDENCE_MISSING`, `EVIDENCE_INVALID`, `EVIDENCE_MISMATCH`
 * (a statement about another digest), `KEY_INVALID` (to sign, and there is no key).
 */
export async function attestImage(options: ImageAttestOptions, io: ImageIo): Promise<AttestResult> {
  const files = options.statement ?? [];
  if (files.length === 0 && !options.sign) {
    throw new BatonError('USAGE', 'there is nothing to attach: expected --statement FILE or --sign', {
      hint: 'Statements are in dist/evidence of a project.',
    });
  }
  const signer = options.key === undefined ? await findSigner({ env: io.env }) : await readSigner(options.key);
  if (options.sign && signer === undefined) {
    throw new BatonError('KEY_INVALID', 'there is no key to sign with', {
      hint: 'Name a private key: --key FILE, or BATON_SIGNING_KEY; "openssl genpkey -algorithm ed25519 -out key.pem" makes one.',
    });
  }
  const statements = await Promise.all(files.map((file) => readStatement(file, { verifier: signer })));
  const reference = parseReference(options.image);
  const name = reference.digest ?? reference.tag;
  if (name === undefined) {
    throw new BatonError('USAGE', `"${options.image}" names a repository, expected a tag or digest behind it`, {
      hint: `Try ${options.image}@sha256:..., as "baton image publish" prints it.`,
    });
  }
  const { registry, repository } = reference;
  const registries = openRegistries(io, { push: { registry, repository } });
  try {
    const client = registries.connect(registry);
    const subject = await client.headManifest(repository, name);
    if (subject === undefined) {
      throw new BatonError('IMAGE_NOT_FOUND', `${registry} has no image ${formatReference(reference)}`, {
        hint: 'Publish it first, or check the tag.',
      });
    }
    for (const statement of statements) demandAbout(statement, subject);
    const made: Made[] = await Promise.all(
      statements.map(async (read) => ({
        kind: 'statement' as const,
        of: capabilityOf(read.statement),
        subject,
        artifact: artifactOf(read.bytes, read.statement.predicateType, subject, await sealOf(read, signer)),
      })),
    );
    if (options.sign) {
      const payload = signingPayload(`${registry}/${repository}`, subject.digest);
      made.push({ kind: 'signature', of: 'image', subject, payload });
    }
    const place = { client, repository };
    const look = await lookAttachments(made, signer, place);
    const missing = made.filter((each) => !look.present.has(each));
    if (missing.length > 0) await putAttachmentBlobs(missing, place);
    const attached = await putAttachments(made, signer, look, place, io.emit);
    const unchanged = missing.length === 0 && [...look.cosign.values()].every((lacking) => lacking.length === 0);
    const at = formatReference({ registry, repository, digest: subject.digest });
    return { reference: at, digest: subject.digest, attached, unchanged };
  } finally {
    registries.close();
  }
}

function demandAbout({ path, statement, signature }: ReadStatement, subject: Descriptor): void {
  const about = subjectDigests(statement);
  if (!about.includes(subject.digest)) {
    const found = about.join(', ') || 'no sha256';
    throw new BatonError(
      'EVIDENCE_MISMATCH',
      `${path}: expected a statement about ${subject.digest}, found one about ${found}`,
      {
        hint: 'Name the image that it is about, by its digest.',
      },
    );
  }
  // Sealing it anew would put our name under what somebody else signed.
  if (signature !== 'wrong') return;
  throw new BatonError('EVIDENCE_INVALID', `${path} is signed with another key than the one that would sign here`, {
    hint: 'Attach it with the key that it was signed with, or make the statement again.',
  });
}
