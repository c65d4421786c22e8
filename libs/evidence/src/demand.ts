import { BatonError, type Digest, type Emit, silent } from '@baton/kernel';
import { type ReadStatement, readStatement } from './files.ts';
import type { Verifier } from './keys.ts';
import { describeUse } from './report.ts';
import type { Result } from './schema.ts';
import { capabilityOf, failedChecks, subjectDigests } from './statement.ts';

/** Which statements are accepted. */
export interface EvidencePolicy {
  /** `unsigned` accepts all and says so; `key` wants a signature by the verifier's key. */
  policy: 'unsigned' | 'key';
  verifier?: Verifier | undefined;
}

/** What a caller wants proven before it goes on. */
export interface Demand {
  capability: string;
  /** What the statement must be about. */
  subject: Digest;
  /** Which results will do; any by default. */
  results?: readonly Result[];
  /** `unsigned` by default. */
  policy?: EvidencePolicy;
  /** Told of the use, and of `unsigned`. */
  emit?: Emit;
  /** The next step when it is not there. */
  hint?: string;
}

/**
 * Reads a statement that somebody relies on, and insists on what it must say.
 *
 * @throws BatonError `EVIDENCE_MISSING` (no file), `EVIDENCE_MISMATCH` (about other bytes, by another capability, another
 *   result), `EVIDENCE_INVALID` (damaged, not canonical, signature wrong or lacking where the policy wants one)
 */
export async function demandStatement(path: string, demand: Demand): Promise<ReadStatement> {
  const policy = demand.policy ?? { policy: 'unsigned' };
  const read = await readStatement(path, { verifier: policy.verifier }).catch((error: unknown) => {
    throw error instanceof BatonError && error.code === 'EVIDENCE_MISSING' ? missing(path, demand) : error;
  });
  demandFacts(read, demand);
  const refusal = refusalOf(read, policy);
  if (refusal !== undefined) {
    throw new BatonError('EVIDENCE_INVALID', `${path}: ${refusal}`, {
      hint:
        read.signature === 'wrong'
          ? 'Make the statement again with the configured key, or configure the key that it was signed with.'
          : 'Sign it (BATON_SIGNING_KEY names the key), configure the key in evidence.key, or relax evidence.policy.',
    });
  }
  (demand.emit ?? silent)({
    type: 'note',
    label: 'evidence',
    detail: describeUse(read),
    data: { statement: read.digest, signature: read.signature },
  });
  return read;
}

/** Why a policy does not accept a statement, or undefined. A wrong signature is refused by every policy. */
export function refusalOf(read: ReadStatement, policy: EvidencePolicy): string | undefined {
  if (read.signature === 'wrong') return 'the signature is not by the configured key';
  if (policy.policy === 'unsigned') return undefined;
  if (policy.verifier === undefined) return 'the policy is "key" and no key is configured';
  return read.signature === 'valid' ? undefined : 'the statement is unsigned and the policy is "key"';
}

function demandFacts({ path, statement: made }: ReadStatement, demand: Demand): void {
  const capability = capabilityOf(made);
  if (capability !== demand.capability) {
    throw mismatch(path, `expected a statement by ${demand.capability}, found one by ${capability}`, demand);
  }
  const about = subjectDigests(made);
  if (!about.includes(demand.subject)) {
    throw mismatch(
      path,
      `expected a statement about ${demand.subject}, found one about ${about.join(', ') || 'no sha256'}`,
      demand,
    );
  }
  const { result } = made.predicate;
  if (demand.results !== undefined && !demand.results.includes(result)) {
    throw mismatch(path, `expected the result ${demand.results.join(' or ')}, found ${result}`, demand);
  }
  const [failed] = failedChecks(made);
  if (failed !== undefined) throw mismatch(path, failed, demand);
}

function missing(path: string, demand: Demand): BatonError {
  return new BatonError(
    'EVIDENCE_MISSING',
    `no statement at ${path}: expected one by ${demand.capability} about ${demand.subject}`,
    {
      hint: demand.hint ?? 'Run the target that makes it: statements are outputs, in dist/evidence.',
    },
  );
}

function mismatch(path: string, message: string, demand: Demand): BatonError {
  return new BatonError('EVIDENCE_MISMATCH', `${path}: ${message}`, {
    hint: demand.hint ?? 'The statement belongs to an earlier run: make both again.',
  });
}
