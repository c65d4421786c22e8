import { expect, test } from 'vitest';
import { describeAgain, failedFiles } from './failures.ts';
import type { TestReport } from './summary.ts';

type File = TestReport['testResults'][number];
type State = File['assertionResults'][number]['status'];

const file = (name: string, states: readonly State[], more: Partial<File> = {}): File => ({
  name: `/repo/${name}`,
  status: states.includes('failed') ? 'failed' : 'passed',
  startTime: 0,
  endTime: 1,
  message: '',
  assertionResults: states.map((status, index) => ({
    status,
    fullName: `test ${index}`,
    ...(status === 'failed' ? { failureMessages: [`Error: number ${index}\n    at somewhere`] } : {}),
  })),
  ...more,
});
const report = (...testResults: File[]): TestReport => ({ testResults });
const first = report(file('a', ['passed', 'failed']), file('b', ['passed']), file('c', ['failed']));

test('the files that failed', () => {
  expect(failedFiles(first)).toEqual(['/repo/a', '/repo/c']);
});

test('what holds alone is unsteady, and named', () => {
  const again = report(file('a', ['passed', 'passed']), file('c', ['passed']));
  const { text, holds } = describeAgain(first, again, '/repo');
  expect(holds).toBe(true);
  expect(text).toContain('unsteady: failed among others, held alone: a\n  at first: test 1: Error: number 1\n');
});

test('what fails twice is a finding', () => {
  const { text, holds } = describeAgain(first, report(file('a', ['passed', 'passed']), file('c', ['failed'])), '/repo');
  expect(holds).toBe(false);
  expect(text).toContain('FAILED TWICE: c\n  at first: test 0: Error: number 0\n  again:    test 0: Error: number 0\n');
});

test('what was not run again, or was skipped, does not hold', () => {
  expect(describeAgain(first, report(file('a', ['passed'])), '/repo')).toMatchObject({ holds: false });
  expect(describeAgain(first, report(file('a', ['passed']), file('c', ['skipped'])), '/repo').holds).toBe(false);
  expect(describeAgain(report(), report(), '/repo').holds).toBe(false);
});

test('a file that does not load says why', () => {
  const broken = report(file('d', [], { status: 'failed', message: 'SyntaxError: no\n  at d' }));
  expect(describeAgain(broken, broken, '/repo').text).toContain('at first: did not run: SyntaxError: no\n');
});
