import type { Json } from '@baton/kernel';
import * as z from 'zod';
import { scenarioSchema } from './scenario-schema.ts';

/**
 * The JSON Schema (draft 7, which editors know best) of a scenario; checked in as `libs/parity/scenario.schema.json`. For an editor
 * `!hex`, `!base64` and `!unset` are tags of scalars.
 */
export function scenarioJsonSchema(): { [key: string]: Json } {
  const schema = z.toJSONSchema(scenarioSchema, {
    io: 'input',
    target: 'draft-7',
    override({ jsonSchema }) {
      // zod writes JavaScript's own limits of integers, which are no rule of ours.
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  const { $schema, ...rest } = JSON.parse(JSON.stringify(schema)) as { [key: string]: Json };
  return { $schema: $schema ?? '', title: 'Parity scenario', ...rest };
}
