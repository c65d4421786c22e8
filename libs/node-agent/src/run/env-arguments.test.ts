import { expect, test } from 'vitest';
import { resolveArguments } from './env-arguments.ts';

const env = new Map([
  ['A', '1'],
  ['EMPTY', ''],
  ['env', 'no'],
]);

test.each([
  { word: 'env:A', value: '1' },
  { word: 'env:EMPTY', value: '' },
  { word: 'env:Aenv:B', value: '1' },
  { word: 'env:A:env:', missing: 'A:' },
  { word: 'env:', missing: '' },
  { word: 'env:env:A', missing: '' },
  { word: 'env:A=1', missing: 'A=1' },
  { word: 'env: A', missing: ' A' },
  { word: 'Env:A', value: 'Env:A' },
  { word: ' env:A', value: ' env:A' },
  { word: 'env', value: 'env' },
])('$word', ({ word, value, missing }) => {
  const found = resolveArguments([word], env);
  expect(found.missing).toEqual(missing === undefined ? [] : [missing]);
  if (value !== undefined) expect(found.resolved).toEqual([value]);
});

test('a name that cannot be one is an error of its own', () => {
  expect(() => resolveArguments(['env:\ud800'], env)).toThrow(expect.objectContaining({ type: 'UnicodeEncodeError' }));
});
