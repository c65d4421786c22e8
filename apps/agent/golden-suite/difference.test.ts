import { expect, test } from 'vitest';
import { differenceReport, firstDifference } from './difference.ts';

const differ = (expected: string, found: string): string[] | undefined =>
  firstDifference(Buffer.from(expected, 'latin1'), Buffer.from(found, 'latin1'))?.split('\n');

test('the first line that differs is shown, with every byte visible', () => {
  expect(differ('a\nb\n', 'a\nb\n')).toBeUndefined();
  expect(differ('a\nb \t\nc\n', 'a\nb \xe2\x80\\\nc\n')).toEqual([
    'line 2 of 3, column 3:',
    '    expected: "b \\t\\n"',
    '    found:    "b \\xe2\\x80\\\\\\n"',
  ]);
});

test('a newline at the end, and text that is missing or too much, can be seen', () => {
  expect(differ('a\n', 'a')).toEqual(['line 1 of 1, column 2:', '    expected: "a\\n"', '    found:    "a"']);
  expect(differ('a\nb', 'a\n')?.slice(1)).toEqual(['    expected: "b"', '    found:    (nothing more)']);
  expect(differ('', '\0')?.slice(1)).toEqual(['    expected: (nothing more)', '    found:    "\\x00"']);
});

test('of a long line the part around the difference is shown', () => {
  const [at, wanted = '', got = ''] = differ(`${'x'.repeat(1000)}a${'y'.repeat(1000)}`, 'x'.repeat(1000)) ?? [];
  expect(at).toBe('line 1 of 1, column 1001:');
  expect(wanted).toMatch(/"x{70}ay{69}"\(\.\.\.\)$/);
  expect(got).toMatch(/"x{70}"$/);
});

test('a report says how to run the scenario again, and where its trees are', () => {
  const scenario = { name: 'one', title: 'what it is' };
  const differences = [{ where: 'run 1 exit', problem: '0, found 1' }];
  expect(differenceReport(scenario, differences).split('\n')).toEqual([
    'one (what it is): 1 difference from the recording',
    '  run 1 exit: 0, found 1',
    "again: npx vitest run apps/agent/golden-suite -t 'one:'",
    'BATON_KEEP_GOLDENS=<directory> keeps the trees of a scenario that fails',
  ]);
  expect(differenceReport(scenario, differences, 'kept/one')).toMatch(/\nkept in kept\/one$/);
});
