import { expect, test } from 'vitest';
import { summarise, type TestReport } from './summary.ts';

type File = TestReport['testResults'][number];
const file = (
  name: string,
  results: [File['assertionResults'][number]['status'], string][],
  more: Partial<File> = {},
): File => ({
  name: `/repo/${name}`,
  status: results.some(([status]) => status === 'failed') ? 'failed' : 'passed',
  startTime: 1000,
  endTime: 3500,
  message: '',
  assertionResults: results.map(([status, fullName]) => ({ status, fullName })),
  ...more,
});

test('a row for each proof, and all holds', () => {
  const { text, holds } = summarise(
    {
      testResults: [
        file('libs/a.prove.ts', [
          ['passed', 'one'],
          ['passed', 'two'],
        ]),
      ],
    },
    '/repo',
  );
  expect(text).toMatch(/proved +libs\/a\.prove\.ts +2 +0 +0 +2\.5/);
  expect(holds).toBe(true);
});

test('what failed and what was skipped is named', () => {
  const { text, holds } = summarise(
    {
      testResults: [
        file('a', [
          ['passed', 'one'],
          ['failed', 'build > two'],
        ]),
        file('b', [['skipped', 'three (needs apt: none)']]),
      ],
    },
    '/repo',
  );
  expect(text).toContain('Failed:\n  build > two');
  expect(text).toContain('Not proved here:\n  three (needs apt: none)');
  expect(text).toMatch(/FAILED +a/);
  expect(text).toMatch(/skipped +b/);
  expect(holds).toBe(false);
});

test('a file that does not even load does not hold', () => {
  const broken = file('a', [], { status: 'failed', message: 'SyntaxError: no' });
  const { text, holds } = summarise({ testResults: [broken] }, '/repo');
  expect(text).toContain('Files that did not run:\n  SyntaxError: no');
  expect(holds).toBe(false);
});

test('nothing proved is no proof', () => {
  expect(summarise({ testResults: [] }, '/repo').holds).toBe(false);
  expect(summarise({ testResults: [file('b', [['skipped', 'three']])] }, '/repo').holds).toBe(false);
});
