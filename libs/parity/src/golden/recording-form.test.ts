import { expect, test } from 'vitest';
import { recordingForm } from './recording-form.ts';

const form = (text: string): string => recordingForm(Buffer.from(text, 'latin1'), '/t/root').toString('latin1');

test.each([
  ['2026-05-02T21:51:23.456789+00:00', '<TSUTC>'],
  ['[out]2026-05-02T21:51:23 a\xff', '[out]<TS> a\xff'],
  ['x-2026-05-02-215123.log and x-2026-05-02-215123.txt', 'x-<LOGTS>.log and x-2026-05-02-215123.txt'],
  ['/tmp/tmpab12_x9z/f', '<TMP>/f'],
  ['1777758683.25', '<EPOCH>'],
  ['1777758683.25\n', '1777758683.25\n'],
  ['/t/root/etc', '{ROOT}/etc'],
])('%j is %j', (text, expected) => {
  expect(form(text)).toBe(expected);
});

test('a crash report is one line', () => {
  const frames = 'Traceback (most recent call last):\n  File "x", line 1\n    f()\nValueError: no\n';
  expect(form(`before\n${frames}`)).toBe('before\n<TRACEBACK ValueError: no>\n');
  const stamp = '2026-05-02T21:51:23.456789';
  const teed = frames.replace(/^(?=.)/gm, `[err]${stamp} `);
  expect(form(`${teed}[err]${stamp} after\n`)).toBe('[err]<TS> <TRACEBACK ValueError: no>\n[err]<TS> after\n');
  const chained = `${frames}\nDuring handling of the above exception, another exception occurred:\n\n${frames.replace('no', 'twice')}`;
  expect(form(chained)).toBe('<TRACEBACK ValueError: twice>\n');
});
