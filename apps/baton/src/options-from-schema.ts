import { Argument, type Command, Option } from 'commander';
import type * as z from 'zod';
import { type OptionFact, optionFacts } from './option-facts.ts';

/**
 * Gives a command the options of a schema: booleans as flags (`--no-x` where they are true by default), choices, numbers
 * and text with a value, lists as options that may be repeated, and `argument: true` fields as positional arguments.
 *
 * Commander only takes the words apart; {@link readOptions} judges them, so defaults and rules live in the schema alone.
 */
export function optionsFromSchema(command: Command, schema: z.ZodObject): void {
  for (const fact of optionFacts(schema)) {
    if (fact.positional) command.addArgument(positional(fact));
    else command.addOption(flag(fact));
  }
}

/** The values that commander found, by the schema's keys; what was not given is absent. */
export function valuesFromCommand(command: Command, schema: z.ZodObject): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  const words = command.processedArgs;
  let place = 0;
  for (const fact of optionFacts(schema)) {
    const value: unknown = fact.positional ? words[place++] : command.getOptionValue(fact.key);
    if (value !== undefined) values[fact.key] = value;
  }
  return values;
}

function positional(fact: OptionFact): Argument {
  const name = fact.kind === 'list' ? fact.name.replace(/[>\]]$/, '...$&') : fact.name;
  return new Argument(name, describe(fact));
}

function flag(fact: OptionFact): Option {
  if (fact.kind === 'boolean') return new Option(fact.name, fact.description);
  const option = new Option(`${fact.name} <${fact.value}>`, describe(fact));
  // Repeated, not variadic: "--tag a b" would swallow the project's path that follows.
  if (fact.kind === 'list') option.argParser((word: string, all: string[] | undefined) => [...(all ?? []), word]);
  return option;
}

function describe(fact: OptionFact): string {
  const more = [
    ...(fact.choices.length > 0 ? [`one of ${fact.choices.join(', ')}`] : []),
    ...(fact.fallback === undefined ? [] : [`default: ${fact.fallback}`]),
    ...(fact.kind === 'list' ? ['may be repeated'] : []),
  ];
  return more.length === 0 ? fact.description : `${fact.description} (${more.join('; ')})`;
}
