import { BatonError } from '@baton/kernel';
import { SaxesParser } from 'saxes';

/** What a JUnit file says of a suite: cases that are written out, by how they ended. */
export interface JunitCounts {
  tests: number;
  failures: number;
  errors: number;
  skipped: number;
  /** What the suites' own attributes announce, where they have any. */
  announced: { tests: number; failures: number; errors: number } | undefined;
}

/**
 * Counts the cases of a JUnit file (root `testsuites` or `testsuite`). Strict XML without external entities, so a file that was cut
 * off does not count for what it still holds.
 *
 * @param where what messages call the file
 * @throws BatonError `EVIDENCE_INVALID` for anything but a whole JUnit file
 */
export function readJunit(bytes: Uint8Array, where: string): JunitCounts {
  const counts: JunitCounts = { tests: 0, failures: 0, errors: 0, skipped: 0, announced: undefined };
  const open: string[] = [];
  const ends = new Set<string>();
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw notJunit(where, error.message.split('\n')[0] ?? 'not XML');
  });
  parser.on('opentag', ({ name, attributes }) => {
    if (open.length === 0 && name !== 'testsuites' && name !== 'testsuite') {
      throw notJunit(where, `its root is <${name}>`);
    }
    // Suites within suites repeat what is announced: only the outermost ones count.
    if (name === 'testsuite' && !open.includes('testsuite')) announce(counts, attributes);
    if (open.at(-1) === 'testcase') ends.add(name);
    open.push(name);
  });
  parser.on('closetag', ({ name }) => {
    open.pop();
    if (name !== 'testcase') return;
    counts.tests += 1;
    // One case may have both, and it fails once.
    if (ends.has('error')) counts.errors += 1;
    else if (ends.has('failure')) counts.failures += 1;
    else if (ends.has('skipped')) counts.skipped += 1;
    ends.clear();
  });
  parser.write(decode(bytes, where)).close();
  return counts;
}

function announce(counts: JunitCounts, attributes: Readonly<Record<string, string>>): void {
  if (attributes.tests === undefined) return;
  const known = counts.announced ?? { tests: 0, failures: 0, errors: 0 };
  const number = (name: 'tests' | 'failures' | 'errors'): number => {
    const value = Number(attributes[name] ?? 0);
    return known[name] + (Number.isSafeInteger(value) && value > 0 ? value : 0);
  };
  counts.announced = { tests: number('tests'), failures: number('failures'), errors: number('errors') };
}

function decode(bytes: Uint8Array, where: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw notJunit(where, 'not UTF-8');
  }
}

function notJunit(where: string, found: string): BatonError {
  return new BatonError('EVIDENCE_INVALID', `${where}: expected a JUnit file, found ${found}`, {
    hint: 'Write it again with the JUnit reporter of the suite, and wait until the suite has ended.',
  });
}
