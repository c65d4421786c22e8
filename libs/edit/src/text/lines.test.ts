import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LinesOperation } from '../operations.ts';
import { editLines } from './lines.ts';
import { after, anyDress, codeOf, dressed } from './test-text.ts';

const edited = (text: string, operation: LinesOperation): string => {
  const bytes = Buffer.from(text);
  return after(bytes, editLines(bytes, operation)).toString();
};

describe('lines', () => {
  test.each<[string, LinesOperation, string]>([
    ['a\nb\nc\n', { match: 'b', delete: true }, 'a\nc\n'],
    ['a\nb', { match: 'b', delete: true }, 'a'],
    ['a', { match: 'a', delete: true }, ''],
    ['a\nb\nb', { match: 'b', delete: true, count: 2 }, 'a'],
    ['b\na\r\nb', { match: 'b', delete: true, count: 2 }, 'a'],
    ['a\r\nb\r\n', { match: 'a', replace: 'x\ny' }, 'x\r\ny\r\nb\r\n'],
    ['a\r\nb', { match: 'b', after: 'c' }, 'a\r\nb\r\nc'],
    ['a\r\nb', { match: 'a', before: 'c\n' }, 'c\r\na\r\nb'],
    ['\ufeffa\n', { match: 'a', before: '/x' }, '\ufeff/x\na\n'],
    ['/agent/go/bin/ \n', { match: '/agent/go/bin/ ', replace: '/agent/bin/' }, '/agent/bin/\n'],
    ['x = 1\ny = 2\n', { match: '(\\w) = (\\d)', regex: true, replace: '$1=$2', count: 2 }, 'x=1\ny=2\n'],
    ['a\nab\n', { match: 'a', regex: true, delete: true }, 'ab\n'],
    ['a\nb\n', { match: 'a', after: 'b' }, 'a\nb\n'],
    ['b\na\n', { match: 'a', before: 'b\n' }, 'b\na\n'],
    ['a\n\nb\n', { match: '', delete: true }, 'a\nb\n'],
    ['a\n', { match: 'z', delete: true, count: { min: 0 } }, 'a\n'],
  ])('%j %j', (text, operation, expected) => {
    expect(edited(text, operation)).toBe(expected);
  });

  test.each<[string, LinesOperation, string]>([
    ['a\n', { match: 'A', delete: true }, 'EDIT_NO_MATCH'],
    ['a\na\n', { match: 'a', delete: true }, 'EDIT_COUNT'],
    ['a\n', { match: 'a' }, 'EDIT_INVALID'],
    ['a\n', { match: 'a', before: 'x', after: 'y' }, 'EDIT_INVALID'],
    ['a\n', { match: 'a\n', delete: true }, 'EDIT_INVALID'],
    ['a\n', { match: 'a)|(b', regex: true, delete: true }, 'PATTERN_INVALID'],
    [`${'a'.repeat(40)}b\n`, { match: '(a+)+', regex: true, delete: true }, 'PATTERN_TIMEOUT'],
  ])('refuses %j %j', (text, operation, code) => {
    expect(codeOf(() => edited(text, operation))).toBe(code);
  });

  const line = fc.stringMatching(/^[a-c# !/*ü\t-]{0,8}$/u);
  const file = fc.array(line, { minLength: 1, maxLength: 10 });

  test('are put in and taken out again without a trace, in any dress', () => {
    fc.assert(
      fc.property(file, fc.nat(), anyDress, fc.boolean(), (lines, nat, dress, isBefore) => {
        const at = nat % lines.length;
        const bytes = dressed(
          lines.map((each, index) => (index === at ? '/the line/' : each)),
          dress,
        );
        const new_ = { [isBefore ? 'before' : 'after']: 'new one\nnew two' };
        const there = after(bytes, editLines(bytes, { match: '/the line/', ...new_ }));
        expect(there.length).toBeGreaterThan(bytes.length);
        const back = after(there, editLines(there, { match: 'new (?:one|two)', regex: true, delete: true, count: 2 }));
        expect(back).toEqual(bytes);
      }),
      { numRuns: 300 },
    );
  });

  test('are replaced and replaced back, and a no-op is no change, in any dress', () => {
    fc.assert(
      fc.property(file, fc.nat(), anyDress, (lines, nat, dress) => {
        const at = nat % lines.length;
        const bytes = dressed(
          lines.map((each, index) => (index === at ? '/old' : each)),
          dress,
        );
        expect(editLines(bytes, { match: '/old', replace: '/old' }).splices).toEqual([]);
        const there = after(bytes, editLines(bytes, { match: '/old', replace: '/new' }));
        expect(after(there, editLines(there, { match: '/new', replace: '/old' }))).toEqual(bytes);
      }),
      { numRuns: 300 },
    );
  });
});
