import { readFileSync } from 'node:fs';
import { needs } from '@baton/testkit';
import { expect, test } from 'vitest';
import { PythonError } from '../crash.ts';
import { askPython } from '../test-python.ts';
import { isOsError, osError, osErrorOf } from './os-error.ts';

needs('python')('names and words of every errno are those of Python', () => {
  const numbers = Array.from({ length: 140 }, (_, i) => i + 1);
  const python = askPython(
    `import os
answer([[type(OSError(n, '')).__name__, str(OSError(n, os.strerror(n), "it's\\n"))] for n in ask])`,
    numbers,
  );
  expect(numbers.map((errno) => osErrorOf(errno, "it's\n")).map(({ type, message }) => [type, message])).toEqual(
    python,
  );
});

test('a failed system call of Node becomes the error of Python', () => {
  const failure = attempt(() => readFileSync('/nowhere/at all'));
  const error = osError(failure, '/nowhere/at all');
  expect(error).toMatchObject({
    type: 'FileNotFoundError',
    message: "[Errno 2] No such file or directory: '/nowhere/at all'",
  });
  expect(osError(failure, 'a', 'b\udcff')).toMatchObject({
    message: "[Errno 2] No such file or directory: 'a' -> 'b\\udcff'",
  });
  expect(osError(failure)).toMatchObject({ message: '[Errno 2] No such file or directory' });
});

test('whatever is no failed system call stays itself', () => {
  const error = new PythonError('ValueError', 'x');
  expect(osError(error, 'p')).toBe(error);
  expect(osError('x', 'p')).toBe('x');
});

test('OSErrors are told from other errors', () => {
  expect([1, 2, 36].map((errno) => isOsError(osErrorOf(errno)))).toEqual([true, true, true]);
  expect(isOsError(new PythonError('ValueError', ''))).toBe(false);
  expect(isOsError(new Error('FileNotFoundError'))).toBe(false);
});

function attempt(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}
