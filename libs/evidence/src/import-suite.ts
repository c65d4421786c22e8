import { BatonError, type Digest, digestHex, sha256, VERSION } from '@baton/kernel';
import { type JunitCounts, readJunit } from './junit.ts';
import type { Result, Statement } from './schema.ts';
import { statement } from './statement.ts';

/** The result of a suite that Baton does not run. */
export interface SuiteImport {
  /** What the suite is called; a gate asks for it by this name. */
  kind: string;
  /** What was tested: the name of an image without its digest. */
  subject: string;
  digest: Digest;
  /** The JUnit file, and what messages call it. */
  junit: Uint8Array;
  where: string;
}

/** A statement about a suite, and the answer when that is not a pass. */
export interface ImportedSuite {
  statement: Statement;
  counts: JunitCounts;
  refusal: BatonError | undefined;
}

/**
 * Wraps the result of a suite as a statement: `imported` only when at least one case ran and none failed; `diverged` when one did;
 * `undetermined` when none ran, or the file holds fewer cases than it announces.
 *
 * @throws BatonError `EVIDENCE_INVALID` for a file that is no JUnit file, or names that no statement may hold
 */
export function importSuite({ kind, subject, digest, junit, where }: SuiteImport): ImportedSuite {
  const counts = readJunit(junit, where);
  const { result, detail } = judge(counts);
  const { tests, failures, errors, skipped } = counts;
  const made = statement('imported', {
    subject: [{ name: subject, digest: { sha256: digestHex(digest) } }],
    tool: { name: 'baton', version: VERSION },
    materials: [{ name: 'junit', digest: { sha256: digestHex(sha256(junit)) }, role: 'junit' }],
    result,
    checks: [{ id: 'suite', result: CHECKS[result] ?? 'pending', detail }],
    imported: { kind, tests, failures, errors, skipped },
  });
  return { statement: made, counts, refusal: refusalFor(result, `${kind}, ${where}: ${detail}`) };
}

const CHECKS: Partial<Record<Result, 'passed' | 'failed'>> = { imported: 'passed', diverged: 'failed' };

function judge({ tests, failures, errors, skipped, announced }: JunitCounts): { result: Result; detail: string } {
  const failed = Math.max(failures + errors, (announced?.failures ?? 0) + (announced?.errors ?? 0));
  const ran = tests - skipped;
  const counted = `${tests} cases, ${failed} failed, ${skipped} skipped`;
  if (failed > 0) return { result: 'diverged', detail: counted };
  if (ran <= 0) return { result: 'undetermined', detail: `${counted}: nothing ran` };
  if (announced !== undefined && announced.tests > tests) {
    return { result: 'undetermined', detail: `${counted}, and ${announced.tests} are announced` };
  }
  return { result: 'imported', detail: counted };
}

function refusalFor(result: Result, message: string): BatonError | undefined {
  if (result === 'imported') return undefined;
  const hint =
    'The statement says so too, and no gate takes it for a pass: mend the suite, run it again, import again.';
  return new BatonError(result === 'diverged' ? 'SUITE_FAILED' : 'SUITE_UNDETERMINED', message, { hint });
}
