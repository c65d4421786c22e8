import type { ErrorCode } from '@baton/kernel';
import * as z from 'zod';

/** Why one text is refused: replaces parts of the rule's own words. */
export interface Complaint {
  /** What was expected, when this case deserves other words than the rule's. */
  expected?: string;
  /** The next step. */
  hint?: string;
  /** The error code, when it is not `MANIFEST_INVALID`. */
  code?: ErrorCode;
}

/** How one kind of text in the manifest is judged and described. */
export interface TextRule {
  /** Finishes the sentence "expected ...". */
  expected: string;
  /** For the reference and for editors: what the value means. */
  description: string;
  /** Also goes to the JSON Schema, so editors judge alike: no flags. */
  pattern?: RegExp;
  /** What a pattern cannot say; asked before the pattern, so that its words win. */
  judge?(text: string): Complaint | undefined;
  examples?: readonly string[];
}

/** A zod field for text that obeys a rule; its issues carry the words of the rule (see problems.ts). */
export function textField(rule: TextRule): z.ZodString {
  return z
    .string({ error: rule.expected })
    .superRefine((text, context) => {
      const complaint = rule.judge?.(text) ?? (rule.pattern?.test(text) === false ? {} : undefined);
      if (complaint === undefined) return;
      context.addIssue({
        code: 'custom',
        message: complaint.expected ?? rule.expected,
        params: { hint: complaint.hint, code: complaint.code },
      });
    })
    .meta({
      description: rule.description,
      ...(rule.pattern === undefined ? {} : { pattern: rule.pattern.source }),
      ...(rule.examples === undefined ? {} : { examples: [...rule.examples] }),
    });
}

/** Adds a sentence of its own to a field that uses a common rule. */
export function described<S extends z.ZodType>(schema: S, description: string): S {
  return schema.meta({ ...schema.meta(), description });
}

/** A list without repeated items. `minimum` is the least number of items. */
export function uniqueList<S extends z.ZodType<string>>(item: S, minimum: 0 | 1, description: string): z.ZodArray<S> {
  return z
    .array(item)
    .min(minimum)
    .superRefine((items, context) => {
      const seen = new Set<string>();
      for (const [index, value] of items.entries()) {
        if (seen.has(value)) {
          context.addIssue({ code: 'custom', message: 'an entry that the list does not have yet', path: [index] });
        }
        seen.add(value);
      }
    })
    .meta({ description, uniqueItems: true });
}

/** A zod field for any text. */
export function plainText(): z.ZodString {
  return z.string({ error: 'text' });
}
