import { BatonError } from '@baton/kernel';
import type * as z from 'zod';
import { type OptionFact, optionFacts } from './option-facts.ts';

/**
 * Turns what a command line had into a command's options: numbers are read, defaults filled in, and everything is judged
 * by the schema. The first wrong value is named with its flag (`USAGE`).
 */
export function readOptions<S extends z.ZodObject>(
  name: string,
  schema: S,
  values: Record<string, unknown>,
): z.output<S> {
  const facts = optionFacts(schema);
  const numbers = new Set(facts.filter((fact) => fact.kind === 'number').map((fact) => fact.key));
  const input = Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, numbers.has(key) ? readNumber(value) : value]),
  );
  const read = schema.safeParse(input);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const fact = facts.find((one) => one.key === issue?.path[0]);
  throw new BatonError('USAGE', `${fact?.name ?? name}: ${complaint(issue, fact, values[fact?.key ?? ''])}`, {
    hint: `"baton ${name} --help" shows what it takes.`,
  });
}

// Text that is no number stays text, so that the schema's complaint shows what was written.
function readNumber(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}

function complaint(issue: z.core.$ZodIssue | undefined, fact: OptionFact | undefined, value: unknown): string {
  const found = value === undefined ? 'nothing' : JSON.stringify(value);
  if (fact?.kind === 'choice') return `expected ${fact.choices.join(', ')}; found ${found}`;
  if (fact?.kind === 'number') return `expected ${numberWords(issue)}; found ${found}`;
  if (issue?.code === 'too_small' && issue.origin === 'string') return 'expected some text; found nothing';
  return `${issue?.message ?? 'not valid'}; found ${found}`;
}

function numberWords(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code === 'too_small') return `a number of at least ${issue.minimum}`;
  if (issue?.code === 'too_big') return `a number of at most ${issue.maximum}`;
  return issue?.code === 'invalid_type' && issue.expected === 'int' ? 'a whole number' : 'a number';
}
