import { describe, expect, test } from 'vitest';
import type { DataEdit } from '../operations.ts';
import { applySplices } from '../splice.ts';
import { editJson } from './edit-json.ts';

function edit(path: string, text: string, ...ops: DataEdit[]): string {
  const bytes = Buffer.from(text);
  return applySplices(bytes, editJson(bytes, { ops }, path).splices).toString();
}

function code(path: string, text: string | Buffer, ops: DataEdit[], format?: 'json' | 'jsonc' | 'json5'): unknown {
  try {
    editJson(Buffer.from(text as string), { ops, ...(format === undefined ? {} : { format }) }, path);
  } catch (error) {
    return Object(error).code;
  }
  return undefined;
}

const BOT = `// bot
{
  // managers
  enabledManagers: ['gomod', "pep621", 'npm'], // all of them
  packageRules: [
    { matchManagers: ['pep621'], groupName: 'old' },
    // the nested module
    {
      matchFileNames: ['part/new/**'], // nested
      groupName: 'new',
    },
  ],
}
`;

describe('an edit of JSON5', () => {
  test('keeps quotes, names without quotes, trailing commas and comments', () => {
    const result = edit(
      'renovate.json5',
      BOT,
      { at: 'enabledManagers', remove: ['pep621'] },
      { at: 'packageRules', remove: [{ matchManagers: ['pep621'], groupName: 'old' }] },
      { at: 'packageRules[0].matchFileNames', replace: [{ from: 'part/new/**', to: 'part/**' }] },
      { at: 'packageRules[0].enabled', set: true },
      { at: 'labels', set: ['x', 'y z'] },
    );
    expect(result).toBe(`// bot
{
  // managers
  enabledManagers: ['gomod', 'npm'], // all of them
  packageRules: [
    // the nested module
    {
      matchFileNames: ['part/**'], // nested
      groupName: 'new',
      enabled: true,
    },
  ],
  labels: ['x', 'y z'],
}
`);
  });

  test('reads what the language allows', () => {
    const text =
      "{true: +.5e-3, null: [-0x1F, Infinity, .5, 5.], Infinity: 'a\\\nb', \\u0061b: '\\x41\\q', 'k': \"'\",\u00a0}\u2028";
    expect(edit('x.json5', text, { at: 'true', set: 5e-4 }, { at: 'ab', set: 'Aq' })).toBe(text);
  });
});

describe('an item takes its comments along', () => {
  test.each([
    [
      'the one above and the one on its line',
      '[\n  "a",\n  // b1\n  /* b2 */\n  "b", // b3\n  "c"\n]',
      '[\n  "a",\n  "c"\n]',
    ],
    ['not one that an empty line divides', '[\n  // list\n\n  "b",\n  "c"\n]', '[\n  // list\n\n  "c"\n]'],
    ['not that of the item above', '[\n  "a", // a\n  "b"\n]', '[\n  "a" // a\n]'],
    ['not what stands behind the bracket', '[ // list\n  "b"\n]', '[ // list\n]'],
    ['on one line', '["a", /* b */ "b", "c"]', '["a", "c"]'],
    ['rows of several', '[\n  "a", "b",\n  "c"\n]', '[\n  "a",\n  "c"\n]'],
  ])('%s', (_, before, after) => {
    expect(edit('x.jsonc', before, { at: [], remove: ['b'] })).toBe(after);
  });
});

test('set goes down into what is there, and keeps the comments in it', () => {
  const text = '{\n\t"a": {"x": 1, /* y */ "y": [1, 2, 3]},\r\n\t"b": "v" // b\n}';
  expect(edit('x.json', text, { at: [], set: { a: { x: 1, y: [1, 3], z: null }, b: 'w' } })).toBe(
    '{\n\t"a": {"x": 1, /* y */ "y": [1, 3], "z": null},\r\n\t"b": "w" // b\n}',
  );
});

test('a file without a final newline, minified, stays so', () => {
  expect(edit('x.json', '{"a":[1,2],"b":{}}', { at: 'a', add: [3] }, { at: 'b.c', set: { d: [true] } })).toBe(
    '{"a":[1,2,3],"b":{"c":{"d":[true]}}}',
  );
});

