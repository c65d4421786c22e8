import * as z from 'zod';

/** What one field of an options schema is on the command line. */
export interface OptionFact {
  /** The schema's key: `dryRun`. */
  key: string;
  /** `--dry-run`; `--no-bundle` for a boolean that is true by default; `<to>` for a positional one. */
  name: string;
  kind: 'boolean' | 'text' | 'number' | 'choice' | 'list';
  /** Stands at a place of its own, not behind a flag: `argument: true` in the schema's meta. */
  positional: boolean;
  required: boolean;
  /** The schema's; a flag that turns something off says `Do not ...`. */
  description: string;
  /** What stands for the value in the help: `meta({ value: 'file' })`, else the last word of the key. */
  value: string;
  choices: readonly string[];
  /** The default, for people; undefined where there is none worth showing. */
  fallback: string | undefined;
}

/** Reads the fields of an options schema, in their order. */
export function optionFacts(schema: z.ZodObject): OptionFact[] {
  return Object.entries(schema.shape).map(([key, field]) => optionFact(key, field));
}

function optionFact(key: string, field: z.core.$ZodType): OptionFact {
  const { inner, meta, fallback, required } = unwrap(field);
  const positional = meta.argument === true;
  const kind = kindOf(key, inner);
  const flag = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const description = textOf(meta.description) ?? textOf(meta.title) ?? '';
  const negated = kind === 'boolean' && fallback === true;
  return {
    key,
    name: positional ? (required ? `<${flag}>` : `[${flag}]`) : `--${negated ? 'no-' : ''}${flag}`,
    kind,
    positional,
    required,
    description: negated ? `Do not ${description.charAt(0).toLowerCase()}${description.slice(1)}` : description,
    value: textOf(meta.value) ?? (kind === 'number' ? 'number' : (flag.split('-').at(-1) ?? flag)),
    choices: inner instanceof z.ZodEnum ? inner.options.map(String) : [],
    fallback: kind === 'boolean' || fallback === undefined ? undefined : String(fallback),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

interface Unwrapped {
  inner: z.core.$ZodType;
  meta: Record<string, unknown>;
  fallback: unknown;
  required: boolean;
}

function unwrap(field: z.core.$ZodType): Unwrapped {
  const meta = z.globalRegistry.get(field) ?? {};
  if (field instanceof z.ZodDefault) {
    const inside = unwrap(field.def.innerType);
    return { ...inside, meta: { ...inside.meta, ...meta }, fallback: field.def.defaultValue, required: false };
  }
  if (field instanceof z.ZodOptional) {
    const inside = unwrap(field.def.innerType);
    return { ...inside, meta: { ...inside.meta, ...meta }, required: false };
  }
  return { inner: field, meta, fallback: undefined, required: true };
}

function kindOf(key: string, field: z.core.$ZodType): OptionFact['kind'] {
  if (field instanceof z.ZodBoolean) return 'boolean';
  if (field instanceof z.ZodString) return 'text';
  if (field instanceof z.ZodNumber) return 'number';
  if (field instanceof z.ZodEnum) return 'choice';
  if (field instanceof z.ZodArray) return 'list';
  throw new TypeError(`option "${key}" has a type that cannot be written on a command line`);
}
