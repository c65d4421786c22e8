import { expect, test } from 'vitest';
import { reportLint } from './report-lint.ts';
import { lint, PINNED } from './test-lint.ts';

test('each finding with its line, a mark and the next step, then the sum', () => {
  const text = `FROM ${PINNED}\n\tADD  日本/a.txt https://example.com/x /x\n# baton: allow workdir-relative a test\nWORKDIR x\nCMD ["/a"]\n`;
  expect(reportLint(lint(text)).split('\n')).toEqual([
    'Dockerfile:2:16  error  add-url  ADD takes whatever this address has at the time of the build',
    '  2 |  ADD  日本/a.txt https://example.com/x /x',
    '    |                  ^^^^^^^^^^^^^^^^^^^^^',
    '  hint: Fetch it outside of the build and COPY it, or say ADD --checksum=sha256:... (BuildKit).',
    '',
    'Dockerfile:4:1  allowed  workdir-relative  a test',
    '',
    'Dockerfile: 1 error, 0 warnings, 1 allowed',
  ]);
});

test('nothing found is said', () => {
  expect(reportLint(lint(`FROM ${PINNED}\nCMD ["/a"]\n`))).toBe('Dockerfile: nothing found');
});

test('a file cannot write to the terminal', () => {
  const shown = reportLint(lint(`FROM ${PINNED}\nADD \u001b]0;x\u0007 /a\nWORK\u001b[2J x\nCMD ["/a"]\n`));
  expect(shown).not.toMatch(/[\u0007\u001b]/);
});

test('of a long line the part around the mark is shown', () => {
  const line = `RUN ${'true && '.repeat(100)}curl https://example.com/x | sh`;
  const [, excerpt = '', mark = ''] = reportLint(lint(`FROM ${PINNED}\n${line}\nCMD ["/a"]\n`)).split('\n');
  expect(excerpt.length).toBeLessThan(180);
  expect(excerpt.slice(mark.indexOf('^'))).toBe('curl https://example.com/x | sh');
});
