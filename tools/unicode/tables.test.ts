import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { needs, pythonProgram, temporaryDirectory } from '@baton/testkit';
import { expect, test } from 'vitest';
import { encodeRuns, TABLES_PATH, unicodeTables } from './tables.ts';

const withPython = needs('python');

withPython('the checked-in tables are those of Unicode 15.1 ("node tools/unicode/main.ts" writes them)', () => {
  const path = join(import.meta.dirname, '..', '..', TABLES_PATH);
  expect(unicodeTables(pythonProgram())).toBe(readFileSync(path, 'utf8'));
});

test('numbers are written by their differences', () => {
  expect(Buffer.from(encodeRuns([0, 5, 132, 133, 0x10ffff]), 'base64').toString('hex')).toBe('00057f01fafe43');
});

test('a Python that refuses is an error with its words', () => {
  const python = join(temporaryDirectory(), 'python');
  writeFileSync(python, '#!/bin/sh\necho "this Python knows Unicode 14.0.0, and 15.1.0 is needed" >&2\nexit 1\n');
  chmodSync(python, 0o755);
  expect(() => unicodeTables(python)).toThrow(/knows Unicode 14\.0\.0, and 15\.1\.0 is needed/);
});
