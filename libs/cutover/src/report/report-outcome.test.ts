import { describe, expect, test } from 'vitest';
import type { AppliedCutover, CutoverVerification, RevertedCutover } from '../engine/types.ts';
import { outcomeJson, planError, planJson, verificationError } from './plan-outcome.ts';
import { reportApplied, reportReverted, reportVerification } from './report-outcome.ts';
import { examplePlan, readyPlan } from './test-plans.ts';

const ID = (digit: string): string => digit.repeat(40);
const applied: AppliedCutover = { state: 'applied', commit: ID('c'), tree: ID('f'), ref: 'refs/heads/cutover/pump' };
const verification: CutoverVerification = {
  state: 'different',
  commit: ID('c'),
  parent: ID('a'),
  tree: { expected: ID('f'), found: ID('0') },
  expectedCommit: ID('d'),
  payload: [{ what: 'message', expected: 'one\ntwo', found: 'x' }],
  manifestDigest: { expected: 'sha256:1', found: 'sha256:1' },
  differences: [
    {
      path: 'a b',
      expected: { mode: '100644', id: ID('1') },
      found: { mode: '100755', id: ID('2') },
      diff: [{ oldStart: 1, oldLines: 1, newStart: 1, newLines: 1, lines: ['-was', '+is'] }],
    },
    { path: 'gone', expected: { mode: '100644', id: ID('1') } },
  ],
};

describe('what became of a plan', () => {
  test('names the branch, and what comes next', () => {
    expect(reportApplied({ ...applied, before: ID('9') })).toBe(
      [
        'applied',
        `commit  ${ID('c')}`,
        `tree    ${ID('f')}`,
        'branch  refs/heads/cutover/pump',
        `was at  ${ID('9')}`,
        'next: baton cutover verify cutover/pump, then baton cutover open',
      ].join('\n'),
    );
  });

  test('a second run says that nothing changed', () => {
    const text = reportApplied({ ...applied, state: 'already-done', before: ID('c') });
    expect(text).toMatch(/^already done, nothing changed\n/);
    expect(text).not.toMatch(/was at|next:/);
  });

  test('lists what a checkout keeps in directories that are gone', () => {
    const text = reportApplied({ ...applied, checkout: { dir: '/w', leftovers: ['old/x.pyc', 'old/\u001b[2J'] } });
    expect(text).toContain('├─ old/x.pyc\n');
    expect(text).not.toContain('\u001b');
  });
});

describe('a verdict', () => {
  test('that differs says where, and the lines', () => {
    expect(reportVerification(verification)).toBe(
      [
        'different: 2 paths are not what parent and manifest give',
        `commit         ${ID('c')}`,
        `parent         ${ID('a')}`,
        `tree           ${ID('0')}`,
        `expected tree  ${ID('f')}`,
        'manifest       sha256:1',
        'differences',
        '├─ message: expected one\\ntwo, found x',
        '├─ a b: expected 100644 111111111111, found 100755 222222222222',
        '└─ gone: expected 100644 111111111111, found nothing',
        '',
        'from what was expected to what was found:',
        '',
        '--- a b',
        '+++ a b',
        '@@ -1,1 +1,1 @@',
        '-was',
        '+is',
      ].join('\n'),
    );
    expect(verificationError(verification)).toMatchObject({
      code: 'CUTOVER_DIFFERENT',
      message: expect.stringContaining('2 paths differ: a b, gone'),
      hint: expect.stringContaining('into the manifest'),
    });
  });

  test('about a commit that is no cutover asks whether it is the right one', () => {
    const other = { ...verification, manifestDigest: { expected: 'sha256:1', found: undefined } };
    expect(reportVerification(other)).toContain('sha256:1 (the commit names none)');
    expect(verificationError(other)?.hint).toMatch(/is it the one that the cutover made/);
  });

  test('with hundreds of paths stays short', () => {
    const [one] = verification.differences;
    if (one === undefined) throw new Error('no difference');
    const differences = Array.from({ length: 300 }, (_, index) => ({ ...one, path: `p${index}` }));
    const text = reportVerification({ ...verification, differences });
    expect(text.split('\n').length).toBeLessThan(60);
    expect(text).toContain('and 260 more; --json has them all');
    expect(verificationError({ ...verification, differences })?.details.paths).toHaveLength(300);
  });

  test('that is good is no error', () => {
    expect(verificationError({ ...verification, state: 'same-tree' })).toBeUndefined();
    expect(reportVerification({ ...verification, state: 'identical', payload: [], differences: [] })).toMatch(
      /^identical: .*\n(.+ {2}.+\n?){4}$/,
    );
  });
});

test('a revert says what it undoes, and what is proved', () => {
  const reverted: RevertedCutover = {
    cutover: { commit: ID('c'), subject: 'pump: \u001b[31mnew', name: 'pump' },
    commit: ID('e'),
    parent: ID('c'),
    tree: ID('b'),
    inputTree: ID('b'),
    proof: 'tree',
    paths: 3,
    alreadyDone: false,
  };
  expect(reportReverted(reverted, true)).toMatch(/^can be reverted\nundoes {2}c{40} pump: \\x1b\[31mnew\n/);
  expect(reportReverted({ ...reverted, proof: 'paths' }, false)).toContain(
    'there were later commits: every path of the cutover is as it was before it (3 paths)',
  );
  expect(reportReverted({ ...reverted, alreadyDone: true }, false)).toMatch(/^reverted before, nothing changed/);
});

describe('as data', () => {
  test('objects are counted, everything else is told', () => {
    const object = { type: 'blob' as const, id: ID('1'), bytes: Buffer.from('x') };
    const json = planJson(examplePlan({ objects: [object, { ...object, type: 'tree' }, object] }));
    expect(json).toMatchObject({ state: 'failed', objects: { blobs: 2, trees: 1, commits: 0 }, name: 'pump' });
    expect(JSON.stringify(json)).toContain('"uses snake here"'.replace('"uses', '"  uses'));
    expect(outcomeJson({ plan: readyPlan(), applied: undefined })).toMatchObject({
      plan: { state: 'passed' },
      applied: null,
    });
  });

  test('failed parts are rejected, unseen ones pending, a plan that is done neither', () => {
    expect(planError(examplePlan())).toMatchObject({
      code: 'CUTOVER_REJECTED',
      message: 'cutover pump: 2 parts failed: no-old, builds',
    });
    expect(planError(examplePlan({ scans: [], acceptance: [] }))).toMatchObject({
      code: 'CUTOVER_PENDING',
      details: { pending: ['suite'] },
    });
    expect(planError(readyPlan())).toBeUndefined();
    expect(planError(examplePlan({ alreadyDone: { commit: ID('a'), why: 'tree' } }))).toBeUndefined();
  });
});
