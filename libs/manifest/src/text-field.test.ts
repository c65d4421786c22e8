import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { described, plainText, type TextRule, textField, uniqueList } from './text-field.ts';

const RULE: TextRule = {
  expected: 'three letters',
  description: 'A word.',
  pattern: /^[a-z]{3}$/,
  examples: ['abc'],
  judge: (text) =>
    text === 'xxx' ? { expected: 'another word', hint: 'Write abc.', code: 'VERSION_INVALID' } : undefined,
};

function issueOf(schema: z.ZodType, value: unknown): z.core.$ZodIssue | undefined {
  return schema.safeParse(value).error?.issues[0];
}

describe('textField', () => {
  it('takes what the rule takes', () => {
    expect(textField(RULE).parse('abc')).toBe('abc');
  });

  it('carries the words of the rule', () => {
    expect(issueOf(textField(RULE), 'ab')).toMatchObject({ code: 'custom', message: 'three letters' });
    expect(issueOf(textField(RULE), 3)).toMatchObject({ code: 'invalid_type', message: 'three letters' });
  });

  it('lets the judge speak before the pattern', () => {
    expect(issueOf(textField(RULE), 'xxx')).toMatchObject({
      message: 'another word',
      params: { hint: 'Write abc.', code: 'VERSION_INVALID' },
    });
  });

  it('gives pattern, description and examples to the JSON Schema', () => {
    expect(z.toJSONSchema(textField(RULE))).toMatchObject({
      type: 'string',
      pattern: '^[a-z]{3}$',
      description: 'A word.',
      examples: ['abc'],
    });
  });
});

describe('described', () => {
  it('replaces the description and keeps the rest', () => {
    const schema = z.toJSONSchema(described(textField(RULE), 'Another.'));
    expect(schema).toMatchObject({ description: 'Another.', pattern: '^[a-z]{3}$' });
  });
});

describe('uniqueList', () => {
  const list = uniqueList(plainText(), 1, 'Words.');

  it('names the entry that is there again', () => {
    expect(issueOf(list, ['a', 'b', 'a'])).toMatchObject({
      path: [2],
      message: expect.stringContaining('not have yet'),
    });
    expect(list.parse(['a', 'b'])).toEqual(['a', 'b']);
  });

  it('keeps the least number of items', () => {
    expect(issueOf(list, [])).toMatchObject({ code: 'too_small' });
    expect(uniqueList(plainText(), 0, 'Words.').parse([])).toEqual([]);
  });

  it('tells the JSON Schema', () => {
    expect(z.toJSONSchema(list)).toMatchObject({ uniqueItems: true, minItems: 1 });
  });
});
