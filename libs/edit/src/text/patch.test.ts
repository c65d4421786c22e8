import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '@baton/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editPatch } from './patch.ts';
import { after, anyDress, codeOf, dressed } from './test-text.ts';

const patched = (text: string, diff: string): string => {
  const bytes = Buffer.from(text);
  return after(bytes, editPatch(bytes, { diff })).toString();
};
const HEAD = 'diff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n';

describe('patch', () => {
  test.each([
    ['a\nb\nc\n', `${HEAD}@@ -1,3 +1,3 @@ text\n a\n-b\n+B\n c\n`, 'a\nB\nc\n'],
    ['a\nb\nc\nd\ne\n', '@@ -1 +1,2 @@\n a\n+x\n@@ -4,2 +5 @@\n d\n-e\n', 'a\nx\nb\nc\nd\n'],
    ['', '@@ -0,0 +1,2 @@\n+a\n+b\n', 'a\nb\n'],
    ['a\n', '@@ -1 +0,0 @@\n-a\n', ''],
    ['a\nb', '@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n\\ No newline at end of file\n', 'a\nc'],
    ['a', '@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n', 'a\n'],
    ['a\n', '@@ -1 +1 @@\n-a\n+a\n\\ No newline at end of file\n', 'a'],
    ['a\r\nb\r\nc\n', '@@ -1,3 +1,4 @@\n a\n-b\n+B\n+C\n c\n', 'a\r\nB\r\nC\r\nc\n'],
    ['a\r\n', '@@ -1 +1 @@\n-a\r\n+b\n', 'b\n'],
    ['\ufeffa\n', '@@ -1 +1 @@\n-a\n+b\n', '\ufeffb\n'],
    ['a\n\nb\n', '@@ -1,3 +1,3 @@\n a\n\n-b\n+c\n', 'a\n\nc\n'],
    ['A\nx\n', '@@ -1,2 +1,2 @@\n-a\n+A\n x\n', 'A\nx\n'],
  ])('%j', (text, diff, expected) => {
    expect(patched(text, diff)).toBe(expected);
  });

  test.each([
    ['x\na\n', '@@ -1 +1 @@\n-a\n+b\n', 'EDIT_NO_MATCH'],
    ['a\nb\n', '@@ -1,2 +1,2 @@\n a \n-b\n+c\n', 'EDIT_NO_MATCH'],
    ['a', '@@ -1 +1 @@\n-a\n+b\n', 'EDIT_NO_MATCH'],
    ['a\n', '@@ -1,2 +1,2 @@\n a\n-b\n+c\n', 'EDIT_NO_MATCH'],
    ['a\n', '@@ -1,2 +1 @@\n-a\n+b\n', 'EDIT_INVALID'],
    ['a\n', '@@ -1 +2 @@\n-a\n+b\n', 'EDIT_INVALID'],
    ['a\nb\n', '@@ -2 +2 @@\n-b\n+c\n@@ -1 +1 @@\n-a\n+c\n', 'EDIT_INVALID'],
    ['a\n', `${HEAD}`, 'EDIT_INVALID'],
    ['a\n', '@@ -1 +1 @@\n-a\n+b\n--- a/y\n+++ b/y\n@@ -1 +1 @@\n-a\n+b\n', 'EDIT_INVALID'],
    ['a\0\n', '@@ -1 +1 @@\n-a\n+b\n', 'EDIT_REFUSED'],
  ])('refuses %j with %j', (text, diff, code) => {
    expect(codeOf(() => patched(text, diff))).toBe(code);
  });

  test('says which line differs', () => {
    expect(() => patched('a\nX\n', '@@ -1,2 +1,2 @@\n a\n-b\n+c\n')).toThrowError(
      'line 2 (hunk at line 1 of the diff): expected "b", found "X"',
    );
  });

  test('applies what git makes of any two files, and the reverse leads back', () => {
    const dir = temporaryDirectory('patch');
    const line = fc.stringMatching(/^[ab+\\@ -]{0,4}$/);
    const file = fc.array(line, { maxLength: 14 });
    fc.assert(
      fc.property(
        file,
        file,
        fc.boolean(),
        anyDress,
        anyDress,
        fc.nat(3),
        (lines, others, isNear, dress, dress2, context) => {
          const old = dressed(lines, dress);
          const edited = lines.flatMap((each, at) => (at % 5 === 2 ? [] : at % 7 === 3 ? [each, 'new'] : [each]));
          const fresh = isNear ? dressed(edited, dress) : dressed(others, { ...dress2, bom: dress.bom });
          const diff = (from: Buffer, to: Buffer): string => {
            writeFileSync(join(dir, 'a'), from);
            writeFileSync(join(dir, 'b'), to);
            // Without context nothing says which line ending an inserted line has in a file that mixes them.
            const around = dress.endings.length > 1 ? Math.max(1, context) : context;
            const args = ['diff', '--no-index', '--no-color', '--text', `-U${around}`, 'a', 'b'];
            return spawnSync('git', args, { cwd: dir, encoding: 'utf8', env: { PATH: process.env.PATH } }).stdout;
          };
          if (old.equals(fresh)) return;
          const there = diff(old, fresh);
          expect(after(old, editPatch(old, { diff: there }))).toEqual(fresh);
          const back = diff(fresh, old);
          expect(after(fresh, editPatch(fresh, { diff: back }))).toEqual(old);
        },
      ),
      { numRuns: 300 },
    );
  });
});
