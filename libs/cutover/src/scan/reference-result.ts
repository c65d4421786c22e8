import type { ScanResult } from '../model/plan.ts';

/** A dead reference, before exceptions. */
export interface DeadReference {
  path: string;
  line: number;
  text: string;
  what: string;
  /** False: told with this reason, and no error. */
  finding: boolean;
  why: string;
}

/** An exception of a manifest: a file and a reference in it as written. */
export interface ReferenceException {
  path: string;
  reference: string;
  reason: string;
}

/** Sorts dead references into findings, those that an exception allows, and those that are no error; exceptions must be used. */
export function sortOut(
  dead: readonly DeadReference[],
  exceptions: readonly ReferenceException[],
): Pick<ScanResult, 'findings' | 'allowed' | 'unusedExceptions'> {
  const used = new Set<ReferenceException>();
  const findings: ScanResult['findings'][number][] = [];
  const allowed: ScanResult['allowed'][number][] = [];
  for (const { path, line, text, what, finding, why } of dead) {
    const exception = exceptions.find((one) => one.path === path && one.reference === text);
    if (exception !== undefined) used.add(exception);
    if (finding && exception === undefined) findings.push({ path, line, text, what: `${what}: ${why}` });
    else allowed.push({ path, line, text, reason: exception?.reason ?? `${what}: ${why}` });
  }
  const unused = exceptions.filter((exception) => !used.has(exception));
  return { findings, allowed, unusedExceptions: unused.map(({ path, reference }) => ({ path, what: reference })) };
}
