import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { YamlEmbeddedOperation } from '../operations.ts';
import { editYamlEmbedded } from './edit-embedded.ts';
import { edited, failureOf } from './yaml-files.fixture.ts';

const embedded = (text: string, operation: YamlEmbeddedOperation): string =>
  edited(text, (bytes) => editYamlEmbedded(bytes, operation));
const failure = (text: string, operation: YamlEmbeddedOperation): string =>
  failureOf(() => editYamlEmbedded(Buffer.from(text), operation));

const gate = `jobs:
  changes:
    steps:
      - uses: dorny/paths-filter@v3 # filters
        with:
          filters: |
            # the agent
            agent:
              - 'agent/**'
              - '!agent/go/**' # the new one
   
            agent-go:
              - 'agent/go/**'
            # ünïcode 🎉
            chart: ['chart/**']

          token: x
`;
const at = 'jobs.changes.steps[0].with.filters';

describe('yaml.embedded', () => {
  it('edits path filters in a block scalar and leaves all other lines alone', () => {
    const result = embedded(gate, {
      at,
      as: 'yaml',
      ops: [
        { 'yaml.list': { at: 'agent', remove: ['!agent/go/**'] } },
        { 'yaml.map': { at: '', delete: ['agent-go'] } },
        { 'yaml.list': { at: 'chart', add: [{ value: 'lib/**' }] } },
      ],
    });
    expect(result).toBe(
      gate
        .replace("              - '!agent/go/**' # the new one\n", '')
        .replace("            agent-go:\n              - 'agent/go/**'\n", '')
        .replace("['chart/**']", "['chart/**', 'lib/**']"),
    );
  });

  it('adds at the end, at the beginning, and where a line is shorter than the indentation', () => {
    expect(embedded(gate, { at, as: 'yaml', ops: [{ 'yaml.map': { at: '', set: { docs: ['x'] } } }] })).toBe(
      gate.replace("['chart/**']\n", "['chart/**']\n            docs:\n              - x\n"),
    );
    const text = 'a: |\r\n  b\r\n\r\n  c';
    const lines = (match: string, more: object): string =>
      embedded(text, { at: 'a', as: 'text', ops: [{ lines: { match, ...more } }] });
    expect(lines('b', { before: 'x' })).toBe('a: |\r\n  x\r\n  b\r\n\r\n  c');
    expect(lines('b', { after: 'x' })).toBe('a: |\r\n  b\r\n  x\r\n\r\n  c');
    expect(lines('b', { delete: true })).toBe('a: |\r\n\r\n  c');
    expect(lines('c', { replace: 'd' })).toBe('a: |\r\n  b\r\n\r\n  d');
    expect(lines('', { replace: 'd' })).toBe('a: |\r\n  b\r\n  d\r\n  c');
  });

  it('edits JSON and text', () => {
    const text =
      'data:\n  config.json: |-\n    {\n      "a": 1, "b": [1]\n    }\n  run: |\n    cd agent/go\n    make\n';
    expect(
      embedded(text, { at: 'data."config.json"', as: 'json', ops: [{ 'json.edit': { ops: [{ at: 'a', set: 2 }] } }] }),
    ).toBe(text.replace('"a": 1', '"a": 2'));
    expect(
      embedded(text, { at: 'data.run', as: 'text', ops: [{ replace: { find: 'agent/go', with: 'agent' } }] }),
    ).toBe(text.replace('agent/go', 'agent'));
  });

  it('finds nothing to do the second time', () => {
    const operation: YamlEmbeddedOperation = {
      at,
      as: 'yaml',
      ops: [{ 'yaml.list': { at: 'chart', add: [{ value: 'lib/**' }] } }],
    };
    expect(editYamlEmbedded(Buffer.from(embedded(gate, operation)), operation)).toEqual({ splices: [], matches: 1 });
  });

  it('holds any line edit in any block scalar to the text', () => {
    const line = fc.constantFrom('', 'x', '  y', '# z', 'ü🎉', '- a: b', '\tt');
    void fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 6 }),
        fc.array(line, { maxLength: 3 }),
        fc.nat(6),
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom('\n', '\r\n'),
        (lines, added, where, indent, ending) => {
          const inner = ['first', ...lines, 'last'];
          const index = 1 + (where % lines.length);
          const pad = ' '.repeat(indent);
          const body = inner.map((one) => (one === '' ? '' : `${pad}${one}`)).toSpliced(index, 0, `${pad}@mark@`);
          const next = edited(['a: |', ...body, 'b: 1', ''].join(ending), (bytes) => {
            const replace = { find: '@mark@\n', with: added.map((one) => `${one}\n`).join('') };
            return editYamlEmbedded(bytes, { at: 'a', as: 'text', ops: [{ replace }] });
          });
          expect(parse(next)).toEqual({ a: `${inner.toSpliced(index, 0, ...added).join('\n')}\n`, b: 1 });
        },
      ),
      { numRuns: 400 },
    );
  });

  it.each<[string, string, YamlEmbeddedOperation, string]>([
    [
      'text in quotes',
      'a: "b"',
      { at: 'a', as: 'text', ops: [{ lines: { match: 'b', delete: true } }] },
      'EDIT_INVALID: expected a literal block scalar (|) at a',
    ],
    [
      'folded text',
      'a: >\n  b',
      { at: 'a', as: 'text', ops: [{ lines: { match: 'b', delete: true } }] },
      'EDIT_INVALID: expected a literal block scalar (|) at a',
    ],
    [
      'an operation of another kind',
      'a: |\n  b',
      { at: 'a', as: 'text', ops: [{ 'yaml.map': { at: '', set: { b: 1 } } }] },
      'EDIT_INVALID: yaml.map does not fit the text at a, which is read as text',
    ],
    [
      'text that is no YAML afterwards',
      'a: |\n  b: c',
      { at: 'a', as: 'yaml', ops: [{ replace: { find: 'b', with: '[' } }] },
      'EDIT_INVALID: not valid YAML',
    ],
    [
      'edits of one place',
      'a: |\n  b: 1',
      {
        at: 'a',
        as: 'yaml',
        ops: [{ 'yaml.map': { at: '', set: { b: 2 } } }, { 'yaml.map': { at: '', set: { b: 3 } } }],
      },
      'EDIT_OVERLAP',
    ],
  ])('refuses %s', (_, text, operation, message) => {
    expect(failure(text, operation)).toContain(message);
  });
});
