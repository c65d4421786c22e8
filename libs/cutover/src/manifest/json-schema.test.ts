import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Json, prettyJson } from '@baton/kernel';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { cutoverJsonSchema } from './json-schema.ts';

describe('the JSON Schema of cutovers', () => {
  test('is the one that is checked in', async () => {
    const checkedIn = await readFile(resolve(import.meta.dirname, '../../cutover.schema.json'), 'utf8');
    expect(checkedIn, 'run: npm run check -- --fix').toBe(prettyJson(cutoverJsonSchema()).toString());
  });

  test('describes every key, so that editors can', () => {
    const bare: string[] = [];
    const walk = (schema: Json | undefined, path: string): void => {
      if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return;
      const node = schema as Record<string, Json>;
      for (const [key, value] of Object.entries((node.properties ?? {}) as Record<string, Json>)) {
        if ((value as { description?: string }).description === undefined) bare.push(`${path}.${key}`);
        walk(value, `${path}.${key}`);
      }
      walk(node.items, `${path}[]`);
      for (const option of (node.anyOf ?? []) as Json[]) walk(option, path);
    };
    walk(cutoverJsonSchema(), '');
    expect(bare).toEqual([]);
  });

  test.each<[string, object]>([
    ['an unknown key', { colour: 1 }],
    ['two operations in one', { paths: [{ move: { from: 'a', to: 'b' }, delete: { glob: 'c' } }] }],
    ['an operation of no kind', { edits: [{}] }],
    ['no author', { commit: { subject: 's' } }],
  ])('refuses %s', (_, part) => {
    const schema = z.fromJSONSchema(JSON.parse(JSON.stringify(cutoverJsonSchema())));
    const good = { version: 1, name: 'a', commit: { author: { name: 'A', email: 'a@b' }, subject: 's' } };
    expect(schema.safeParse(good).error?.issues).toBeUndefined();
    const known = ['an operation of no kind', 'two operations in one'];
    // zod does not read minProperties; editors do.
    if (!known.includes(_)) expect(schema.safeParse({ ...good, ...part }).success).toBe(false);
  });
});
