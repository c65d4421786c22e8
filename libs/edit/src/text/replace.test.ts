import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ReplaceOperation } from '../operations.ts';
import { findText } from './find-text.ts';
import { editReplace } from './replace.ts';
import { after, anyDress, codeOf, dressed } from './test-text.ts';

const replaced = (text: string, operation: ReplaceOperation): string => {
  const bytes = Buffer.from(text);
  return after(bytes, editReplace(bytes, operation)).toString();
};

describe('replace', () => {
  test.each<[string, ReplaceOperation, string]>([
    ['a b a', { find: 'a', with: 'x', count: 2 }, 'x b x'],
    ['pip pipeline pip_x pip', { find: 'pip', with: 'go', word: true, count: 2 }, 'go pipeline pip_x go'],
    ['über üb', { find: 'üb', with: 'x', word: true }, 'über x'],
    ['GO go', { find: 'go', with: 'Go', 'ignore-case': true, count: 'any' }, 'Go Go'],
    ['v1.2 v3.4', { find: 'v(\\d)\\.(?<minor>\\d)', with: '$2/$<minor>.$1', regex: true, count: 2 }, '2/2.1 4/4.3'],
    ['a.c abc', { find: 'a.c', with: '$1', word: true }, '$1 abc'],
    ['one\r\ntwo\r\nthree\n', { find: 'one\ntwo', with: '1\n2\n' }, '1\r\n2\r\n\r\nthree\n'],
    ['a\nb\r\nc', { find: 'c', with: 'c\nd' }, 'a\nb\r\nc\r\nd'],
    ['\ufeffa', { find: '^\ufeff?a$', with: '\ufeffb', regex: true }, '\ufeffb'],
    ['x', { find: 'x', with: 'xx' }, 'xx'],
    ['a', { find: 'b', with: 'c', count: { min: 0, max: 3 } }, 'a'],
  ])('%j', (text, operation, expected) => {
    expect(replaced(text, operation)).toBe(expected);
  });

  test.each<[string, ReplaceOperation, string]>([
    ['a', { find: 'b', with: 'c' }, 'EDIT_NO_MATCH'],
    ['a a', { find: 'a', with: 'c' }, 'EDIT_COUNT'],
    ['a a', { find: 'a', with: 'c', count: { min: 3 } }, 'EDIT_COUNT'],
    ['a', { find: '', with: 'c' }, 'EDIT_INVALID'],
    ['a', { find: 'x*', with: 'c', regex: true }, 'EDIT_INVALID'],
    ['aab', { find: 'ab', with: 'b' }, 'EDIT_UNVERIFIED'],
    ['a\0b', { find: 'a', with: 'c' }, 'EDIT_REFUSED'],
    ['a', { find: 'a)(b', with: 'c', regex: true, word: true }, 'PATTERN_INVALID'],
    [`${'a'.repeat(40)}b`, { find: '(a+)+$', with: 'c', regex: true }, 'PATTERN_TIMEOUT'],
  ])('refuses %j', (text, operation, code) => {
    expect(codeOf(() => replaced(text, operation))).toBe(code);
  });

  test('refuses bytes that are no UTF-8, and says so before anything else', () => {
    expect(codeOf(() => editReplace(Buffer.from([0x61, 0xff]), { find: 'a', with: 'b' }))).toBe('EDIT_REFUSED');
  });

  test('changes nothing when old and new are the same', () => {
    expect(editReplace(Buffer.from('a b'), { find: 'a', with: 'a' })).toEqual({ splices: [], matches: 1 });
  });

  test('and its inverse give the same bytes, in any dress', () => {
    const line = fc.stringMatching(/^[a-c ü\u{1F600}\t-]{0,12}$/u);
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 8 }), fc.nat(), anyDress, (lines, at, dress) => {
        const marked = lines.map((each, index) => (index === at % lines.length ? `${each}agent/go${each}` : each));
        const bytes = dressed(marked, dress);
        const there = after(bytes, editReplace(bytes, { find: 'agent/go', with: 'Neu' }));
        const back = after(there, editReplace(there, { find: 'N(e)u', with: 'ag$1nt/go', regex: true }));
        expect(back).toEqual(bytes);
      }),
      { numRuns: 300 },
    );
  });
});

test('text is found with the bytes and line of each place', () => {
  const bytes = Buffer.from('\ufeffü\nxü ü\r\n');
  const found = findText(bytes, { find: 'ü', word: true });
  expect(found.map(({ start, end, line }) => [start, end, line, bytes.subarray(start, end).toString()])).toEqual([
    [3, 5, 1, 'ü'],
    [10, 12, 2, 'ü'],
  ]);
});
