import { BatonError, canonicalJson } from '@baton/kernel';
import * as z from 'zod';
import { explainIssues } from './explain.ts';
import type { Signer, Verifier } from './keys.ts';

/** The type of what is signed (in-toto attestation framework, "Envelope"). */
export const PAYLOAD_TYPE = 'application/vnd.in-toto+json';

// DSSE lets an envelope have keys that we do not know, and either alphabet of base64 (DSSE protocol 1.0.2).
const envelopeSchema = z.looseObject({
  payload: z.string({ error: 'text' }),
  payloadType: z.literal(PAYLOAD_TYPE),
  signatures: z
    .array(z.looseObject({ sig: z.string({ error: 'text' }), keyid: z.string({ error: 'text' }).exactOptional() }))
    .min(1),
});

/** A DSSE envelope as it is stored. */
export type Envelope = z.infer<typeof envelopeSchema>;

/** What a DSSE signature is made over: the pre-authentication encoding of type and payload. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Buffer {
  const type = Buffer.from(payloadType, 'utf8');
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${type.byteLength} `),
    type,
    Buffer.from(` ${payload.byteLength} `),
    payload,
  ]);
}

/** Signs a statement's bytes; the result is the content of a `.dsse.json` file. */
export function sealEnvelope(payload: Uint8Array, signer: Signer): Buffer {
  const signature = signer.sign(preAuthEncoding(PAYLOAD_TYPE, payload));
  return canonicalJson({
    payload: Buffer.from(payload).toString('base64'),
    payloadType: PAYLOAD_TYPE,
    signatures: [{ keyid: signer.keyId, sig: signature.toString('base64') }],
  });
}

/** Reads an envelope. `EVIDENCE_INVALID` when it is not one. */
export function parseEnvelope(bytes: Uint8Array, where: string): Envelope {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw envelopeInvalid(where, 'not JSON', error);
  }
  const result = envelopeSchema.safeParse(value);
  if (result.success) return result.data;
  throw envelopeInvalid(where, explainIssues(result.error.issues, value)[0] ?? 'not a DSSE envelope');
}

/** The bytes that an envelope carries. */
export function envelopePayload(envelope: Envelope): Buffer {
  // Node's decoder takes both alphabets.
  return Buffer.from(envelope.payload, 'base64');
}

/** Whether one of the envelope's signatures over exactly these bytes is the key's. */
export function envelopeSignedBy(envelope: Envelope, payload: Uint8Array, verifier: Verifier): boolean {
  const signed = preAuthEncoding(envelope.payloadType, payload);
  // The key id is a hint only: whoever writes the envelope chooses it.
  return envelope.signatures.some(({ sig }) => verifier.verify(signed, Buffer.from(sig, 'base64')));
}

function envelopeInvalid(where: string, message: string, cause?: unknown): BatonError {
  return new BatonError('EVIDENCE_INVALID', `${where}: ${message}`, {
    hint: 'Remove the envelope, or make and sign the statement again.',
    cause,
  });
}
