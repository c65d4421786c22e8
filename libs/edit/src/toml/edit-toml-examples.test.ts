import { expect, test } from 'vitest';
import type { DataEdit } from '../operations.ts';
import { applySplices } from '../splice.ts';
import { editToml } from './edit-toml.ts';

function edit(text: string, ...ops: DataEdit[]): string {
  const bytes = Buffer.from(text);
  return applySplices(bytes, editToml(bytes, { ops }).splices).toString();
}

function code(text: string, ...ops: DataEdit[]): unknown {
  try {
    edit(text, ...ops);
  } catch (error) {
    return Object(error).code;
  }
  return undefined;
}

test('lists, keys, sections and arrays of tables are edited where they stand', () => {
  const text = `# top
name = "x" # n

[tool.a]
list = [
    "b", # bb
    # cc
    "c"
]
x   = 1
[[job]]
n = 1
[job.s]
k = 'v'

# second
[[job]]
n = 2
`;
  const result = edit(
    text,
    { at: 'tool.a.list', remove: ['c'] },
    { at: 'tool.a.list', add: ['d', 'e'] },
    { at: 'tool.a.new', set: true },
    { at: 'version', set: '1.0' },
    { at: 'job', add: [{ n: 3 }] },
    { at: 'job[0]', delete: true },
    { at: 'tool.z', set: 5 },
  );
  expect(result).toBe(`# top
name = "x" # n
version = "1.0"

[tool]
z = 5

[tool.a]
list = [
    "b", # bb
    "d",
    "e"
]
x   = 1
new = true

# second
[[job]]
n = 2

[[job]]
n = 3
`);
});

test('a string keeps its quotes, a float stays a float', () => {
  expect(
    edit('a = \'x\'\nb = "y"\nc = 1.5\n', { at: 'a', set: 'z' }, { at: 'b', set: 'ü"' }, { at: 'c', set: 2 }),
  ).toBe('a = \'z\'\nb = "ü\\""\nc = 2.0\n');
});

test('dotted keys and inline tables take new keys and lose old ones', () => {
  expect(
    edit('a.b = 1\nc = { d = 1 }\n', { at: 'a.e', set: 2 }, { at: 'c.f', set: 3 }, { at: 'c.d', delete: true }),
  ).toBe('a.b = 1\na.e = 2\nc = { f = 3 }\n');
  expect(edit('a.b = 1\n', { at: 'a.b', delete: true })).toBe('');
});

test('an inline table goes out of a list as one item, whatever keys it has', () => {
  const text = 'a = [\n  { x = 1, y = 2 }, # c\n  { x = 2, y.z = 3 },\n  "s",\n]\n';
  expect(edit(text, { at: 'a', remove: [{ x: 1, y: 2 }] })).toBe('a = [\n  { x = 2, y.z = 3 },\n  "s",\n]\n');
  expect(edit(text, { at: 'a', remove: [{ x: 2, y: { z: 3 } }] })).toBe('a = [\n  { x = 1, y = 2 }, # c\n  "s",\n]\n');
  expect(edit('a = [{ x = 1, y = 2 }]\n', { at: 'a[0]', delete: true })).toBe('a = []\n');
});

test('a zero at the very end of a file is set, and a key follows the line ending of its neighbour', () => {
  expect(edit('a = 0', { at: 'a', set: true })).toBe('a = true');
  expect(edit('x = 1\r\na = 0\n', { at: 'b', set: 2 })).toBe('x = 1\r\na = 0\nb = 2\n');
});

test('dates and large integers beside an edit stay', () => {
  expect(edit('d = 2026-05-01\ni = 12345678901234567890\nx = 1', { at: 'x', set: 2 })).toBe(
    'd = 2026-05-01\ni = 12345678901234567890\nx = 2',
  );
});

test('what cannot be is refused', () => {
  expect(code('a = 1\na = 2\n', { at: 'a', set: 3 })).toBe('EDIT_INVALID');
  expect(code('a = 1\n', { at: 'a', set: null })).toBe('EDIT_INVALID');
  expect(code('[a]\nb = 1\n', { at: 'a', set: 3 })).toBe('EDIT_INVALID');
  expect(code('[a]\nb = 1\n', { at: 'c.d', set: 3 })).toBe('EDIT_NO_MATCH');
  expect(code('[[a]]\nb = 1\n', { at: 'a', add: ['x'] })).toBe('EDIT_INVALID');
});

test('what is nested too deep, or written to be slow, ends soon with a reason', () => {
  expect(code(`a = ${'['.repeat(3000)}${']'.repeat(3000)}\n`, { at: 'b', set: 1 })).toBe('EDIT_INVALID');
  expect(code(`a = ${'['.repeat(90_000)}`, { at: 'b', set: 1 })).toBe('EDIT_INVALID');
  const many = Array.from({ length: 3000 }, (_, at) => `# c\n[s${at}]\nk = ${at}\n\n`).join('');
  const start = process.cpuUsage();
  expect(edit(many, { at: 's5.z', set: 1 })).toContain('k = 5\nz = 1\n');
  expect(process.cpuUsage(start).user).toBeLessThan(2e6);
});
