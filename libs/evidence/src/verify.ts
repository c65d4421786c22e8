import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BatonError, type Digest, errnoOf, toBatonError } from '@baton/kernel';
import { type EvidencePolicy, refusalOf } from './demand.ts';
import { type ReadStatement, readStatement } from './files.ts';
import { failedChecks } from './statement.ts';

/** What verifying a statement found. */
export interface Verification {
  read: ReadStatement;
  /** `signed` by the configured key; `unsigned`, or signed by a key that is not configured here; `wrong`. */
  state: 'signed' | 'unsigned' | 'wrong';
  /** Whether the policy takes it, and everything it relies on was found where that was asked for. */
  accepted: boolean;
  /** Why not, one line each. */
  reasons: string[];
  /** The statements it relies on, and the files that are them; empty unless a directory was given. */
  relied: { digest: Digest; path?: string }[];
}

/**
 * Checks a statement against a policy, and where a directory is given, that every statement it relies on is in there.
 *
 * @param options.directory where to look for the statements relied on: each `.json` file in it is read and hashed
 * @throws BatonError `EVIDENCE_MISSING`, `EVIDENCE_INVALID` when the file itself is not a statement
 */
export async function verifyStatement(
  path: string,
  policy: EvidencePolicy,
  options: { directory?: string } = {},
): Promise<Verification> {
  const read = await readStatement(path, { verifier: policy.verifier });
  const reasons: string[] = [];
  const refusal = refusalOf(read, policy);
  if (refusal !== undefined) reasons.push(refusal);
  reasons.push(...failedChecks(read.statement));
  const relied = options.directory === undefined ? [] : await reliedOn(read, options.directory, policy, reasons);
  const state = read.signature === 'valid' ? 'signed' : read.signature === 'wrong' ? 'wrong' : 'unsigned';
  return { read, state, accepted: reasons.length === 0, reasons, relied };
}

async function reliedOn(
  read: ReadStatement,
  directory: string,
  policy: EvidencePolicy,
  reasons: string[],
): Promise<Verification['relied']> {
  const found = await statementsIn(directory, policy);
  return read.statement.predicate.statements.map((digest) => {
    const there = found.get(digest);
    if (there === undefined) {
      reasons.push(`it relies on the statement ${digest}, which is not in ${directory}`);
      return { digest };
    }
    const refusal = refusalOf(there, policy);
    if (refusal !== undefined) reasons.push(`it relies on ${there.path}: ${refusal}`);
    return { digest, path: there.path };
  });
}

async function statementsIn(directory: string, policy: EvidencePolicy): Promise<Map<Digest, ReadStatement>> {
  const names = await readdir(directory).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return [];
    throw toBatonError(error);
  });
  const found = new Map<Digest, ReadStatement>();
  for (const name of names.sort()) {
    if (!name.endsWith('.json') || name.endsWith('.dsse.json')) continue;
    const read = await readStatement(join(directory, name), { verifier: policy.verifier }).catch((error: unknown) => {
      // Another file in there that is no statement is not what was asked about.
      if (error instanceof BatonError) return undefined;
      throw error;
    });
    if (read !== undefined) found.set(read.digest, read);
  }
  return found;
}
