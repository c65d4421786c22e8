import { expect, test } from 'vitest';
import { table } from './table.ts';

test('aligns columns, numbers to the right, and leaves no trailing space', () => {
  const rows = [['base', '9 layers', '49.1 MB'], ['/app', '1 layer', '290 kB'], ['short']];
  expect(table(rows, { header: ['what', 'parts', 'size'], align: ['left', 'left', 'right'] })).toBe(
    ['what   parts        size', 'base   9 layers  49.1 MB', '/app   1 layer    290 kB', 'short'].join('\n'),
  );
});

test('counts columns as a terminal draws them', () => {
  expect(
    table([
      ['日本', 'x'],
      ['abcd', 'y'],
    ]),
  ).toBe('日本  x\nabcd  y');
});

test('a cell cannot break its line', () => {
  expect(table([['a\nb', 'c\x1b[1m']])).toBe('a\\nb  c\\x1b[1m');
});

test('nothing makes nothing', () => {
  expect(table([])).toBe('');
});
