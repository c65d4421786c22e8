import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { descriptionOf, knownKeys, schemaAt } from './schema-walk.ts';

const leaf = z.string().describe('A leaf.');
const schema = z.strictObject({
  list: z.array(z.strictObject({ leaf: leaf.default('x') })).exactOptional(),
  map: z.record(z.string(), leaf).optional(),
  either: z.union([z.literal('a'), z.strictObject({ b: leaf })]),
});
const second = (union: z.ZodUnion): z.core.$ZodType | undefined => union.options[1];

describe('schemaAt', () => {
  it('walks objects, lists and mappings through their wrappers', () => {
    expect(descriptionOf(schemaAt(schema, ['list', 3, 'leaf'], second))).toBe('A leaf.');
    expect(descriptionOf(schemaAt(schema, ['map', 'any'], second))).toBe('A leaf.');
    expect(knownKeys(schemaAt(schema, ['list', 0], second))).toEqual(['leaf']);
    expect(knownKeys(schemaAt(schema, [], second))).toEqual(['list', 'map', 'either']);
  });

  it('lets the caller choose in a union', () => {
    expect(descriptionOf(schemaAt(schema, ['either', 'b'], second))).toBe('A leaf.');
    expect(schemaAt(schema, ['either', 'b'], () => undefined)).toBeUndefined();
    expect(schemaAt(schema, ['either'], second)).toBeInstanceOf(z.ZodUnion);
  });

  it('ends where the schema ends', () => {
    expect(schemaAt(schema, ['absent'], second)).toBeUndefined();
    expect(schemaAt(schema, ['map', 'a', 'b'], second)).toBeUndefined();
    expect(knownKeys(undefined)).toEqual([]);
    expect(descriptionOf(undefined)).toBeUndefined();
  });
});
