import fc from 'fast-check';
import { expect, test } from 'vitest';
import { licenseExpression, statedLicense } from './license.ts';

test.each([
  ['MIT', 'MIT'],
  ['(MIT OR Apache-2.0)', '(MIT OR Apache-2.0)'],
  ['( MIT  OR (BSD-3-Clause AND ISC) )', '(MIT OR (BSD-3-Clause AND ISC))'],
  ['GPL-2.0-only WITH Classpath-exception-2.0', 'GPL-2.0-only WITH Classpath-exception-2.0'],
  ['SEE LICENSE IN LICENSE.txt', undefined],
  ['UNLICENSED', undefined],
  ['MIT OR', undefined],
  ['(MIT', undefined],
  ['MIT)', undefined],
  ['MIT ISC', undefined],
  ['', undefined],
  ['Own-1.0', undefined],
])('%s', (text, expected) => {
  expect(licenseExpression(text)).toBe(expected);
});

test('an expression of an expression is itself', () => {
  const expression = fc.letrec((tie) => ({
    id: fc.constantFrom('MIT', 'ISC', 'Apache-2.0', 'Zlib+'),
    both: fc.tuple(tie('any'), fc.constantFrom(' OR ', ' AND '), tie('any')).map((parts) => `(${parts.join('')})`),
    any: fc.oneof({ depthSize: 'small' }, tie('id'), tie('both')),
  })).any as fc.Arbitrary<string>;
  fc.assert(fc.property(expression, (text) => licenseExpression(text) === text));
});

test('every form of package.json is read', () => {
  expect(statedLicense({ license: 'MIT' })).toBe('MIT');
  expect(statedLicense({ license: { type: 'ISC', url: 'https://example.org' } })).toBe('ISC');
  expect(statedLicense({ licenses: [{ type: 'MIT' }, { type: 'ISC' }] })).toBe('(MIT OR ISC)');
  expect(statedLicense({ license: 7 })).toBeUndefined();
  expect(statedLicense({})).toBeUndefined();
});
