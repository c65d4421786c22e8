import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isNameable, isWithin, pathToken, shellWord, workspacePath } from './workspace-path.ts';

describe('workspacePath', () => {
  test.each([
    ['apps/agent', 'dist/bundle', 'apps/agent/dist/bundle'],
    ['apps/agent', '.', 'apps/agent'],
    ['apps/agent', './src/', 'apps/agent/src'],
    ['apps/agent', '../../package-lock.json', 'package-lock.json'],
    ['apps/agent', '../..', '.'],
    ['apps/agent', '../../../elsewhere', '../elsewhere'],
    ['.', 'src', 'src'],
    ['.', '.', '.'],
  ])('%s + %s is %s', (root, path, expected) => {
    expect(workspacePath(root, path)).toBe(expected);
  });
});

describe('isWithin', () => {
  test.each([
    ['libs/a', 'libs/a', true],
    ['libs/a', 'libs/a/src/x', true],
    ['libs/a', 'libs/ab', false],
    ['.', 'anything/at/all', true],
    ['libs/a', 'libs', false],
  ])('%s holds %s: %s', (folder, path, expected) => {
    expect(isWithin(folder, path)).toBe(expected);
  });
});

describe('pathToken', () => {
  test.each([
    ['apps/agent', 'apps/agent/src', '{projectRoot}/src'],
    ['apps/agent', 'apps/agent', '{projectRoot}'],
    ['apps/agent', 'libs/kernel/src', '{workspaceRoot}/libs/kernel/src'],
    ['.', 'src', '{projectRoot}/src'],
    ['.', '.', '{projectRoot}'],
  ])('in %s: %s', (root, path, expected) => {
    expect(pathToken(root, path)).toBe(expected);
  });
});

test.each([
  ['src/main.ts', true],
  ['src/[id]', false],
  ['a{b', false],
  ['../outside', false],
  ['..', false],
  ['..data/x', true],
])('a fileset can name %s: %s', (path, expected) => {
  expect(isNameable(path)).toBe(expected);
});

test('a shell reads back every word as it was', () => {
  const word = fc.string({ unit: 'grapheme', minLength: 0, maxLength: 30 }).filter((text) => !text.includes('\0'));
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 20 }), (words) => {
      const script = `printf '%s\\0' ${words.map(shellWord).join(' ')}`;
      const read = execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
      expect(read).toEqual(words);
    }),
    { numRuns: 60 },
  );
});
