import { describe, expect, test } from 'vitest';
import { reportPlan } from './report-plan.ts';
import { edit, examplePlan, HOSTILE_TEXTS, hostilePlan, largePlan, readyPlan } from './test-plans.ts';
import { planState, verdictWords } from './words.ts';

describe('a plan for a terminal', () => {
  test('is told as a tree, failures first, and files by path', () => {
    const [drawn] = reportPlan(examplePlan(), { diff: false }).split('\n\n');
    expect(drawn).toBe(
      [
        'cutover pump',
        '├─ paths: 700 → 659 files (56 kept, 601 moved, 42 deleted, 1 replaced, 2 created; 2 edited)',
        '│  ├─ paths[0] delete: 42 files, because it is old',
        '│  │  ├─ pump/old (41 files)',
        '│  │  └─ pump/setup.cfg',
        '│  ├─ paths[1] flatten: 601 files',
        '│  │  ├─ pump/next/Makefile → pump/Makefile (in place of what is replaced)',
        '│  │  └─ pump/next/src → pump/src (600 files)',
        '│  ├─ paths[2] create: 1 file',
        '│  │  └─ + pump/NOTES',
        '│  └─ pump: 644 → 603 files',
        '├─ edits: 2 files',
        '│  ├─ pump/Makefile (from pump/next/Makefile, a rename with edits) +1 -1',
        '│  │  └─ edits[0] replace: 2 places, because the name changed',
        '│  └─ z/last.md +1 -1',
        '│     └─ edits[0] replace: 2 places, because the name changed',
        '├─ generated: 1 file',
        '│  └─ pump/gen.txt (generate[0] run, new)',
        '├─ requirements',
        '│  └─ ✓ passed branch: the base is the head of main: aaaa',
        '├─ scans',
        '│  └─ ✗ failed no-old: 1 finding, 1 allowed with a reason, 1 unused exception in 60 blobs (20 known from before)',
        '│     ├─ docs/a b.md:3: snake: uses snake here',
        '│     └─ exception that matches nothing: docs/gone.md: snake 2',
        '├─ acceptance',
        '│  ├─ ✗ failed builds: exit code 2',
        '│  │  └─ main.c:1: error',
        '│  └─ ✓ passed moved: it moved: 2 paths found',
        '└─ gates',
        '   └─ ? pending suite: the imported result of e2e: no such statement',
      ].join('\n'),
    );
  });

  test('shows diffs with tabs as they are, carriage returns seen, and the missing end of a line', () => {
    const text = reportPlan(
      examplePlan({
        edits: [
          edit({ path: 'b', from: 'a' }),
          edit({
            path: 'new',
            diff: [
              {
                oldStart: 0,
                oldLines: 0,
                newStart: 1,
                newLines: 1,
                lines: ['+x', '\\ No newline at end of file'],
              },
            ],
          }),
          edit({ path: 'same', diff: [] }),
        ],
      }),
      { diff: true },
    );
    expect(text).toContain('--- a\n+++ b\n@@ -3,3 +3,3 @@\n same\n-\told\\x0d\n+\tnew\\x0d\n end\n');
    expect(text).toContain('--- /dev/null\n+++ new\n@@ -0,0 +1,1 @@\n+x\n\\ No newline at end of file\n');
    expect(text).not.toContain('+++ same');
  });

  test('is short for hundreds of files, and counts the rest', () => {
    const text = reportPlan(largePlan(600), { diff: false });
    expect(text).toContain('and 560 more entries');
    expect(text).toContain('and 560 more files');
    expect(text.split('\n').length).toBeLessThan(200);
  });

  test('a diff of thousands of lines is cut, and says so', () => {
    const lines = Array.from({ length: 5_000 }, (_, index) => `+line ${index}`);
    const hunk = { oldStart: 0, oldLines: 0, newStart: 1, newLines: lines.length, lines };
    const text = reportPlan(examplePlan({ edits: [edit({ diff: [hunk] })] }), { diff: true });
    expect(text).toContain('... and 4603 more lines');
  });

  test('says how to go on with the very tree that was read, and only then', () => {
    const tree = 'f'.repeat(40);
    expect(reportPlan(readyPlan(), { diff: false, next: true })).toMatch(
      new RegExp(`ready: .*\nnext: baton cutover apply --expect-tree ${tree}$`),
    );
    expect(reportPlan(examplePlan(), { diff: false, next: true })).not.toContain('next:');
    const done = { commit: 'a'.repeat(40), why: 'trailer' as const };
    expect(reportPlan({ ...readyPlan(), alreadyDone: done }, { diff: false, next: true })).not.toContain('next:');
    expect(reportPlan(readyPlan(), { diff: false, manifestInBase: false })).toMatch(/\nnote: .*commit it first$/);
    expect(reportPlan(readyPlan(), { diff: false, manifestInBase: true })).not.toContain('note:');
  });

  test.each(HOSTILE_TEXTS)('nothing from a repository moves the cursor: %j', (text) => {
    const drawn = reportPlan(hostilePlan(text), { diff: true });
    expect(drawn).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u202e]/);
  });
});

describe('the state of a plan', () => {
  test('is failed before pending before passed', () => {
    const plan = examplePlan();
    expect(planState(plan)).toBe('failed');
    expect(verdictWords(plan)).toBe('not acceptable: 2 passed, 2 failed, 1 pending');
    expect(planState({ ...plan, scans: [], acceptance: [] })).toBe('pending');
    expect(planState(readyPlan())).toBe('passed');
  });

  test('of one that is done already names why', () => {
    const commit = 'a'.repeat(40);
    expect(verdictWords(examplePlan({ alreadyDone: { commit, why: 'trailer' } }))).toBe(
      `already done: commit ${commit} has this cutover`,
    );
    expect(verdictWords(examplePlan({ alreadyDone: { commit, why: 'tree' } }))).toBe(
      'already done: the tree is as the manifest wants it',
    );
  });
});
