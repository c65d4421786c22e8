import type { Json } from '@baton/kernel';
import * as z from 'zod';
import { statementSchema } from './schema.ts';

/** The JSON Schema (2020-12) of a statement with the common part of its predicate; checked in as `statement.schema.json`. */
export function statementJsonSchema(): { [key: string]: Json } {
  const schema = z.toJSONSchema(statementSchema, { io: 'input' });
  const { $schema, ...rest } = JSON.parse(JSON.stringify(schema)) as { [key: string]: Json };
  return { $schema: $schema ?? '', title: 'Baton evidence statement', ...rest };
}
