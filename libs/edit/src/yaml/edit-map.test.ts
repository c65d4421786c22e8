import { describe, expect, it } from 'vitest';
import type { Value, YamlMapOperation } from '../operations.ts';
import { editYamlMap } from './edit-map.ts';
import { edited, failureOf } from './yaml-files.fixture.ts';

const map = (text: string, operation: YamlMapOperation): string =>
  edited(text, (bytes) => editYamlMap(bytes, operation));
const set = (text: string, at: string, values: Record<string, Value>): string => map(text, { at, set: values });
const failure = (text: string, operation: YamlMapOperation): string =>
  failureOf(() => editYamlMap(Buffer.from(text), operation));

const workflow = `name: "CI"   # the name
on: [push]

permissions: { contents: read }

jobs:
  # builds
  build:
    runs-on: ubuntu-latest
    env:
      VERSION: '1.20'
      SHA: \${{ github.sha }}
    steps:
      - uses: actions/checkout@v4 # pinned later
        with: {fetch-depth: 0}
      - run: |
          make build
          # not a comment of the file

          make test

  # checks
  gate:
    needs: [build]
`;

describe('yaml.map', () => {
  it('sets values in the quotes and on the lines that were there', () => {
    expect(set(workflow, '', { name: 'Agent: CI' })).toBe(workflow.replace('"CI"', '"Agent: CI"'));
    expect(set(workflow, 'jobs.build.env', { VERSION: '1.21', SHA: 'a: b' })).toBe(
      workflow.replace("'1.20'", "'1.21'").replace('${{ github.sha }}', "'a: b'"),
    );
    expect(set(workflow, 'jobs.build.env', { VERSION: 1.2 })).toBe(workflow.replace("'1.20'", '1.2'));
    expect(set(workflow, 'permissions', { contents: 'write', packages: 'write' })).toBe(
      workflow.replace('{ contents: read }', '{ contents: write, packages: write }'),
    );
    expect(set(workflow, 'jobs.build.steps[0].with', { 'fetch-depth': 1, path: 'a, b' })).toBe(
      workflow.replace('{fetch-depth: 0}', "{fetch-depth: 1, path: 'a, b'}"),
    );
  });

  it('leaves a file without a final newline so, when the last key goes that stood below blank lines', () => {
    expect(map('a: 1\nb:\n\n  c: 1', { at: 'b', delete: ['c'] })).toBe('a: 1\nb: {}');
    expect(map('a: 1\r\nb:\r\n\r\n\r\n  c: 1', { at: 'b', delete: ['c'] })).toBe('a: 1\r\nb: {}');
  });

  it('sets text of several lines, and from there back', () => {
    const run = '          make build\n          # not a comment of the file\n\n          make test\n';
    const at = 'jobs.build.steps[1]';
    expect(set(workflow, at, { run: 'make all\nmake it\n' })).toBe(
      workflow.replace(run, '          make all\n          make it\n'),
    );
    const short = set(workflow, at, { run: 'make all' });
    expect(short).toBe(workflow.replace(`|\n${run}`, 'make all\n'));
    expect(set(short, at, { run: 'make build\n# not a comment of the file\n\nmake test\n' })).toBe(workflow);
    expect(set('a: | # why\n  b\n', '', { a: 'c' })).toBe('a: c # why\n');
    expect(set('a: c # why\n', '', { a: 'b\n' })).toBe('a: | # why\n  b\n');
    expect(set('a: >2-\n    b\n     c\n\nd: 1\n', '', { a: 'x\ny' })).toBe('a: |-\n    x\n    y\n\nd: 1\n');
  });

  it('adds keys at the end, with the blank lines that stand between all others', () => {
    expect(set(workflow, 'jobs', { lint: { 'runs-on': 'x', steps: [{ run: 'y' }, {}] } })).toBe(
      `${workflow}\n  lint:\n    runs-on: x\n    steps:\n      - run: y\n      - {}\n`,
    );
    expect(set(workflow, 'jobs.build.steps[0]', { id: 'on', if: '!x' })).toBe(
      workflow.replace(
        '        with: {fetch-depth: 0}\n',
        "        with: {fetch-depth: 0}\n        id: 'on'\n        if: '!x'\n",
      ),
    );
    expect(set('a:\n- b: 1\n', 'a[0]', { c: [1, [2, 3]], on: null })).toBe(
      'a:\n- b: 1\n  c:\n  - 1\n  - - 2\n    - 3\n  on: null\n',
    );
  });

  it('turns one kind of value into another', () => {
    expect(set('a: b # c\nd: 1\n', '', { a: ['x'] })).toBe('a: # c\n  - x\nd: 1\n');
    expect(set('a: # c\n  # d\n  - x # e\n  # f\nd: 1\n', '', { a: 'b' })).toBe('a: b # c\n  # f\nd: 1\n');
    expect(set('a: # c\n    - x\nd: 1\n', '', { a: ['y', 'z'] })).toBe('a: # c\n    - y\n    - z\nd: 1\n');
    expect(set('a:\n  b: 1\nd: 1', '', { a: {}, d: { e: 1 } })).toBe('a: {}\nd:\n  e: 1');
    expect(set('a: &x !t b\nc: *x\n', '', { a: 'd', c: 1 })).toBe('a: &x d\nc: 1\n');
    expect(set('a: &x\n  b: 1\nc: *x\n', '', { a: [2] })).toBe('a: &x\n  - 2\nc: *x\n');
    expect(set('a: "x\n  y"\nb: 1\n', '', { a: 'z' })).toBe('a: "z"\nb: 1\n');
    expect(set('? a\n: b\n? c\n', '', { a: 'd' })).toBe('? a\n: d\n? c\n');
    expect(set('{a, b: , "c":1}', '', { a: 1, b: 2, c: 3 })).toBe('{a: 1, b: 2 , "c":3}');
  });

  it('grows from nothing', () => {
    expect(set('', '', { a: 1 })).toBe('a: 1\n');
    expect(set('# c\n---\n# d\n', '', { a: 1 })).toBe('# c\n---\n# d\na: 1\n');
    expect(set('a:\n  b:\n  c: {}\n', 'a.b', { x: 1, y: 'two' })).toBe('a:\n  b:\n    x: 1\n    y: two\n  c: {}\n');
    expect(set('a:\n    c: {} # d', 'a.c', { x: 1 })).toBe('a:\n    c: # d\n        x: 1');
    expect(set('a: [{}, ~]\n', 'a[1]', { x: 1 })).toBe('a: [{}, { x: 1 }]\n');
    expect(set('- # c\n- b\n', '[0]', { x: 1, y: 2 })).toBe('- x: 1 # c\n  y: 2\n- b\n');
  });

  it('deletes keys with their comments; the last one leaves {}', () => {
    expect(map(workflow, { at: 'jobs', delete: ['build'] })).toBe(
      `${workflow.slice(0, workflow.indexOf('  # builds'))}  # checks\n  gate:\n    needs: [build]\n`,
    );
    expect(map(workflow, { at: 'jobs', delete: ['gate'] })).toBe(workflow.slice(0, workflow.indexOf('\n  # checks')));
    expect(map(workflow, { at: 'jobs', delete: ['gate', 'build'] })).toBe(
      `${workflow.slice(0, workflow.indexOf('jobs:'))}jobs: {}\n`,
    );
    expect(map(workflow, { at: 'jobs.build.steps[0]', delete: ['uses'] })).toBe(
      workflow.replace('uses: actions/checkout@v4 # pinned later\n        ', ''),
    );
    expect(map(workflow, { at: 'jobs.build.steps[0]', delete: ['uses'], 'keep-comment': true })).toBe(
      workflow.replace('uses: actions/checkout@v4 ', ''),
    );
    expect(map(workflow, { at: 'permissions', delete: ['contents'] })).toBe(
      workflow.replace('{ contents: read }', '{ }'),
    );
    expect(map('- a: 1\n  # of b\n  b: 2 # b\n  c: 3\n', { at: '[0]', delete: ['a'] })).toBe(
      '- # of b\n  b: 2 # b\n  c: 3\n',
    );
    expect(map('- a: 1\n  # of b\n  b: 2 # b\n  c: 3\n', { at: '[0]', delete: ['a', 'b'] })).toBe('- c: 3\n');
    expect(map('a: 1\nb:\n  c: 2', { at: '', delete: ['b'] })).toBe('a: 1');
    expect(map('b:\n  c: 2\r\n  d: 3', { at: 'b', delete: ['d'] })).toBe('b:\n  c: 2');
  });

  it('renames keys in their quotes, also by turns', () => {
    expect(
      map('"a b": 1 # c\n\'d\' : 2\non: 3\n', { at: '', 'rename-key': { 'a b': 'x', d: "it's", on: 'y: z' } }),
    ).toBe("\"x\": 1 # c\n'it''s' : 2\n'y: z': 3\n");
    expect(map('a: 1\nb: 2\n', { at: '', 'rename-key': { a: 'b', b: 'a' } })).toBe('b: 1\na: 2\n');
    expect(map('a: 1\nb: 2\n', { at: '', 'rename-key': { a: 'b' }, delete: ['b'] })).toBe('b: 1\n');
    expect(map('{a: 1, ? b}', { at: '', 'rename-key': { a: 'c', b: 'd,e' } })).toBe("{c: 1, ? 'd,e'}");
  });

  it('keeps keys that are there twice, as long as they are not meant', () => {
    expect(set('a: 1\na: 2\nb: 3\n', '', { b: 4 })).toBe('a: 1\na: 2\nb: 4\n');
    expect(failure('a: 1\na: 2\nb: 3\n', { at: '', set: { a: 4 } })).toBe(
      'EDIT_AMBIGUOUS: the key "a" is twice in the root: line 1, column 1 and line 2, column 1',
    );
  });

  it('sets a key beside a merge key', () => {
    const text = 'x: &x\n  a: 1\ny:\n  <<: *x\n  b: 2\n';
    expect(set(text, 'y', { a: 3 })).toBe(`${text}  a: 3\n`);
    expect(failure(text, { at: '', delete: ['x'] })).toContain('the anchor &x would be gone, and *x names it');
    expect(failure(text, { at: 'y.<<', set: { a: 1 } })).toContain('y.<< is the alias *x');
  });

  it('finds nothing to do the second time', () => {
    const operation: YamlMapOperation = { at: 'a', set: { b: [1, { c: 2 }] }, delete: ['d'], 'rename-key': { e: 'f' } };
    const once = map('a:\n  d: 1\n  e: 2\n', operation);
    expect(once).toBe('a:\n  f: 2\n  b:\n    - 1\n    - c: 2\n');
    expect(editYamlMap(Buffer.from(once), operation)).toEqual({ splices: [], matches: 3 });
  });

  it.each<[string, YamlMapOperation, string]>([
    [
      'a key to delete that is not there',
      { at: 'a', delete: ['d'] },
      'EDIT_NO_MATCH: a has no key "d" | Its keys: b, c.',
    ],
    ['a key to rename that is not there', { at: 'a', 'rename-key': { d: 'e' } }, 'EDIT_NO_MATCH'],
    ['a name that is taken', { at: 'a', 'rename-key': { b: 'c' } }, 'EDIT_INVALID: a would have the key "c" twice'],
    [
      'two verbs for a key',
      { at: 'a', set: { b: 1 }, delete: ['b'] },
      'EDIT_INVALID: the operation names the key "b" twice',
    ],
    ['a list', { at: 'l', set: { b: 1 } }, 'EDIT_INVALID: expected a mapping at l, found a list'],
    ['a single value', { at: 'a.b', set: { b: 1 } }, 'EDIT_INVALID: expected a mapping at a.b, found a single value'],
    ['no verb', { at: 'a' }, 'EDIT_INVALID: expected set, delete or rename-key'],
  ])('refuses %s', (_, operation, message) => {
    expect(failure('a: { b: 1, c: 2 }\nl: []\n', operation)).toContain(message);
  });
});
