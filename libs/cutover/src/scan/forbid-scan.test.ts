import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BatonError } from '@baton/kernel';
import { temporaryDirectory } from '@baton/testkit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ScanOperation } from '../model/manifest.ts';
import type { ScanResult } from '../model/plan.ts';
import { runScans } from './run-scans.ts';
import { type TestContext, testContext } from './test-context.ts';
import { wordSearch } from './word-search.ts';

type Forbid = Extract<ScanOperation, { forbid: unknown }>['forbid'];

async function scan(context: TestContext, forbid: Forbid): Promise<ScanResult> {
  const [result] = await runScans(context, [{ forbid }]);
  if (result === undefined) throw new Error('no result');
  return result;
}

const files = {
  'README.md': '# Agent\n\nWritten in Python once.\n  run: pip install x\n',
  'docs/set up.md': 'set -o pipefail\n',
  'docs/ünïcode\n.md': 'pip\r\n',
  '-x/pip.bin': Buffer.from('\0 pip\n'),
  'vendor/pip.txt': 'pip\n',
};

test('every line with a word is a finding, with its place and text', async () => {
  const context = await testContext({ before: files, after: files });
  const result = await scan(context, { pattern: ['pip', 'python'], 'ignore-case': true, not: ['vendor/**'] });
  expect(result.findings).toEqual([
    { path: 'README.md', line: 3, column: 12, text: 'Written in Python once.', what: 'python' },
    { path: 'README.md', line: 4, column: 8, text: 'run: pip install x', what: 'pip' },
    { path: 'docs/ünïcode\n.md', line: 1, column: 1, text: 'pip', what: 'pip' },
  ]);
  expect(result).toMatchObject({ state: 'failed', id: 'scan[0] forbid', blobs: 4, cached: 0, binary: 1 });
});

test('exceptions are about one line of one file, and an unused one fails', async () => {
  const context = await testContext({ before: files, after: files });
  const allow = { path: 'README.md', line: 'run: pip install x', reason: 'history' };
  const settings = { pattern: 'pip', in: ['README.md'], except: [allow] };
  const passed = await scan(context, settings);
  expect(passed).toMatchObject({ state: 'passed', findings: [], unusedExceptions: [] });
  expect(passed.allowed).toEqual([{ path: 'README.md', line: 4, text: 'run: pip install x', reason: 'history' }]);
  const unused = await scan(context, { ...settings, except: [allow, { ...allow, line: 'pip install x' }] });
  expect(unused).toMatchObject({
    state: 'failed',
    findings: [],
    unusedExceptions: [{ path: 'README.md', what: 'pip install x' }],
  });
});

test('a glob that chooses no file fails unless the scan is optional', async () => {
  const context = await testContext({ before: files, after: files });
  const settings = { pattern: 'nowhere', in: ['README.md', 'dosc/**'] };
  expect(await scan(context, settings)).toMatchObject({ state: 'failed', findings: [{ path: 'dosc/**', line: 0 }] });
  expect(await scan(context, { ...settings, optional: true })).toMatchObject({ state: 'passed', findings: [] });
});

test('blobs that only the plan has are searched as well', async () => {
  const context = await testContext({ before: files, after: files, planned: { 'new.txt': 'a\nhatch build\n' } });
  expect((await scan(context, { pattern: 'hatch' })).findings).toEqual([
    { path: 'new.txt', line: 2, column: 1, text: 'hatch build', what: 'hatch' },
  ]);
  expect(await context.source.git('status', '--porcelain')).toBe('');
});

test('a second run reads nothing and finds the same; a damaged cache is as good as none', async () => {
  const cacheDir = temporaryDirectory('scans');
  const context = await testContext({ before: files, after: files, cacheDir });
  const first = await scan(context, { pattern: 'pip' });
  const reads = context.read.length;
  const second = await scan(context, { pattern: 'pip' });
  expect(context.read.length).toBe(reads);
  expect(second).toEqual({ ...first, cached: 5 });
  const [name = ''] = await readdir(join(cacheDir, 'scans'));
  const path = join(cacheDir, 'scans', name);
  const bytes = await readFile(path);
  for (const damaged of [
    bytes.subarray(0, -1),
    Buffer.from(bytes.toString().replace('pip', 'pup')),
    Buffer.from('{'),
    Buffer.alloc(0),
  ]) {
    await writeFile(path, damaged);
    expect(await scan(context, { pattern: 'pip' })).toEqual(first);
    expect(await readFile(path)).toEqual(bytes);
  }
  // Another rule knows nothing of this one's results.
  expect(await scan(context, { pattern: 'pip', word: false })).toMatchObject({ cached: 0 });
});

test('regular expressions are taken as they are, and one that never ends is an error', async () => {
  const evil = { 'a.txt': `${'a'.repeat(40)}!\n`, 'b.py': 'import x\nsetup.py\n' };
  const context = await testContext({ before: evil, after: evil });
  expect((await scan(context, { pattern: '\\.py$', regex: true })).findings).toMatchObject([
    { path: 'b.py', line: 2, column: 6 },
  ]);
  const error = await scan(context, { pattern: '(a+)+$', regex: true }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(BatonError);
  expect(error).toMatchObject({ code: 'PATTERN_TIMEOUT' });
  await expect(scan(context, { pattern: '(', regex: true })).rejects.toMatchObject({ code: 'PATTERN_INVALID' });
  await expect(scan(context, { pattern: ['a', ''] })).rejects.toMatchObject({ code: 'PATTERN_INVALID' });
});

test('words with letters other than ASCII are compared without case as well', async () => {
  const text = { 'a.txt': 'ÜBERGABE\nübergaben\n' };
  const context = await testContext({ before: text, after: text });
  expect((await scan(context, { pattern: 'übergabe', 'ignore-case': true })).findings).toMatchObject([{ line: 1 }]);
});

test('whatever git leaves out has no match: the whole scan against the search of every blob', async () => {
  const piece = fc.constantFrom(
    'pip',
    'PIP',
    '-e',
    'go',
    '/',
    '\n',
    ' ',
    '\0',
    'é',
    '"',
    "'",
    '$(',
    '\\',
    '.*',
    'agent',
  );
  const blob = fc.array(piece, { maxLength: 30 }).map((pieces) => Buffer.from(pieces.join('')));
  const word = fc.constantFrom('pip', '-e', 'go/', '.*', '$(', '\\', '"', 'agent', 'é');
  await fc.assert(
    fc.asyncProperty(
      fc.array(blob, { minLength: 1, maxLength: 8 }),
      fc.uniqueArray(word, { minLength: 1, maxLength: 3 }),
      fc.boolean(),
      async (blobs, words, ignoreCase) => {
        const wanted = ignoreCase ? words.filter((one) => one !== 'é') : words;
        fc.pre(wanted.length > 0);
        const all = Object.fromEntries(blobs.map((bytes, index) => [`f${index}.txt`, bytes]));
        const context = await testContext({ before: all, after: all });
        const search = wordSearch({ words: wanted, whole: true, ignoreCase });
        const expected = Object.entries(all).flatMap(([path, bytes]) =>
          bytes.subarray(0, 8000).includes(0) ? [] : search(bytes).map(({ line }) => `${path}:${line}`),
        );
        const found = await scan(context, { pattern: wanted, 'ignore-case': ignoreCase });
        expect(found.findings.map(({ path, line }) => `${path}:${line}`)).toEqual(expected);
      },
    ),
    { numRuns: 15 },
  );
});
