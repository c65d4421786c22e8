import * as z from 'zod';
import type { ValuePath } from './yaml-types.ts';

type Schema = z.core.$ZodType;

/** The schema behind optional and default wrappers. */
export function unwrapped(schema: Schema): Schema {
  if (schema instanceof z.ZodExactOptional || schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) {
    return unwrapped(schema.unwrap());
  }
  return schema;
}

/** The schema of the value at `path`, or undefined; `choose` picks the option where the way goes through a union. */
export function schemaAt(
  schema: Schema,
  path: ValuePath,
  choose: (union: z.ZodUnion, at: ValuePath) => Schema | undefined,
): Schema | undefined {
  let here: Schema | undefined = unwrapped(schema);
  for (const [depth, step] of path.entries()) {
    if (here instanceof z.ZodUnion) here = choose(here, path.slice(0, depth));
    if (here === undefined) return undefined;
    here = below(here, step);
    if (here === undefined) return undefined;
    here = unwrapped(here);
  }
  return here;
}

/** The keys that a mapping may have, or an empty list for anything else. */
export function knownKeys(schema: Schema | undefined): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

/** The description of a schema, looked up through its wrappers. */
export function descriptionOf(schema: Schema | undefined): string | undefined {
  if (!(schema instanceof z.ZodType)) return undefined;
  const own = schema.description;
  if (own !== undefined) return own;
  const inner = unwrapped(schema);
  return inner === schema ? undefined : descriptionOf(inner);
}

function below(schema: Schema, step: PropertyKey): Schema | undefined {
  if (schema instanceof z.ZodObject) return (schema.shape as Record<PropertyKey, Schema>)[step];
  if (schema instanceof z.ZodArray) return schema.element;
  if (schema instanceof z.ZodRecord) return schema.valueType;
  return undefined;
}
