import { BatonError } from '@baton/kernel';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { parseYamlForm, type YamlForm } from './yaml-form.ts';

const schema = z.strictObject({
  name: z.string(),
  either: z.array(z.union([z.enum(['all', 'some']), z.strictObject({ only: z.string() })])).exactOptional(),
  bytes: z.unknown().exactOptional(),
});
const form: YamlForm<typeof schema> = {
  schema,
  code: ([key]) => (key === 'either' ? 'TOKEN_INVALID' : 'SCENARIO_INVALID'),
  smallest: 'name: x',
  tags: [
    {
      tag: '!hex',
      resolve(text, onError) {
        if (!/^[0-9a-f]*$/.test(text)) onError('expected digits after !hex');
        return Buffer.from(text, 'hex');
      },
    },
  ],
  nul: true,
};
const failure = (text: string): string[] => {
  try {
    return [JSON.stringify(parseYamlForm(Buffer.from(text), 'x.yaml', form))];
  } catch (error) {
    if (!(error instanceof BatonError)) throw error;
    return [error.code, error.message, error.hint ?? ''];
  }
};

describe('a form of another room', () => {
  it('is read with its own tags, and with NUL where it wants that', () => {
    expect(
      parseYamlForm(Buffer.from('{ name: "a\\0", bytes: !hex ff, either: [all, { only: x }] }'), 'x.yaml', form),
    ).toEqual({
      name: 'a\0',
      bytes: Buffer.from([0xff]),
      either: ['all', { only: 'x' }],
    });
  });

  it.each([
    ['', ['SCENARIO_INVALID', 'x.yaml:1:1: the file is empty', 'name: x']],
    ['name: !hex xx\n', ['SCENARIO_INVALID', 'x.yaml:1:7: expected digits after !hex', '']],
    ['name: a\nbytes: !hax ff\n', ['SCENARIO_INVALID', 'x.yaml:2:8: not valid YAML: Unresolved tag: !hax', '']],
    ['name: !hex ff\n', ['SCENARIO_INVALID', 'x.yaml:1:12: name: expected string, found bytes', '']],
  ])('%j', (text, expected) => {
    const found = failure(text);
    expect([found[0], found[1]?.replace(/Invalid input: expected string, received \w+/, 'string'), found[2]]).toEqual(
      expected,
    );
  });

  it('gives problems the code of their place, and the first decides', () => {
    expect(failure('name: a\neither: [al, { onyl: x }, []]\nmore: 1\n')).toEqual([
      'TOKEN_INVALID',
      'x.yaml:2:10: either[0]: expected all or some, found "al"',
      [
        'Did you mean all?',
        '4 more problems:',
        '  x.yaml:2:14: either[1]: the key "only" is missing',
        '  x.yaml:2:16: either[1]: unknown key "onyl", did you mean "only"?',
        '  x.yaml:2:27: either[2]: expected text or a mapping, found an empty list',
        '  x.yaml:3:1: unknown key "more"',
      ].join('\n'),
    ]);
  });
});
