import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Json, prettyJson } from '@baton/kernel';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { scenarioJsonSchema } from './json-schema.ts';
import { scenarioFiles } from './load-suite.ts';

describe('the JSON Schema of scenarios', () => {
  test('is the one that is checked in', async () => {
    const checkedIn = await readFile(resolve(import.meta.dirname, '../../scenario.schema.json'), 'utf8');
    expect(checkedIn, 'run: npm run check -- --fix').toBe(prettyJson(scenarioJsonSchema()).toString());
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
    walk(scenarioJsonSchema(), '');
    expect(bare).toEqual([]);
  });

  test('takes every scenario of the agent, as an editor does that knows the tags', async () => {
    const schema = z.fromJSONSchema(JSON.parse(JSON.stringify(scenarioJsonSchema())));
    const customTags = ['!hex', '!base64', '!unset'].map((tag) => ({ tag, resolve: (text: string) => text }));
    const files = await scenarioFiles(resolve(import.meta.dirname, '../../../../apps/agent/parity/scenarios'));
    expect(files.length).toBeGreaterThanOrEqual(174);
    for (const file of files) {
      const value: unknown = parse(await readFile(file, 'utf8'), { schema: 'core', customTags });
      expect(schema.safeParse(value).error?.issues, join(file)).toBeUndefined();
    }
  });

  test.each<[string, unknown]>([
    ['an unknown key', { colour: 1 }],
    ['a number for text', { env: { A: 1 } }],
    ['no run', { runs: [] }],
    ['an unknown token', { tokens: ['iso'] }],
  ])('refuses %s', (_, part) => {
    const schema = z.fromJSONSchema(JSON.parse(JSON.stringify(scenarioJsonSchema())));
    const good = { apiVersion: 'parity/v1', id: 'a', why: 'x', runs: [{ argv: [] }] };
    expect(schema.safeParse(good).success).toBe(true);
    expect(schema.safeParse({ ...good, ...(part as object) }).success).toBe(false);
  });
});
