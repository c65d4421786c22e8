import { relative } from 'node:path';
import { table } from '@baton/report';

/** The part of vitest's JSON report that the summary is drawn from. */
export interface TestReport {
  testResults: {
    name: string;
    status: 'passed' | 'failed';
    startTime: number;
    endTime: number;
    message: string;
    assertionResults: {
      status: 'passed' | 'failed' | 'skipped' | 'pending' | 'todo';
      fullName: string;
      failureMessages?: string[];
    }[];
  }[];
}

/** What the proofs showed: a row for each file, the names of what was skipped or failed, and whether all of it holds. */
export function summarise(report: TestReport, root: string): { text: string; holds: boolean } {
  const rows = report.testResults.map(({ name, status, startTime, endTime, assertionResults }) => {
    const count = (wanted: string): number => assertionResults.filter((result) => result.status === wanted).length;
    const skipped = assertionResults.length - count('passed') - count('failed');
    const state = status === 'failed' ? 'FAILED' : count('passed') === 0 ? 'skipped' : 'proved';
    return [
      state,
      relative(root, name),
      String(count('passed')),
      String(count('failed')),
      String(skipped),
      ((endTime - startTime) / 1000).toFixed(1),
    ];
  });
  const named = (title: string, states: readonly string[]): string[] => {
    const names = report.testResults.flatMap(({ assertionResults }) =>
      assertionResults.filter(({ status }) => states.includes(status)).map(({ fullName }) => `  ${fullName}`),
    );
    return names.length === 0 ? [] : ['', `${title}:`, ...names];
  };
  const broken = report.testResults.filter(({ message }) => message !== '').map(({ message }) => `  ${message}`);
  const text = [
    table(rows, { header: ['Result', 'Proof', 'passed', 'failed', 'skipped', 'seconds'] }),
    ...named('Failed', ['failed']),
    ...named('Not proved here', ['skipped', 'pending', 'todo']),
    ...(broken.length === 0 ? [] : ['', 'Files that did not run:', ...broken]),
  ].join('\n');
  const ran = rows.some(([state]) => state === 'proved');
  return { text: `${text}\n`, holds: ran && rows.every(([state]) => state !== 'FAILED') };
}
