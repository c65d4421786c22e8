import { needs } from '@baton/testkit';
import { expect, test } from 'vitest';
import { seededRandom } from '../python-text/test-random.ts';
import { askPython } from '../test-python.ts';
import { hasPattern, shellPattern } from './shell-pattern.ts';

test.each([
  ['a*', 'a', true],
  ['*-*.log', 'x-y-z.log', true],
  ['a?c', 'abc', true],
  ['a?c', 'ac', false],
  ['a[1].sh', 'a1.sh', true],
  ['a[1].sh', 'a[1].sh', false],
  ['[!a]', 'b', true],
  ['[!a]', 'a', false],
  ['[a-c]', 'b', true],
  ['[c-a]', 'b', false],
  ['[', '[', true],
  ['[]]', ']', true],
  ['?', '\udcff', true],
  ['?', '😀', true],
  ['[\u{1f600}-\u{1f610}]', '\u{1f605}', true],
])('%s and %s: %s', (pattern, name, answer) => {
  expect(shellPattern(pattern)(name)).toBe(answer);
});

test('what makes a pattern', () => {
  expect(['a*', 'a?', 'a[', 'a]', 'a!', ''].map(hasPattern)).toEqual([true, true, true, false, false, false]);
});

needs('python')('random patterns match what they match for Python', () => {
  const random = seededRandom(20260102);
  const some = (letters: string, most: number): string => {
    const [first = '', ...others] = Array.from(letters);
    return random.times(most, () => random.pick([first, ...others])).join('');
  };
  const cases = Array.from({ length: 12_000 }, (_, i) => {
    // Half of them sets, which are where the rules are.
    const pattern =
      i % 2 === 0 ? some('ab-]![*?\\^é\n😀\udcff.', 7) : `[${some('abcz-]!^[\\&~|é😀\udcff', 8)}]${some('a*', 1)}`;
    return { pattern, names: Array.from({ length: 12 }, () => some('abcz-]![^\\&~|é\n😀\udcff*', 3)) };
  });
  const python = askPython(
    `import fnmatch, warnings
warnings.simplefilter('ignore')
answer([[fnmatch.fnmatchcase(name, c['pattern']) for name in c['names']] for c in ask])`,
    cases,
  );
  const ours = cases.map(({ pattern, names }) => names.map(shellPattern(pattern)));
  expect(ours).toEqual(python);
});
