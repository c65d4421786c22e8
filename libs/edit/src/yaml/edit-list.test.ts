import { describe, expect, it } from 'vitest';
import type { Value, YamlListOperation } from '../operations.ts';
import { editYamlList } from './edit-list.ts';
import { edited, failureOf } from './yaml-files.fixture.ts';

const list = (text: string, operation: YamlListOperation): string =>
  edited(text, (bytes) => editYamlList(bytes, operation));
const failure = (text: string, operation: YamlListOperation): string =>
  failureOf(() => editYamlList(Buffer.from(text), operation));

const workflow = `name: CI
on:
  push:
    branches: [main, 'release/**']
    paths:
      # the agent itself
      - 'agent/**'   # all of it
      - '!agent/go/**'

      # how it is built
      - containers/agent.Dockerfile
  # and by hand
  workflow_dispatch:
`;

describe('yaml.list', () => {
  it('removes an item with the comment above it and the one on its line', () => {
    expect(list(workflow, { at: 'on.push.paths', remove: ['agent/**'] })).toBe(
      workflow.replace("      # the agent itself\n      - 'agent/**'   # all of it\n", ''),
    );
    expect(list(workflow, { at: 'on.push.paths', remove: ['containers/agent.Dockerfile'] })).toBe(
      workflow.replace('\n      # how it is built\n      - containers/agent.Dockerfile\n', ''),
    );
  });

  it('leaves the comments where that is wanted', () => {
    expect(list(workflow, { at: 'on.push.paths', remove: ['agent/**'], 'keep-comment': true })).toBe(
      workflow.replace("- 'agent/**'   # all of it", '# all of it'),
    );
  });

  it('adds at every position, in the quotes of the list, with a comment', () => {
    const paths = '      - "b"\n      - "a"';
    const text = `on:\n  paths:\n${paths}\n`;
    const add = (position?: 'start' | 'end' | { before: string } | { after: string }): string =>
      list(text, {
        at: 'on.paths',
        add: [{ value: 'c', comment: 'new', ...(position === undefined ? {} : { position }) }],
      });
    expect(add()).toBe(`${text}      - "c" # new\n`);
    expect(add('start')).toBe(text.replace(paths, `      - "c" # new\n${paths}`));
    expect(add({ after: 'b' })).toBe(text.replace('- "b"\n', '- "b"\n      - "c" # new\n'));
    expect(add({ before: 'a' })).toBe(text.replace('      - "a"', '      - "c" # new\n      - "a"'));
  });

  it('edits a list in brackets', () => {
    const at = 'on.push.branches';
    expect(list(workflow, { at, add: [{ value: 'next' }] })).toContain("branches: [main, 'release/**', next]\n");
    expect(list(workflow, { at, add: [{ value: 'v*', position: 'start' }] })).toContain("[v*, main, 'release/**']");
    expect(list(workflow, { at, remove: ['main'] })).toContain("branches: ['release/**']\n");
    expect(list(workflow, { at, remove: ['release/**'] })).toContain('branches: [main]\n');
    expect(list(workflow, { at, remove: ['main', 'release/**'] })).toContain('branches: []\n');
    expect(list(workflow, { at, replace: [{ from: 'release/**', to: "it's" }] })).toContain("[main, 'it''s']");
  });

  it('edits brackets over several lines, with and without a last comma', () => {
    const text = 'a: [\n  x, # one\n  # of y\n  y # two\n]\n';
    expect(list(text, { at: 'a', remove: ['y'] })).toBe('a: [\n  x # one\n]\n');
    expect(list(text, { at: 'a', add: [{ value: 'z', comment: 'three' }] })).toBe(
      'a: [\n  x, # one\n  # of y\n  y, # two\n  # three\n  z\n]\n',
    );
    const closed = 'a: [\n  x,\n  y,\n]\n';
    expect(list(closed, { at: 'a', add: [{ value: 'z' }] })).toBe('a: [\n  x,\n  y,\n  z,\n]\n');
    expect(list(closed, { at: 'a', remove: ['y'] })).toBe('a: [\n  x,\n]\n');
    expect(list('a: [b, c,\n  d, e]\n', { at: 'a', remove: ['d', 'e'] })).toBe('a: [b, c]\n');
    expect(list('a: [b, # c\n  d]\n', { at: 'a', remove: ['d'] })).toBe('a: [b # c\n  ]\n');
  });

  it('grows from nothing and shrinks to nothing: the key stays', () => {
    expect(list('a:\n  b: []\n', { at: 'a.b', add: [{ value: 1 }, { value: { c: 2, d: [] } }] })).toBe(
      'a:\n  b:\n    - 1\n    - c: 2\n      d: []\n',
    );
    expect(list('a:\n  b: # nothing yet\nc: 1\n', { at: 'a.b', add: [{ value: 'x' }] })).toBe(
      'a:\n  b: # nothing yet\n    - x\nc: 1\n',
    );
    expect(list('a: ~\n', { at: 'a', add: [{ value: 'x' }] })).toBe('a:\n  - x\n');
    expect(list('a: [] # c\nb: [x, y]\n', { at: 'a', add: [{ value: 'x' }] })).toBe('a: [x] # c\nb: [x, y]\n');
    expect(list('a: [[ ], b]\n', { at: 'a[0]', add: [{ value: 'x' }] })).toBe('a: [[ x ], b]\n');
    expect(list('a: # c\n  # d\n  - x # e\n\n  - y\nb: 1\n', { at: 'a', remove: ['x', 'y'] })).toBe(
      'a: [] # c\nb: 1\n',
    );
    expect(list('a:\n- - x\n  - y\n- z\n', { at: 'a[0]', remove: ['x', 'y'] })).toBe('a:\n- []\n- z\n');
    expect(list('- x\n', { at: '', remove: ['x'] })).toBe('[]\n');
    expect(list('', { at: '', add: [{ value: 'x' }] })).toBe('- x\n');
    expect(list('# only a comment', { at: '', add: [{ value: 'x' }] })).toBe('# only a comment\n- x');
  });

  it('keeps CRLF, a byte order mark, non-ASCII and a missing last line ending', () => {
    const text = '\uFEFFä: # 🎉\r\n- ü\r\n- 🎉 # \ttab';
    expect(list(text, { at: 'ä', add: [{ value: 'é' }] })).toBe(`${text}\r\n- é`);
    expect(list(text, { at: 'ä', remove: ['🎉'] })).toBe('\uFEFFä: # 🎉\r\n- ü');
    expect(list(text, { at: 'ä', remove: ['ü'] })).toBe('\uFEFFä: # 🎉\r\n- 🎉 # \ttab');
    expect(list('# c\r\n- a', { at: '', remove: ['a'] })).toBe('# c\r\n[]');
  });

  it('keeps blank lines between items as they are between all of them', () => {
    const text = 'steps:\n  - a: 1\n\n  - b: 2\n\n  - c: 3\nnext: 1\n';
    const added = text.replace('  - c: 3\n', '  - c: 3\n\n  - d: 4\n');
    expect(list(text, { at: 'steps', add: [{ value: { d: 4 } }] })).toBe(added);
    expect(list(added, { at: 'steps', remove: [{ d: 4 }] })).toBe(text);
    expect(list(text, { at: 'steps', remove: [{ a: 1 }] })).toBe('steps:\n  - b: 2\n\n  - c: 3\nnext: 1\n');
    expect(list(text, { at: 'steps', remove: [{ b: 2 }] })).toBe('steps:\n  - a: 1\n\n  - c: 3\nnext: 1\n');
  });

  it('takes comments that are deeper than an item for its end', () => {
    const text = 'a:\n  - b:\n      c: 1\n      # more of b\n  # about d\n  - d\n  # behind all\n';
    expect(list(text, { at: 'a', remove: [{ b: { c: 1 } }] })).toBe('a:\n  # about d\n  - d\n  # behind all\n');
    expect(list(text, { at: 'a', remove: ['d'] })).toBe('a:\n  - b:\n      c: 1\n      # more of b\n  # behind all\n');
  });

  it('does not take lines of text that look like comments for comments', () => {
    const text = 'a:\n  - |\n    # x\n  - b\n  - "c\n    # d"\n  - e\n';
    expect(list(text, { at: 'a', remove: ['b'] })).toBe(text.replace('  - b\n', ''));
    expect(list(text, { at: 'a', remove: ['e'] })).toBe(text.replace('  - e\n', ''));
    expect(list('a: ["b\n  # c",\n  d\n  ]\n', { at: 'a', remove: ['d'] })).toBe('a: ["b\n  # c"\n  ]\n');
  });

  it('leaves the comment at the top of a file, and moves an item', () => {
    expect(list('# licence\n- a\n- b\n', { at: '', remove: ['a'] })).toBe('# licence\n- b\n');
    expect(list('- a\n- b\n', { at: '', remove: ['a'], add: [{ value: 'a' }] })).toBe('- b\n- a\n');
    expect(list('- a # why\n- b\n', { at: '', remove: ['a'], add: [{ value: 'a', position: 'start' }] })).toBe(
      '- a # why\n- b\n',
    );
  });

  it('replaces items by text, lists and mappings', () => {
    const text = '- a # c\n- [x]\n- k: v\n  l: w # d\n-\n';
    const replace = (from: Value, to: Value): string => list(text, { at: '', replace: [{ from, to }] });
    expect(replace('a', { m: 1, n: [2] })).toBe(text.replace('- a # c', '- m: 1 # c\n  n:\n    - 2'));
    expect(replace(['x'], ['y', 'z, w'])).toBe(text.replace('[x]', "[y, 'z, w']"));
    expect(replace({ k: 'v', l: 'w' }, 'b')).toBe(text.replace('k: v\n  l: w # d', 'b'));
    expect(replace(null, { o: 'two\nlines\n' })).toBe(`${text.trimEnd()} o: |\n    two\n    lines\n`);
  });

  it('finds nothing to do the second time', () => {
    const operation: YamlListOperation = {
      at: 'on.push.paths',
      expect: 3,
      remove: ['!agent/go/**', 'agent/**'],
      add: [{ value: 'x', position: 'start' }],
      replace: [{ from: 'containers/agent.Dockerfile', to: 'y' }],
    };
    const once = list(workflow, operation);
    expect(once).toContain('    paths:\n      - x\n\n      # how it is built\n      - y\n');
    expect(editYamlList(Buffer.from(once), operation)).toEqual({ splices: [], matches: 4 });
    expect(editYamlList(Buffer.from('a: [b]\n'), { at: 'a', remove: ['c'], expect: 2 })).toEqual({
      splices: [],
      matches: 1,
    });
  });

  it.each<[string, string, YamlListOperation, string]>([
    [
      'an absent key',
      'on: { push: 1 }',
      { at: 'on.pusj', add: [{ value: 1 }] },
      'EDIT_NO_MATCH: no on.pusj in the file: on has no key "pusj" | Did you mean push?',
    ],
    [
      'an absent item',
      'a: [b]',
      { at: 'a', remove: ['c'] },
      'EDIT_NO_MATCH: a has no item "c": it has 1 others | Items are compared as data: "1" is not 1.',
    ],
    ['one of several absent', 'a: [b]', { at: 'a', remove: ['b', 'c'] }, 'EDIT_NO_MATCH: a has no item "c"'],
    [
      'another number',
      'a: [b]',
      { at: 'a', remove: ['b'], expect: { min: 2 } },
      'EDIT_COUNT: a has 1 items, not as many as expected',
    ],
    [
      'an item that is there twice',
      'a: [b, b]',
      { at: 'a', remove: ['b'] },
      'EDIT_AMBIGUOUS: a has the item "b" 2 times',
    ],
    [
      'a key that is there twice',
      'a: [b]\na: [c]',
      { at: 'a', remove: ['b'] },
      'EDIT_AMBIGUOUS: the key "a" is twice in the root: line 1, column 1 and line 2, column 1',
    ],
    ['a mapping', 'a: { b: c }', { at: 'a', remove: ['b'] }, 'EDIT_INVALID: expected a list at a, found a mapping'],
    [
      'an alias',
      'a: &x [b]\nc: *x',
      { at: 'c', remove: ['b'] },
      'EDIT_INVALID: c is the alias *x | Name the node that has the anchor &x, line 1, column 4: the edit is seen wherever the alias stands.',
    ],
    [
      'an anchor that is named',
      'a:\n  - &x b\n  - c\nd: *x',
      { at: 'a', remove: ['b'] },
      'EDIT_INVALID: the anchor &x would be gone, and *x names it: line 3, column 4 of the edited file',
    ],
    ['broken text', 'a: [b\nc: d', { at: 'a', remove: ['b'] }, 'EDIT_INVALID: not valid YAML at line 2'],
    ['other bytes', 'a: \0', { at: 'a', remove: ['b'] }, 'EDIT_REFUSED: expected text, found a NUL byte'],
    [
      'a comment without room',
      'a: [b]',
      { at: 'a', add: [{ value: 'c', comment: 'd' }] },
      'EDIT_INVALID: brackets and braces on one line have no room',
    ],
    ['nothing to do', 'a: [b]', { at: 'a' }, 'EDIT_INVALID: expected add, remove, replace or expect'],
    [
      'several documents',
      'a: [b]\n---\na: [b]',
      { at: 'a', remove: ['b'] },
      'EDIT_AMBIGUOUS: a is in several documents: [0], [1]',
    ],
    ['an odd path', 'a: [b]', { at: 'a..b' }, 'EDIT_INVALID'],
  ])('refuses %s', (_, text, operation, message) => {
    expect(failure(text, operation)).toContain(message);
  });

  it('finds the document of a file with several', () => {
    const text = 'kind: A\nitems: [1]\n---\nkind: B\nitems:\n  - 2\n...\n---\nother: []\n';
    expect(list(text, { at: '[1].items', add: [{ value: 3 }] })).toBe(text.replace('  - 2\n', '  - 2\n  - 3\n'));
    expect(list(text, { at: 'other', add: [{ value: 3 }] })).toBe(text.replace('other: []', 'other:\n  - 3'));
  });

  it('sees values behind aliases, and leaves anchors and tags alone', () => {
    const text = 'base: &b [x]\nall:\n  - *b\n  - !secret k\n  - &n 1\n  - *n\n';
    expect(list(text, { at: 'all', remove: [['x']] })).toBe(text.replace('  - *b\n', ''));
    expect(list(text, { at: 'all', remove: ['k'] })).toBe(text.replace('  - !secret k\n', ''));
    expect(failure(text, { at: 'all', replace: [{ from: 1, to: 2 }] })).toContain('EDIT_AMBIGUOUS');
    expect(list(text, { at: 'base', replace: [{ from: 'x', to: 'y' }] })).toBe(text.replace('[x]', '[y]'));
  });
});
