import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Json, prettyJson } from '@baton/kernel';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { manifestJsonSchema } from './json-schema.ts';
import { agentSchema } from './schema.ts';

describe('the JSON Schema', () => {
  it('is the one that is checked in', async () => {
    const checkedIn = await readFile(join(import.meta.dirname, '..', 'agent.schema.json'), 'utf8');
    expect(checkedIn, 'run: npm run check -- --fix').toBe(prettyJson(manifestJsonSchema()).toString());
  });

  it('describes every key, so that editors can', () => {
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
    walk(manifestJsonSchema(), '');
    expect(bare).toEqual([]);
  });

  it('refuses unknown keys and requires only what has no default', () => {
    const schema = manifestJsonSchema();
    expect(schema).toMatchObject({
      $schema: 'http://json-schema.org/draft-07/schema#',
      additionalProperties: false,
      required: ['version', 'name'],
    });
  });

  it('holds no limits of JavaScript', () => {
    expect(JSON.stringify(manifestJsonSchema())).not.toContain(String(Number.MAX_SAFE_INTEGER));
  });
});

describe('the JSON Schema and the reader', () => {
  const schema = z.fromJSONSchema(JSON.parse(JSON.stringify(manifestJsonSchema())));
  const accepted = (value: unknown): [boolean, boolean] => [
    schema.safeParse(value).success,
    agentSchema.safeParse(value).success,
  ];

  it.each<unknown>([
    { version: 1, name: 'a' },
    { version: 1, name: 'a', image: { base: { layout: '../base' }, layers: [{ from: 'dist', to: '/app' }] } },
    { version: 1, name: 'a', image: { layers: [{ npm: 'x', version: '1.0.0', to: '/x' }, { debian: ['libc6'] }] } },
    { version: 1, name: 'a', bundle: { command: ['make'] }, evidence: { policy: 'key' }, release: {} },
  ])('both take %j', (value) => {
    expect(accepted(value)).toEqual([true, true]);
  });

  it.each<unknown>([
    { name: 'a' },
    { version: 2, name: 'a' },
    { version: 1, name: 'A' },
    { version: 1, name: 'a', imagee: {} },
    { version: 1, name: 'a', image: { layers: [{ to: '/app' }] } },
    { version: 1, name: 'a', image: { layers: [{ npm: 'x', debian: ['libc6'] }] } },
    { version: 1, name: 'a', image: { workdir: 'app' } },
    { version: 1, name: 'a', image: { user: 0 } },
  ])('both refuse %j', (value) => {
    expect(accepted(value)).toEqual([false, false]);
  });
});
