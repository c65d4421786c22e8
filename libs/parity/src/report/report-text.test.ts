import { displayWidth } from '@baton/report';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { reportText } from './report-text.ts';
import {
  HOSTILE_TEXTS,
  hostileResult,
  largeResult,
  missingTail,
  mixedResult,
  plain,
  result,
  splitCharacter,
  verdict,
} from './test-results.ts';

describe('a result in text', () => {
  test('has a line per suite and the counts in five states', () => {
    const lines = reportText(mixedResult()).split('\n');
    expect(lines).toContain('✓ banner  2 equal  1.0 s');
    expect(lines).toContain('✗ rc      1 declared, 1 diverged  1.0 s');
    expect(lines).toContain('? zz      1 undetermined, 1 not run  1.0 s');
    expect(lines.join(' ')).toContain(
      'Diverged: 10 scenarios: 2 equal, 1 declared, 5 diverged, 1 undetermined, 1 not run; 1 verdict from the cache.',
    );
    expect(lines).toContain('Exit code 1, after 61.3 s.');
  });

  test('shows each failing scenario once: where, why, OLD above NEW with a caret, and the bytes around', () => {
    const text = reportText(
      result([verdict('stream/split-euro', { divergences: [splitCharacter(), plain('exit', 'run1/exit')] })]),
      {
        page: 'dist/parity/report.html',
      },
    );
    expect(text.split('\n').slice(6, 26)).toEqual([
      '✗ DIVERGED stream/split-euro',
      '  what stream/split-euro holds the subject to',
      '  bytes: run1/stdout: OLD has ef bf bd where NEW has 2c 20 72, in line 7',
      '  cause: NEW merged 2 replacement characters into 1: run-collapsing UTF-8 replacement',
      '  OLD at byte 1128, line 7, column 37; NEW at byte 1128, line 7, column 37',
      '  OLD | [out]2026-05-02T21:51:23.5 price \\u{fffd}\\u{fffd}, raw \\xc3(\\0\\x1b\\n',
      '  NEW | [out]2026-05-02T21:51:24.5 price \\u{fffd}, raw \\xc3(\\0\\x1b\\n',
      '      |                                          ^',
      '  OLD  00000450                          31 3a 32 33 2e 35 20 70  |        1:23.5 p|',
      '  OLD  00000460  72 69 63 65 20 ef bf bd[ef]bf bd 2c 20 72 61 77  |rice ......, raw|',
      '  OLD  00000470  20 c3 28 00 1b 0a 65 6e 64                       | .(...end       |',
      '  NEW  00000450                          31 3a 32 34 2e 35 20 70  |        1:24.5 p|',
      '  NEW  00000460  72 69 63 65 20 ef bf bd[2c]20 72 61 77 20 c3 28  |rice ..., raw .(|',
      '  NEW  00000470  00 1b 0a 65 6e 64 20 77 69                       |...end wi       |',
      '  also: run1/exit exit',
      '  rerun: baton parity run --only stream/split-euro',
      '  open:  dist/parity/report.html#stream/split-euro',
      '',
      'Diverged: 1 scenario: 0 equal, 0 declared, 1 diverged, 0 undetermined, 0 not run.',
      'The comparator found 8 of 8 planted differences.',
    ]);
  });

  test('says where a side has ended', () => {
    const text = reportText(result([verdict('a/b', { divergences: [missingTail()] })]));
    expect(text).toContain('  OLD |    [out]2026-05-02T21:51:23.456789 \n  NEW |    \\c\n      |    ^\n');
    expect(text).toContain('NEW  00000000  6f 6e 65 0a[  ] ');
  });

  test('names the causes that several scenarios share', () => {
    expect(reportText(mixedResult())).toContain('2 scenarios, one cause: NEW merged 2 replacement characters into 1');
  });

  test('zero scenarios are said in words', () => {
    const text = reportText(
      result([], {
        exitCode: 3,
        faults: [{ code: 'PARITY_EMPTY', message: 'there is no scenario', hint: 'Write one.' }],
      }),
    );
    expect(text).toContain('Nothing proved: no scenario was run, so nothing is proved; 1 fault of the run.');
    expect(text).toContain('✗ PARITY_EMPTY: there is no scenario\n  hint: Write one.');
  });

  test('says what limits the verdict', () => {
    const text = reportText(
      result([verdict('a/b')], {
        noise: true,
        shard: { index: 1, count: 3 },
        selection: { of: 174, by: 'a/' },
        selfTest: { mutations: 8, caught: 7 },
      }),
      { width: 200 },
    );
    expect(text).toContain('No noise: 1 scenario');
    expect(text).toContain('A noise run: one subject was run twice');
    expect(text).toContain('Only shard 1 of 3');
    expect(text).toContain('Only 1 of 174 scenarios (a/): this proves nothing about the rest.');
    expect(text).toContain('The comparator found 7 of 8 planted differences.');
  });

  test('many failures are counted, not drawn', () => {
    const text = reportText(largeResult(), { limit: 3 });
    expect(text.match(/^✗ DIVERGED/gm)).toHaveLength(3);
    expect(text).toContain('and 32 more scenarios that are not equal');
  });

  test('fits the width', () => {
    for (const width of [60, 80, 100, 160]) {
      const lines = reportText(mixedResult(), { width }).split('\n');
      const wide = lines.filter((line) => displayWidth(line) > width && !/^ {2}(rerun|open):/.test(line));
      expect(wide).toEqual([]);
    }
  });

  test('colour adds nothing but colour', () => {
    const plainText = reportText(mixedResult());
    const painted = reportText(mixedResult(), { color: true });
    expect(painted).not.toBe(plainText);
    expect(painted.replace(/\u001b\[\d+m/g, '')).toBe(plainText);
  });
});

describe('hostile text', () => {
  test('moves no cursor', () => {
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(...HOSTILE_TEXTS), fc.string({ unit: 'binary', maxLength: 12 })), (text) => {
        const made = reportText(hostileResult(text));
        expect(made).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/);
      }),
    );
  });

  test('is no workflow command in GitHub Actions', () => {
    const made = reportText(hostileResult('::error::owned'), { env: { GITHUB_ACTIONS: 'true' } });
    expect(made).toMatch(/^::stop-commands::([0-9a-f]{64})\n[\s\S]*\n::\1::\n$/);
    expect(reportText(hostileResult('::error::owned'), { env: {} })).not.toContain('stop-commands');
  });
});
