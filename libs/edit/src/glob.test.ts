import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileGlob, compileGlobs, isGlob } from './glob.ts';

describe('a glob', () => {
  test.each([
    ['agent/*.go', ['agent/a.go', 'agent/.go', 'agent/.hidden.go'], ['agent/a.goo', 'agent/x/a.go', 'xagent/a.go']],
    ['agent/**', ['agent/a', 'agent/.git/x', 'agent/x/y'], ['agent', 'agents/a']],
    ['agent/', ['agent/a', 'agent/x/y'], ['agent', 'agents/a']],
    ['**/vendor/**', ['vendor/a', 'x/vendor/a', 'x/y/vendor/z/a'], ['vendor', 'x/vendors/a', 'xvendor/a']],
    ['**/*.md', ['a.md', 'x/y/.md'], ['a.md/x', 'amd']],
    ['a/**/b', ['a/b', 'a/x/b', 'a/x/y/b'], ['a', 'ab', 'a/xb', 'a/x/b/c']],
    ['a**b', ['ab', 'axb'], ['a/b']],
    ['f?o', ['foo', 'f\u{1F600}o', 'füo'], ['fo', 'f/o', 'fooo']],
    ['[a-c]x[!0-9]', ['axy', 'cx-'], ['dxy', 'ax1', 'ax/', 'ax']],
    ['[]a]', [']', 'a'], ['b', '[]a]']],
    ['[^/]x', ['ax'], ['/x']],
    ['{a,b/**,c{1,2}}.x', ['a.x', 'c1.x', 'c2.x', 'b/q/r.x'], ['c.x', 'c3.x', 'b.x']],
    ['{,x/}a', ['a', 'x/a'], ['/a', 'y/a']],
    ['a\\*b', ['a*b'], ['axb', 'ab']],
    ['-rf/ü *', ['-rf/ü x', '-rf/ü '], ['-rf/u x']],
    ['*', ['a', '.a', '\n'], ['a/b']],
    ['**', ['a', 'a/b'], ['']],
  ])('%s', (glob, yes, no) => {
    const matches = compileGlob(glob);
    expect(yes.filter((path) => !matches(path))).toEqual([]);
    expect(no.filter(matches)).toEqual([]);
  });

  test.each(['', '/a', 'a//b', './a', 'a/../b', '..', '.', 'a[', 'a[]', 'a{b', 'a\\'])('is refused: %j', (glob) => {
    expect(() => compileGlob(glob)).toThrowError(expect.objectContaining({ code: 'PATTERN_INVALID' }));
  });

  test('means what a plain search of all ways says', () => {
    const name = fc.stringMatching(/^[ab.*?]{1,4}$/).filter((text) => text !== '.' && text !== '..');
    const glob = fc
      .array(fc.oneof(name, fc.constant('**')), { minLength: 1, maxLength: 4 })
      .map((names) => names.join('/'));
    const path = fc
      .array(fc.stringMatching(/^[ab.]{1,4}$/), { minLength: 1, maxLength: 4 })
      .map((names) => names.join('/'));
    fc.assert(
      fc.property(glob, path, (text, candidate) => {
        expect(compileGlob(text)(candidate)).toBe(slowly(text.split('/'), candidate.split('/')));
      }),
      { numRuns: 3000 },
    );
  });

  test('takes no longer for a hostile pattern than for others', () => {
    const hostile = compileGlob(`**/${'*a'.repeat(400)}b/**/{${'*a'.repeat(200)},x*}`);
    expect(hostile(`${'a'.repeat(20_000)}c`)).toBe(false);
    const deep = compileGlob(`${'{a,'.repeat(1000)}b${'}'.repeat(1000)}`);
    expect(deep('a')).toBe(true);
    const many = compileGlob('{a,b}'.repeat(500));
    expect(many('ab'.repeat(250))).toBe(true);
    for (const glob of ['x'.repeat(5000), 'a\0b']) expect(() => compileGlob(glob)).toThrowError(/PATTERN_INVALID|glob/);
  });

  test('can be one of several, with exceptions', () => {
    const matches = compileGlobs(['a/**', 'b'], ['a/x/**']);
    expect(['a/y', 'a/x/y', 'b', 'c'].map(matches)).toEqual([true, false, true, false]);
    expect(isGlob('a/b.c')).toBe(false);
    expect(isGlob('a/{b,c}')).toBe(true);
  });
});

function slowly(parts: readonly string[], names: readonly string[]): boolean {
  const [part, ...rest] = parts;
  if (part === undefined) return names.length === 0;
  if (part === '**' && rest.length === 0) return names.length > 0;
  if (part === '**') return slowly(rest, names) || (names.length > 0 && slowly(parts, names.slice(1)));
  const [name, ...others] = names;
  return name !== undefined && named(part, name) && slowly(rest, others);
}

function named(part: string, name: string): boolean {
  if (part === '') return name === '';
  if (part.startsWith('*')) return named(part.slice(1), name) || (name !== '' && named(part, name.slice(1)));
  return name !== '' && (part.startsWith('?') || part[0] === name[0]) && named(part.slice(1), name.slice(1));
}
