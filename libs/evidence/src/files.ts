import { dirname } from 'node:path';
import {
  BatonError,
  type Digest,
  errnoOf,
  readFileLimited,
  removeFile,
  sha256,
  sweepTemporaries,
  toBatonError,
  writeFileIfChanged,
} from '@baton/kernel';
import { envelopePayload, envelopeSignedBy, parseEnvelope, sealEnvelope } from './envelope.ts';
import type { Signer, Verifier } from './keys.ts';
import type { Statement } from './schema.ts';
import { checkStatement, statementBytes } from './statement.ts';

/** Bytes a statement may have. */
export const STATEMENT_LIMIT = 4 * 1024 * 1024;
// Base64 takes four bytes for three, and signatures come on top.
const ENVELOPE_LIMIT = 2 * STATEMENT_LIMIT;

/**
 * What is known about a statement's signature: there is none; there is one and no key to check it with; the key made
 * it; another key did, or nobody.
 */
export type Signature = 'unsigned' | 'unchecked' | 'valid' | 'wrong';

/** A statement as it was read. */
export interface ReadStatement {
  path: string;
  statement: Statement;
  digest: Digest;
  bytes: Buffer;
  signature: Signature;
}

/** Where the envelope of a statement is: `image.json` -> `image.dsse.json`. */
export function envelopePath(path: string): string {
  return `${path.replace(/\.json$/, '')}.dsse.json`;
}

/**
 * Writes a statement, and with a signer its envelope; returns its digest. What is there already and right is kept, so a second run changes nothing.
 *
 * An envelope about other bytes is removed first: a kill in between leaves a statement without signature, never one with
 * somebody else's.
 */
export async function writeStatement(
  path: string,
  made: Statement,
  options: { signer?: Signer | undefined } = {},
): Promise<Digest> {
  const bytes = statementBytes(made);
  const beside = envelopePath(path);
  const keep = await holds(beside, bytes, options.signer);
  if (keep === false) await removeFile(beside);
  await sweepTemporaries(dirname(path));
  await writeFileIfChanged(path, bytes);
  if (options.signer !== undefined && keep !== true)
    await writeFileIfChanged(beside, sealEnvelope(bytes, options.signer));
  return sha256(bytes);
}

/**
 * Reads a statement strictly: at most 4 MiB, JSON, canonical bytes, the schema; an envelope beside it must be about these bytes.
 *
 * @param options.verifier the key to check the envelope with; without one a signature is `unchecked`
 * @throws BatonError `EVIDENCE_MISSING`, `EVIDENCE_INVALID`
 */
export async function readStatement(
  path: string,
  options: { verifier?: Verifier | undefined } = {},
): Promise<ReadStatement> {
  const bytes = await readEvidence(path, STATEMENT_LIMIT);
  if (bytes === undefined) {
    throw new BatonError('EVIDENCE_MISSING', `no statement at ${path}`, {
      hint: 'Run the target that makes it: statements are outputs, in dist/evidence.',
    });
  }
  const made = parseStatement(bytes, path);
  return {
    path,
    statement: made,
    digest: sha256(bytes),
    bytes,
    signature: await signatureOf(path, bytes, options.verifier),
  };
}

/** Reads a statement from bytes: `EVIDENCE_INVALID` unless they are the canonical form of a valid one. */
export function parseStatement(bytes: Uint8Array, where: string): Statement {
  if (bytes.byteLength > STATEMENT_LIMIT)
    throw invalid(where, `expected at most ${STATEMENT_LIMIT} bytes, found ${bytes.byteLength}`);
  let value: unknown;
  let same: boolean;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
    same = statementBytes(value as Statement).equals(bytes);
  } catch (error) {
    // RangeError: nested deeper than the stack.
    throw invalid(where, `not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const made = checkStatement(value, where);
  if (same) return made;
  throw invalid(where, 'the bytes are not canonical (keys sorted, no white space, one final newline)');
}

async function signatureOf(path: string, bytes: Buffer, verifier: Verifier | undefined): Promise<Signature> {
  const beside = envelopePath(path);
  const sealed = await readEvidence(beside, ENVELOPE_LIMIT);
  if (sealed === undefined) return 'unsigned';
  const envelope = parseEnvelope(sealed, beside);
  if (!envelopePayload(envelope).equals(bytes))
    throw invalid(beside, `the signature is about other bytes than ${path}`);
  if (verifier === undefined) return 'unchecked';
  return envelopeSignedBy(envelope, bytes, verifier) ? 'valid' : 'wrong';
}

// Whether an envelope is about these bytes (and by this signer), or undefined when there is none.
async function holds(beside: string, bytes: Buffer, signer: Signer | undefined): Promise<boolean | undefined> {
  try {
    const sealed = await readEvidence(beside, ENVELOPE_LIMIT);
    if (sealed === undefined) return undefined;
    const envelope = parseEnvelope(sealed, beside);
    return (
      envelopePayload(envelope).equals(bytes) && (signer === undefined || envelopeSignedBy(envelope, bytes, signer))
    );
  } catch (error) {
    if (error instanceof BatonError && error.code === 'EVIDENCE_INVALID') return false;
    throw error;
  }
}

async function readEvidence(path: string, limit: number): Promise<Buffer | undefined> {
  try {
    return await readFileLimited(path, limit);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined;
    if (error instanceof BatonError) throw new BatonError('EVIDENCE_INVALID', error.message, { cause: error });
    throw toBatonError(error);
  }
}

function invalid(where: string, message: string): BatonError {
  return new BatonError('EVIDENCE_INVALID', `${where}: ${message}`, {
    hint: 'The file was changed after it was written: make it again.',
  });
}
