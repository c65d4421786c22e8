import type { Json } from '@baton/kernel';
import * as z from 'zod';
import { cutoverSchema } from './schema.ts';

/** The JSON Schema (draft 7, which editors know best) of `cutover.yaml`; checked in as `libs/cutover/cutover.schema.json`. */
export function cutoverJsonSchema(): { [key: string]: Json } {
  const schema = z.toJSONSchema(cutoverSchema, {
    io: 'input',
    target: 'draft-7',
    // A value of any kind is a check of ours, and no schema.
    unrepresentable: 'any',
    override({ jsonSchema }) {
      // zod writes JavaScript's own limits of integers, which are no rule of ours.
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  const { $schema, ...rest } = JSON.parse(JSON.stringify(schema)) as { [key: string]: Json };
  return { $schema: $schema ?? '', title: 'Cutover', ...rest };
}
