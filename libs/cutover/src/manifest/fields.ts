import type { Count, NodePath, Position, Value } from '@baton/edit';
import * as z from 'zod';
import { globComplaint, pathComplaint } from './path-rule.ts';

type Complaint = { expected: string; hint?: string } | undefined;

/** A field for text; `judge` says what is wrong with one. */
export function text(description: string, judge?: (value: string) => Complaint): z.ZodString {
  return z
    .string({ error: 'text' })
    .superRefine((value, context) => {
      const complaint = judge?.(value);
      if (complaint === undefined) return;
      const { expected, hint } = complaint;
      context.addIssue({ code: 'custom', message: expected, params: { hint } });
    })
    .meta({ description });
}

/** Text that is not empty. */
export function someText(description: string): z.ZodString {
  return text(description, (value) => (value === '' ? { expected: 'text that is not empty' } : undefined));
}

/** Text of one line that is not empty. */
export function line(description: string): z.ZodString {
  return text(description, (value) =>
    value === '' || /[\r\n\0]/.test(value) ? { expected: 'one line of text that is not empty' } : undefined,
  );
}

/** Text that obeys a pattern, which editors see too. */
export function patterned(pattern: RegExp, expected: string, description: string): z.ZodString {
  return text(description, (value) => (pattern.test(value) ? undefined : { expected })).meta({
    description,
    pattern: pattern.source,
  });
}

/** A path of the repository. */
export function path(description: string): z.ZodString {
  return text(description, pathComplaint);
}

/** A directory of the repository, with `.` for its root. */
export function directory(description: string): z.ZodString {
  return text(description, (value) => (value === '.' ? undefined : pathComplaint(value)));
}

/** A glob over paths of the repository. */
export function glob(description: string): z.ZodString {
  return text(description, globComplaint);
}

/** One or a list of at least one. */
export function oneOrMore<S extends z.ZodType>(item: S, description: string) {
  return z.union([item, z.array(item).min(1)]).meta({ description });
}

/** One glob or several. */
export function globs(description: string) {
  return oneOrMore(glob(description), description);
}

/** Any value that YAML and JSON both know. */
export function value(description: string): z.ZodType<Value, Value> {
  return z
    .custom<Value>((found) => found !== undefined && !(typeof found === 'number' && !Number.isFinite(found)), {
      error: 'a value that JSON can hold',
    })
    .meta({ description });
}

/** How many matches are wanted. */
export function count(description: string): z.ZodType<Count, Count> {
  const range = z
    .strictObject({
      min: z.int().min(0).describe('At least so many.').exactOptional(),
      max: z.int().min(0).describe('At most so many.').exactOptional(),
    })
    .refine(({ min, max }) => min === undefined || max === undefined || min <= max, {
      error: 'a range whose min is at most its max',
    });
  return z.union([z.int().min(0), z.literal('any'), range]).meta({ description });
}

/** The place of a node in a document. */
export function nodePath(description: string): z.ZodType<NodePath, NodePath> {
  return z
    .union([z.string(), z.array(z.union([z.string(), z.int().min(0)]))])
    .meta({ description: `${description} Such as \`on.push.paths\`, or a list of keys and indexes.` });
}

/** Where a new item goes. */
export function position(description: string): z.ZodType<Position, Position> {
  const beside = exactlyOneOf(
    z.strictObject({
      before: value('In front of the item with this value.').exactOptional(),
      after: value('Behind the item with this value.').exactOptional(),
    }),
    ['before', 'after'],
  );
  return z.union([z.enum(['start', 'end']), beside]).meta({ description }) as z.ZodType<Position, Position>;
}

/** A map from text to `item`. */
export function mapOf<S extends z.ZodType>(item: S, description: string) {
  return z.record(z.string(), item).meta({ description });
}

/** A switch. */
export function flag(description: string) {
  return z.boolean().meta({ description });
}

/** A switch that is only ever written when it is on. */
export function on(description: string) {
  return z.literal(true).meta({ description });
}

/** Adds the rule that exactly one of these keys is there. */
export function exactlyOneOf<S extends z.ZodType>(schema: S, keys: readonly string[]): S {
  return schema.superRefine((found, context) => {
    const given = keys.filter((key) => Object.hasOwn(found as object, key));
    if (given.length === 1) return;
    // A key that nobody knows is told of already: it is most likely the one that is missing here.
    if (given.length === 0 && hasUnknownKey(context)) return;
    const list = given.length === 0 ? 'there is none' : `found ${given.join(' and ')}`;
    context.addIssue({
      code: 'custom',
      message: `exactly one of ${keys.join(', ')}`,
      params: { hint: `Of these keys, ${list}.` },
    });
  });
}

/** Adds the rule that at least one of these keys is there. */
export function someOf<S extends z.ZodType>(schema: S, keys: readonly string[]): S {
  return schema.superRefine((found, context) => {
    if (keys.some((key) => Object.hasOwn(found as object, key)) || hasUnknownKey(context)) return;
    context.addIssue({ code: 'custom', message: `at least one of ${keys.join(', ')}` });
  });
}

function hasUnknownKey({ issues }: z.RefinementCtx): boolean {
  return issues.some(({ code }) => code === 'unrecognized_keys');
}

/** What every operation may carry. */
export const COMMON = {
  optional: flag('Finding nothing, or nothing to do, is no error.').exactOptional(),
  reason: text('Why; shown in the plan.').exactOptional(),
};

/** What every edit carries. */
export const IN_FILES = {
  in: globs('The files, named as they are after the path operations; a list or a glob edits each.'),
  ...COMMON,
};
