import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseNodePath, printNodePath } from './node-path.ts';
import { failureOf } from './yaml/yaml-files.fixture.ts';

describe('node paths', () => {
  it.each<[string, (string | number)[]]>([
    ['', []],
    ['on.push.paths', ['on', 'push', 'paths']],
    ['jobs.build.steps[2].with', ['jobs', 'build', 'steps', 2, 'with']],
    ['jobs."a.b".needs', ['jobs', 'a.b', 'needs']],
    ['[0]["odd \\"key\\""][1]', [0, 'odd "key"', 1]],
    ['runs-on.$x.ключ.a b', ['runs-on', '$x', 'ключ', 'a b']],
    ['"1".2', ['1', '2']],
  ])('%s', (text, parts) => {
    expect(parseNodePath(text)).toEqual(parts);
    expect(parseNodePath(parts)).toEqual(parts);
  });

  it('are read as they are printed', () => {
    const part = fc.oneof(fc.string(), fc.nat(999_999), fc.constantFrom('a', '', '.', '[0]', '"', '\n', '🎉'));
    void fc.assert(
      fc.property(fc.array(part), (parts) => {
        expect(parseNodePath(printNodePath(parts))).toEqual(parts);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    'a..b',
    '.a',
    'a.',
    'a[',
    'a[x]',
    'a[01]',
    'a[-1]',
    'a[0',
    'a]',
    'a."b',
    'a."\\x"',
    'a"b"',
    '[]',
    '"a"b',
  ])('refuses %s', (text) => {
    expect(failureOf(() => parseNodePath(text))).toMatch(/^EDIT_INVALID: the path ".*" cannot be read at column \d+: /);
  });
});
