import { BatonError } from '@baton/kernel';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { optionFacts } from './option-facts.ts';
import { optionsFromSchema, valuesFromCommand } from './options-from-schema.ts';
import { readOptions } from './read-options.ts';

const schema = z.strictObject({
  path: z.string().default('.').meta({ description: 'The project', argument: true }),
  others: z.array(z.string()).default([]).meta({ description: 'More', argument: true }),
  dryRun: z.boolean().default(false).meta({ description: 'Change nothing' }),
  bundle: z.boolean().default(true).meta({ description: 'Bundle first' }),
  release: z.string().min(1).optional().meta({ description: 'The version' }),
  tag: z.array(z.string()).optional().meta({ description: 'Tags' }),
  format: z.enum(['layout', 'archive']).default('layout').meta({ description: 'The form' }),
  jobs: z.int().min(1).max(8).default(4).meta({ description: 'At once' }),
  keyFile: z.string().optional().meta({ description: 'A key', value: 'pem' }),
});

function parse(...words: string[]): z.output<typeof schema> {
  const command = new Command('try').exitOverride();
  optionsFromSchema(command, schema);
  command.parse(words, { from: 'user' });
  return readOptions('try', schema, valuesFromCommand(command, schema));
}

const DEFAULTS = { path: '.', others: [], dryRun: false, bundle: true, format: 'layout', jobs: 4 };

describe('options from a schema', () => {
  test('without words everything has its default and optional keys are absent', () => {
    expect(parse()).toEqual(DEFAULTS);
  });

  test('every kind of option is read', () => {
    const words = '--dry-run --no-bundle --release 1.2.0 --tag a --tag=b --format archive --jobs 8 --key-file k p q r';
    expect(parse(...words.split(' '))).toEqual({
      path: 'p',
      others: ['q', 'r'],
      dryRun: true,
      bundle: false,
      release: '1.2.0',
      tag: ['a', 'b'],
      format: 'archive',
      jobs: 8,
      keyFile: 'k',
    });
  });

  test('a repeated option does not swallow the argument behind it', () => {
    expect(parse('--tag', 'a', 'project')).toEqual({ ...DEFAULTS, tag: ['a'], path: 'project' });
  });

  test.each([
    [['--format', 'zip'], '--format: expected layout, archive; found "zip"'],
    [['--jobs', 'many'], '--jobs: expected a number; found "many"'],
    [['--jobs', '2.5'], '--jobs: expected a whole number; found "2.5"'],
    [['--jobs', '0'], '--jobs: expected a number of at least 1; found "0"'],
    [['--jobs', '9'], '--jobs: expected a number of at most 8; found "9"'],
    [['--release', ''], '--release: expected some text; found nothing'],
  ])('%j is refused by name', (words, message) => {
    const attempt = (): unknown => parse(...words);
    expect(attempt).toThrow(BatonError);
    expect(attempt).toThrow(
      expect.objectContaining({ code: 'USAGE', message, hint: '"baton try --help" shows what it takes.' }),
    );
  });

  test('help has flags, values, choices and defaults', () => {
    const command = new Command('try');
    optionsFromSchema(command, schema);
    expect(command.options.map(({ flags, description }) => `${flags}: ${description}`)).toEqual([
      '--dry-run: Change nothing',
      '--no-bundle: Do not bundle first',
      '--release <release>: The version',
      '--tag <tag>: Tags (may be repeated)',
      '--format <format>: The form (one of layout, archive; default: layout)',
      '--jobs <number>: At once (default: 4)',
      '--key-file <pem>: A key',
    ]);
    expect(
      command.registeredArguments.map((argument) => [argument.name(), argument.required, argument.variadic]),
    ).toEqual([
      ['path', false, false],
      ['others', false, true],
    ]);
  });
});

describe('optionFacts', () => {
  test('a field without default must be given', () => {
    const facts = optionFacts(z.strictObject({ to: z.string().meta({ title: 'To', argument: true }) }));
    expect(facts).toMatchObject([{ name: '<to>', required: true, positional: true, description: 'To' }]);
  });

  test('meta inside a default or an optional is found', () => {
    const inside = z.string().meta({ description: 'inside', argument: true });
    expect(optionFacts(z.strictObject({ a: inside.optional(), b: inside.default('x') }))).toMatchObject([
      { name: '[a]', description: 'inside' },
      { name: '[b]', description: 'inside', fallback: 'x' },
    ]);
  });

  test('a type that has no form on a command line is a fault of the schema', () => {
    expect(() => optionFacts(z.strictObject({ when: z.date() }))).toThrow('option "when" has a type');
  });
});