test('blanks at the end of a line stay there when a line is added below it and taken out again', () => {
  const text = '[\n  1,\n  2,  \n  3 \n]\n';
  for (const position of [{ after: 2 }, 'end'] as const) {
    const added = edit('x.json', text, { at: [], add: [9], position });
    expect(added).toBe(position === 'end' ? '[\n  1,\n  2,  \n  3, \n  9\n]\n' : '[\n  1,\n  2,  \n  9,\n  3 \n]\n');
    expect(edit('x.json', added, { at: [], remove: [9] })).toBe(text);
  }
});

test.each<[string, string | Buffer, DataEdit[], string]>([
  ['a path that leads nowhere', '{"a":1}', [{ at: 'b.c', set: 1 }], 'EDIT_NO_MATCH'],
  ['an index behind the end', '{"a":[1]}', [{ at: 'a[1]', set: 1 }], 'EDIT_NO_MATCH'],
  ['a list that is none', '{"a":1}', [{ at: 'a', add: [1] }], 'EDIT_INVALID'],
  ['a replacement of nothing', '{"a":[1]}', [{ at: 'a', replace: [{ from: 2, to: 3 }] }], 'EDIT_NO_MATCH'],
  ['a place beside nothing', '{"a":[1]}', [{ at: 'a', add: [2], position: { after: 5 } }], 'EDIT_NO_MATCH'],
  ['a place beside two', '{"a":[1,1]}', [{ at: 'a', add: [2], position: { after: 1 } }], 'EDIT_AMBIGUOUS'],
  ['a key that is there twice', '{"a":1,"a":2}', [{ at: 'a', set: 3 }], 'EDIT_INVALID'],
  ['text that is no JSON', '{"a":1', [{ at: 'a', set: 3 }], 'EDIT_INVALID'],
  ['no end of brackets', '['.repeat(100_000), [{ at: 'a', set: 3 }], 'EDIT_INVALID'],
  ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22]), [{ at: [], set: 3 }], 'EDIT_REFUSED'],
  ['a NUL', '"\0"', [{ at: [], set: 3 }], 'EDIT_REFUSED'],
  ['the root deleted', '{}', [{ at: [], delete: true }], 'EDIT_INVALID'],
])('%s is refused', (_, text, ops, expected) => {
  expect(code('x.json', text, ops)).toBe(expected);
});

test('strict JSON has neither comments nor trailing commas', () => {
  expect(code('x.json', '[1,]', [{ at: [], add: [2] }], 'json')).toBe('EDIT_INVALID');
  expect(code('x.json', '[1] // x', [{ at: [], add: [2] }], 'json')).toBe('EDIT_INVALID');
  expect(code('x.json', '[1,] // x', [{ at: [], add: [2] }])).toBe(undefined);
});

test('what is there already, or gone already, is a match without a splice', () => {
  const bytes = Buffer.from('{"a":["x"]}');
  const ops: DataEdit[] = [
    { at: 'a', add: ['x'] },
    { at: 'a', remove: ['y'] },
    { at: 'a', replace: [{ from: 'old', to: 'x' }] },
    { at: 'b', delete: true },
  ];
  expect(editJson(bytes, { ops })).toEqual({ splices: [], matches: 4 });
});

test('a key called __proto__ is a key', () => {
  expect(edit('x.json', '{"__proto__": {"a": 1}}', { at: '__proto__.a', set: 2 })).toBe('{"__proto__": {"a": 2}}');
});

test('a list of very many items on one line is edited soon', () => {
  const text = `{"a":[${Array.from({ length: 60_000 }, (_, at) => `"item-${at}"`).join(',')}]}`;
  const start = process.cpuUsage();
  expect(edit('x.json', text, { at: 'a', add: ['new'] })).toBe(text.replace(']}', ',"new"]}'));
  expect(process.cpuUsage(start).user).toBeLessThan(2e6);
});
