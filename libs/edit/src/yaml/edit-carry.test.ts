import { describe, expect, it } from 'vitest';
import type { YamlCarryOperation } from '../operations.ts';
import { editYamlCarry } from './edit-carry.ts';
import { edited, failureOf } from './yaml-files.fixture.ts';

const carry = (text: string, source: string, operation: YamlCarryOperation): string =>
  edited(text, (bytes) => editYamlCarry(bytes, Buffer.from(source), operation));
const failure = (text: string, source: string, operation: YamlCarryOperation): string =>
  failureOf(() => editYamlCarry(Buffer.from(text), Buffer.from(source), operation));

const old = `on:
  push:
    # releases
    tags: ['agent/*'] # and only those

jobs:
    build:
        permissions: &p {packages: write}
        steps:
        # signs what was pushed
        -   name: Sign
            run: |2
                # not a comment
              cosign sign
            with:
                a: [x,
                  y]

        - "text"
        - name: Last
    other:
        permissions: *p
`;
const fresh =
  'on:\n  push:\n    branches: [main]\njobs:\n  agent:\n    steps:\n      - name: One\n\n      - name: Two\n';
const sign = `      # signs what was pushed
      -   name: Sign
          run: |2
              # not a comment
            cosign sign
          with:
              a: [x,
                y]
`;

describe('yaml.carry', () => {
  it('copies a key with its comments to the end of a mapping, or where it is to go', () => {
    const tags = "    # releases\n    tags: ['agent/*'] # and only those\n";
    const node = 'on.push.tags';
    expect(carry(fresh, old, { node, to: 'on.push' })).toBe(fresh.replace('[main]\n', `[main]\n${tags}`));
    expect(carry(fresh, old, { node, to: 'on.push', at: { before: 'branches' } })).toBe(
      fresh.replace('    branches', `${tags}    branches`),
    );
    expect(carry('{ a: 1 }', "t: ['agent/*']", { node: 't', to: '', key: 'x y' })).toBe("{ a: 1, x y: ['agent/*'] }");
    expect(failure('{ a: 1 }', old, { node, to: '' })).toContain('EDIT_INVALID: brackets and braces on one line');
    expect(carry('a: ~\r\n', old, { node, to: 'a', key: 'b' })).toBe(
      "a:\r\n  # releases\r\n  b: ['agent/*'] # and only those\r\n",
    );
  });

  it('copies an item into a list, its lines moved together', () => {
    const node = 'jobs.build.steps[0]';
    expect(carry(fresh, old, { node, to: 'jobs.agent.steps', at: { after: { name: 'One' } } })).toBe(
      fresh.replace('- name: One\n', `- name: One\n\n${sign}`),
    );
    expect(carry(fresh, old, { node, to: 'jobs.agent.steps' })).toBe(`${fresh}\n${sign}`);
    expect(carry('x: []', old, { node: 'jobs.build.steps[1]', to: 'x' })).toBe('x:\n  - "text"');
    expect(carry('x: [a]', old, { node: 'jobs.build.steps[1]', to: 'x', at: 'start' })).toBe('x: ["text", a]');
  });

  it('takes what is behind a key as an item, and what is behind a dash under a key', () => {
    expect(carry('a:\n- b\n', 'x: # c\n    y: 1\n    z: 2 # d\n', { node: 'x', to: 'a' })).toBe(
      'a:\n- b\n# c\n- y: 1\n  z: 2 # d\n',
    );
    expect(carry('a:\n  b: 1\n', '- y: 1\n  z:\n  - 2 # d\n', { node: '[0]', to: 'a', key: 'c' })).toBe(
      'a:\n  b: 1\n  c:\n    y: 1\n    z:\n    - 2 # d\n',
    );
    expect(carry('a:\n  b: 1\n', '- |\n  one\n\n  two\n', { node: '[0]', to: 'a', key: 'c' })).toBe(
      'a:\n  b: 1\n  c: |\n    one\n\n    two\n',
    );
    expect(carry('a: [1]\nb: [2]\n', 'k: { v: 1 }\n', { node: 'k', to: 'a' })).toBe('a: [1, { v: 1 }]\nb: [2]\n');
  });

  it('replaces what has the key, and finds nothing to do the second time', () => {
    const text = 'a:\n  # old\n  b: 1 # old\n  c: 2';
    const operation: YamlCarryOperation = { node: 'b', to: 'a', at: 'replace' };
    const source = '# top\n\n# new\nb: # new\n  - x\n';
    const once = carry(text, source, operation);
    expect(once).toBe('a:\n  # new\n  b: # new\n    - x\n  c: 2');
    expect(carry(once, source, operation)).toBe(once);
    expect(editYamlCarry(Buffer.from(once), Buffer.from(source), { node: 'b', to: 'a' })).toEqual({
      splices: [],
      matches: 1,
    });
    expect(carry(text, 'c: "x"', { node: 'c', to: 'a', at: 'replace' })).toBe(text.replace('c: 2', 'c: "x"'));
    expect(editYamlCarry(Buffer.from('a: [x]'), Buffer.from('- x'), { node: '[0]', to: 'a' })).toEqual({
      splices: [],
      matches: 1,
    });
  });

  it.each<[string, string, string, YamlCarryOperation, string]>([
    [
      'an anchor outside',
      'a: {}',
      old,
      { node: 'jobs.other', to: 'a' },
      'EDIT_INVALID: the node to carry names the anchor &p, which is outside of it',
    ],
    [
      'an anchor that is taken',
      'a: &p {}',
      old,
      { node: 'jobs.build', to: 'a' },
      'EDIT_INVALID: the node to carry brings the anchor &p',
    ],
    [
      'a key that is there',
      'a: { b: 1 }',
      'b: 2',
      { node: 'b', to: 'a' },
      'EDIT_INVALID: a has the key "b" already, with other data | Say `at: replace`',
    ],
    ['a key to replace that is not there', 'a: {}', 'b: 2', { node: 'b', to: 'a', at: 'replace' }, 'EDIT_NO_MATCH'],
    [
      'an item without a key',
      'a: { b: 1 }',
      '- 2',
      { node: '[0]', to: 'a' },
      'EDIT_INVALID: [0] in the source is an item without a key',
    ],
    [
      'a key for an item',
      'a: []',
      'b: 2',
      { node: 'b', to: 'a', key: 'c' },
      'EDIT_INVALID: a is a list: an item has no key',
    ],
    ['replacing an item', 'a: []', 'b: 2', { node: 'b', to: 'a', at: 'replace' }, 'EDIT_INVALID: replace is for keys'],
    [
      'lines into braces',
      'a: { b: 1 }',
      'c:\n  - d',
      { node: 'c', to: 'a' },
      'EDIT_INVALID: brackets and braces on one line have no room',
    ],
    ['an absent node', 'a: {}', 'b: 1', { node: 'c', to: 'a' }, 'EDIT_NO_MATCH: no c in the file'],
    ['the root', 'a: {}', 'b: 1', { node: '', to: 'a' }, 'EDIT_INVALID: expected the path of a key or an item'],
  ])('refuses %s', (_, text, source, operation, message) => {
    expect(failure(text, source, operation)).toContain(message);
  });
});
