import { describe, expect, test } from 'vitest';
import { compilePattern, escapePattern, expandTemplate, findAll, runBounded } from './pattern.ts';

describe('a pattern', () => {
  test('finds what JavaScript finds', () => {
    const found = findAll(compilePattern('(?<word>[a-z]+)-(\\d)?'), 'ab-1 cd-\nef-2');
    expect(found.map(({ start, end, text, groups, named }) => [start, end, text, groups, named.word])).toEqual([
      [0, 4, 'ab-1', ['ab', '1'], 'ab'],
      [5, 8, 'cd-', ['cd', undefined], 'cd'],
      [9, 13, 'ef-2', ['ef', '2'], 'ef'],
    ]);
    expect(findAll(compilePattern('^x$', 'imu'), 'X\r\nx\ny').length).toBe(2);
    expect(findAll(compilePattern('', 'u'), 'ab').length).toBe(3);
  });

  test.each([
    '(',
    'a{2,1}',
    '\\',
    '[b-a]',
    '(?<a>x)(?<a>y)',
    '\\p{Nope}',
    '\\-',
  ])('is refused when it cannot be read: %s', (source) => {
    expect(() => compilePattern(source)).toThrowError(expect.objectContaining({ code: 'PATTERN_INVALID' }));
  });

  test('is refused with flags that change what a search is', () => {
    expect(() => compilePattern('a', 'gy')).toThrowError(expect.objectContaining({ code: 'PATTERN_INVALID' }));
  });

  test.each([
    ['(a+)+$', `${'a'.repeat(40)}b`],
    ['(a|a)*b', 'a'.repeat(60)],
    ['(?:.*)*x', 'y'.repeat(60)],
    ['(\\w+\\s?)+:$', 'word '.repeat(40)],
    ['(?<=(?:a+)+b)c', `${'a'.repeat(40)}c`.repeat(50)],
    ['(x+x+)+y', 'x'.repeat(60)],
  ])('ends when it backtracks without end: %s', (source, text) => {
    let code = '';
    try {
      findAll(compilePattern(source), text, 50);
    } catch (error) {
      code = error instanceof Error && 'code' in error ? String(error.code) : 'other';
    }
    // The third but last is quick for V8; none may run on.
    expect(source.startsWith('(?<=') ? ['', 'PATTERN_TIMEOUT'] : ['PATTERN_TIMEOUT']).toContain(code);
  });

  test('works again after one that was cut off', () => {
    const slow = compilePattern('(a+)+$');
    expect(() => findAll(slow, `${'a'.repeat(40)}b`, 20)).toThrowError(
      expect.objectContaining({ code: 'PATTERN_TIMEOUT' }),
    );
    expect(findAll(slow, 'aa').length).toBe(1);
  });

  test('shares one limit over many texts, and passes on what the search throws', () => {
    const pattern = compilePattern('a');
    expect(runBounded(pattern, 1000, () => ['a', 'b'].map((text) => text.search(pattern.expression)))).toEqual([0, -1]);
    expect(() =>
      runBounded(pattern, 1000, () => {
        throw new TypeError('mine');
      }),
    ).toThrowError(TypeError);
  });

  test('fills its groups into a template as JavaScript does', () => {
    const cases = ['$1', '$2', '$&', '$$', '$$1', '$<b>', '$12', '$01', '$3', '$0', 'x$', '$<none>', '$1$2'];
    for (const template of cases) {
      const [match] = findAll(compilePattern('(a)(?<b>b)?'), 'abz');
      if (match === undefined) throw new Error('no match');
      expect([template, expandTemplate(template, match)]).toEqual([template, 'ab'.replace(/(a)(?<b>b)?/u, template)]);
    }
  });

  test('can be any text, escaped', () => {
    const text = '[a](b)*.+?^$|\\/{}-#é\u{1F600}';
    expect(findAll(compilePattern(escapePattern(text)), `x${text}x`).map(({ start }) => start)).toEqual([1]);
  });
});
