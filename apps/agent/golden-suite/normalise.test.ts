import { describe, expect, test } from 'vitest';
import { normalise, normalisePath } from './normalise.ts';
import { contentsOf, type RecordedText, readRecording, STREAMS } from './recording.ts';
import { readScenario, scenarioNames } from './scenario.ts';

const names = scenarioNames();

/** Every text of a recording, with where it stands. */
function textsOf(name: string): [where: string, text: RecordedText][] {
  const { runs, files, container_files } = readRecording(name);
  const found: [string, RecordedText][] = [];
  for (const [i, run] of runs.entries()) {
    for (const stream of STREAMS) {
      const text = run[stream];
      if (text !== undefined) found.push([`run ${i + 1} ${stream}`, text]);
    }
  }
  for (const file of [...files, ...container_files]) {
    const text = contentsOf(file);
    if (text !== undefined) found.push([file.path, text]);
  }
  return found;
}

test('what was recorded raw becomes what was recorded normalised', () => {
  let seen = 0;
  for (const name of names) {
    const { root_mount } = readScenario(name);
    for (const [where, text] of textsOf(name)) {
      const [raw, norm] = 'raw' in text ? [text.raw, text.norm ?? text.raw] : [text.raw_head, text.norm_head];
      const normalised = normalise(raw, root_mount).toString('latin1');
      // Of a big text there is the head only, and stamps are longer than their token.
      const wanted = norm.toString('latin1');
      expect(`${name} ${where}: ${'raw' in text ? normalised : wanted.slice(0, normalised.length - 40)}`).toBe(
        `${name} ${where}: ${'raw' in text ? wanted : normalised.slice(0, -40)}`,
      );
      seen++;
    }
  }
  expect(seen).toBeGreaterThan(800);
});

test('the names of files as well, except those that were laid out', () => {
  for (const name of names) {
    const { host_tree } = readScenario(name);
    const laidOut = new Set(host_tree.map(({ path }) => path));
    for (const { path, norm_path } of readRecording(name).files) {
      if (!laidOut.has(path)) expect(normalisePath(path)).toBe(norm_path ?? path);
    }
  }
});

describe('crash reports', () => {
  const collapse = (...lines: string[]): string[] =>
    normalise(Buffer.from(lines.join('\n')), '/t/root')
      .toString('latin1')
      .split('\n');
  const first = 'Traceback (most recent call last):';

  test('in teed text, the report ends at its error line, and what follows stays', () => {
    const at = '[err]2026-01-02T03:04:05.678901 ';
    expect(
      collapse(
        `${at}oops`,
        at + first,
        `${at}  File "x", line 1`,
        `${at}    f()`,
        `${at}KeyError: 'a'`,
        `${at}more`,
        at,
      ),
    ).toEqual(['[err]<TS> oops', `[err]<TS> <TRACEBACK KeyError: 'a'>`, '[err]<TS> more', '[err]<TS> ']);
  });

  test('a chained report is one report', () => {
    const at = '[err]2026-01-02T03:04:05 ';
    const chain = 'During handling of the above exception, another exception occurred:';
    expect(
      collapse(at + first, `${at}ValueError: 1`, at, at + chain, at, at + first, `${at}OSError: 2`, `${at}tail`),
    ).toEqual(['[err]<TS> <TRACEBACK OSError: 2>', '[err]<TS> tail']);
  });

  test('without prefixes it runs to the end, and the last error line of it is kept', () => {
    expect(collapse('WARNING:root: w', first, '  x', 'lib.SomeError: a', '', 'On instance:', '  b', '')).toEqual([
      'WARNING:root: w',
      '<TRACEBACK lib.SomeError: a>',
      '',
    ]);
    expect(collapse(first, 'KeyboardInterrupt', '')).toEqual(['<TRACEBACK KeyboardInterrupt>', '']);
  });

  test('it ends at the next text of the agent, and may begin behind a dangling prefix', () => {
    const at = '[err]2026-01-02T03:04:05 ';
    expect(collapse(first, 'ValueError: a', `${at}b`)).toEqual(['<TRACEBACK ValueError: a>', '[err]<TS> b']);
    expect(collapse(first, 'ValueError: a', '-'.repeat(20))).toEqual(['<TRACEBACK ValueError: a>', '-'.repeat(20)]);
    expect(collapse(at + first, '  x', 'OSError: c', '')).toEqual(['[err]<TS> <TRACEBACK OSError: c>', '']);
  });

  test('a report that names no error is not taken for one that does', () => {
    expect(collapse(first, '  x', 'nothing here', '')).toEqual(['<TRACEBACK >', '']);
  });
});

test('only whole tokens are replaced', () => {
  const one = (text: string): string => normalise(Buffer.from(text), '/t/root').toString('latin1');
  expect(one('2026-01-02T03:04:05.67890')).toBe('<TS>.67890');
  expect(one('2026-01-02T03:04:05.6789012')).toBe('<TS>2');
  expect(one('2026-01-02T03:04:05.678901+00:00')).toBe('<TSUTC>');
  expect(one('1767322000.123456')).toBe('<EPOCH>');
  expect(one('1767322000.123456\n')).toBe('1767322000.123456\n');
  expect(one('/tmp/tmpab_9xyz1/x /t/root/y')).toBe('<TMP>/x {ROOT}/y');
  expect(normalise(Buffer.from([0xff, 0x80, 0xe2]), '/t/root')).toEqual(Buffer.from([0xff, 0x80, 0xe2]));
});
