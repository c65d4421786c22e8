import { relative } from 'node:path';
import type { TestReport } from './summary.ts';

/** The files of a report in which something failed, or that did not even load. */
export function failedFiles(report: TestReport): string[] {
  return report.testResults.filter(({ status }) => status === 'failed').map(({ name }) => name);
}

/**
 * What failed at first and how it went by itself.
 *
 * It holds when every file that failed was run again and nothing failed in it.
 */
export function describeAgain(first: TestReport, again: TestReport, root: string): { text: string; holds: boolean } {
  const second = new Map(again.testResults.map((result) => [result.name, result]));
  const lines: string[] = [];
  let holds = true;
  for (const result of first.testResults.filter(({ status }) => status === 'failed')) {
    const repeated = second.get(result.name);
    const held = repeated?.status === 'passed' && repeated.assertionResults.some(({ status }) => status === 'passed');
    holds &&= held;
    lines.push(
      `${held ? 'unsteady: failed among others, held alone' : 'FAILED TWICE'}: ${relative(root, result.name)}`,
    );
    for (const { title, message } of failures(result)) lines.push(`  at first: ${title}: ${message}`);
    if (repeated === undefined) lines.push('  was not run again');
    else for (const { title, message } of failures(repeated)) lines.push(`  again:    ${title}: ${message}`);
  }
  return { text: `${lines.join('\n')}\n`, holds: holds && lines.length > 0 };
}

function failures(result: TestReport['testResults'][number]): { title: string; message: string }[] {
  const failed = result.assertionResults
    .filter(({ status }) => status === 'failed')
    .map(({ fullName, failureMessages }) => ({ title: fullName, message: firstLine(failureMessages?.[0] ?? '') }));
  return failed.length > 0 || result.message === ''
    ? failed
    : [{ title: 'did not run', message: firstLine(result.message) }];
}

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? '').slice(0, 300);
}
