import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileGlob, select } from './glob.ts';

const cases: [glob: string, matches: string[], others: string[]][] = [
  ['*.js', ['a.js', '.js', '.hidden.js'], ['a.ts', 'd/a.js', 'a.js.map']],
  ['**/*.js', ['a.js', 'd/a.js', 'd/e/a.js'], ['a.ts', 'd/a.jsx']],
  ['lib', ['lib', 'lib/a', 'lib/b/c'], ['lib2', 'a/lib']],
  ['lib/', ['lib', 'lib/a'], ['lib2']],
  ['./lib/*', ['lib/a', 'lib/a/b'], ['lib']],
  ['a/**/z', ['a/z', 'a/b/z', 'a/b/c/z', 'a/z/y'], ['z', 'a/y']],
  ['a?c', ['abc', 'a\u{1f600}c', 'a.c'], ['ac', 'a/c', 'abbc']],
  ['*.{js,cjs,m{t,j}s}', ['a.js', 'a.cjs', 'a.mts', 'a.mjs'], ['a.ts', 'a.{js']],
  ['{a,b/c}/d', ['a/d', 'b/c/d'], ['b/d']],
  ['a{b', ['a{b'], ['ab']],
  ['a{b}c', ['a{b}c'], ['abc']],
  ['a+(b).[c]', ['a+(b).[c]'], ['a+b.c', 'ab.c']],
  ['**', ['a', 'a/b'], []],
  ['a**b', ['ab', 'axxb'], ['a/b']],
];

describe('a glob', () => {
  for (const [glob, matches, others] of cases) {
    test(glob, () => {
      const matcher = compileGlob(glob);
      expect(matches.filter((path) => !matcher(path))).toEqual([]);
      expect(others.filter(matcher)).toEqual([]);
    });
  }

  test('refuses braces that explode', () => {
    expect(() => compileGlob('{a,b}'.repeat(12))).toThrow(expect.objectContaining({ code: 'CONTEXT_INVALID' }));
  });

  test('takes no exponential time', () => {
    const matcher = compileGlob(`${'**/*a*/'.repeat(30)}b`);
    expect(matcher(`${'aaaaaaaa/'.repeat(60)}c`)).toBe(false);
  });
});

// The meaning again, written as plainly as possible: one recursion, no cleverness.
function means(parts: string[], segments: string[]): boolean {
  const [part, ...rest] = parts;
  const [segment, ...deeper] = segments;
  if (part === undefined) return true;
  if (part === '**') return means(rest, segments) || (segment !== undefined && means(parts, deeper));
  return segment !== undefined && meansName(part, segment) && means(rest, deeper);
}

function meansName(part: string, name: string): boolean {
  if (part === '') return name === '';
  if (part[0] === '*') return meansName(part.slice(1), name) || (name !== '' && meansName(part, name.slice(1)));
  return name !== '' && (part[0] === '?' || part[0] === name[0]) && meansName(part.slice(1), name.slice(1));
}

const part = fc.oneof(
  fc.constant('**'),
  fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '?'), minLength: 1, maxLength: 4 }),
);
const name = fc.string({ unit: fc.constantFrom('a', 'b', '.'), minLength: 1, maxLength: 4 });

test('agrees with the plain meaning of its parts', async () => {
  const oneForm = part.filter((text) => text !== '.');
  await fc.assert(
    fc.property(
      fc.array(oneForm, { minLength: 1, maxLength: 4 }),
      fc.array(name, { minLength: 1, maxLength: 5 }),
      (parts, segments) => {
        expect(compileGlob(parts.join('/'))(segments.join('/'))).toBe(means(parts, segments));
      },
    ),
    { numRuns: 2000 },
  );
});

test('a path without wildcards means itself and what is in it', async () => {
  await fc.assert(
    fc.property(
      fc.array(
        name.filter((n) => n !== '.'),
        { minLength: 1, maxLength: 4 },
      ),
      name,
      (segments, child) => {
        const path = segments.join('/');
        const matcher = compileGlob(path);
        expect([matcher(path), matcher(`${path}/${child}`), matcher(`${path}${child}`)]).toEqual([true, true, false]);
      },
    ),
  );
});

describe('a selection', () => {
  test('without globs takes everything', () => {
    const all = select(undefined, undefined);
    expect([all.includes('a'), all.excludes('a'), all.idle()]).toEqual([true, false, undefined]);
  });

  test('names the include that asked for nothing', () => {
    const some = select(['*.js', '*.ts'], ['b*']);
    expect([some.includes('a.js'), some.includes('a.md'), some.excludes('b/x')]).toEqual([true, false, true]);
    expect(some.idle()).toBe('*.ts');
    expect([some.includes('a.ts'), some.idle()]).toEqual([true, undefined]);
  });
});
