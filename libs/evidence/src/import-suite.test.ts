import { sha256 } from '@baton/kernel';
import { describe, expect, test } from 'vitest';
import { importSuite } from './import-suite.ts';

const DIGEST = sha256('the image');
const from = (junit: string | Uint8Array) =>
  importSuite({ kind: 'e2e', subject: 'acme/agent', digest: DIGEST, junit: Buffer.from(junit), where: 'results.xml' });

const CASE = '<testcase name="a"/>';
const FAILED = '<testcase name="b"><failure message="no">trace &lt;x&gt;</failure></testcase>';
const ERROR = '<testcase name="c"><error/><failure/></testcase>';
const SKIPPED = '<testcase name="d"><skipped/></testcase>';

describe('a suite', () => {
  test.each([
    ['that passed', `<testsuite>${CASE}${SKIPPED}</testsuite>`, 'imported', 'passed', undefined],
    ['with a failure', `<testsuite>${CASE}${FAILED}</testsuite>`, 'diverged', 'failed', 'SUITE_FAILED'],
    [
      'with an error',
      `<testsuites><testsuite>${CASE}${ERROR}</testsuite></testsuites>`,
      'diverged',
      'failed',
      'SUITE_FAILED',
    ],
    ['without cases', '<testsuites/>', 'undetermined', 'pending', 'SUITE_UNDETERMINED'],
    ['all skipped', `<testsuite>${SKIPPED}</testsuite>`, 'undetermined', 'pending', 'SUITE_UNDETERMINED'],
    [
      'that announces more',
      `<testsuite tests="2">${CASE}</testsuite>`,
      'undetermined',
      'pending',
      'SUITE_UNDETERMINED',
    ],
    [
      'that announces a failure',
      `<testsuite tests="1" failures="1">${CASE}</testsuite>`,
      'diverged',
      'failed',
      'SUITE_FAILED',
    ],
  ])('%s', (_, junit, result, check, code) => {
    const { statement, refusal } = from(`<?xml version="1.0"?>\n${junit}`);
    expect(statement.predicate.result).toBe(result);
    expect(statement.predicate.checks).toMatchObject([{ id: 'suite', result: check }]);
    expect(refusal?.code).toBe(code);
  });

  test('is counted by its cases, also in suites within suites', () => {
    const inner = `<testsuite tests="2">${CASE}${FAILED}</testsuite>`;
    const { counts } = from(`<testsuites><testsuite tests="4">${inner}${ERROR}${SKIPPED}</testsuite></testsuites>`);
    expect(counts).toEqual({
      tests: 4,
      failures: 1,
      errors: 1,
      skipped: 1,
      announced: { tests: 4, failures: 0, errors: 0 },
    });
  });

  test('gives the same statement each time, about the digest and from the file', () => {
    const { statement } = from(`<testsuite>${CASE}</testsuite>`);
    expect(statement).toEqual(from(`<testsuite>${CASE}</testsuite>`).statement);
    expect(statement.subject).toEqual([{ name: 'acme/agent', digest: { sha256: DIGEST.slice(7) } }]);
    expect(statement.predicate).toMatchObject({ imported: { kind: 'e2e', tests: 1 }, materials: [{ role: 'junit' }] });
  });
});

test.each([
  ['cut off', `<testsuite>${CASE}`],
  ['another root', `<html>${CASE}</html>`],
  ['no XML', 'ok 1 - a'],
  ['empty', ''],
  ['two roots', '<testsuite/><testsuite/>'],
  ['an entity of its own', '<!DOCTYPE x [<!ENTITY a "b">]><testsuite>&a;</testsuite>'],
])('%s is no JUnit file', (_, junit) => {
  expect(() => from(junit)).toThrow(/^results.xml: expected a JUnit file, found /);
});

test('bytes that are not UTF-8 are refused', () => {
  expect(() => from(new Uint8Array([0x3c, 0xff]))).toThrow('found not UTF-8');
});
