import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { prettyJson, sha256 } from '@baton/kernel';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { statementJsonSchema } from './json-schema.ts';
import { digestSet, statement } from './statement.ts';

describe('the JSON Schema', () => {
  it('is the one that is checked in', async () => {
    const checkedIn = await readFile(join(import.meta.dirname, '..', 'statement.schema.json'), 'utf8');
    expect(checkedIn, 'run: npm run check -- --fix').toBe(prettyJson(statementJsonSchema()).toString());
  });

  it('says what our reader says', () => {
    const schema = z.fromJSONSchema(JSON.parse(JSON.stringify(statementJsonSchema())));
    const good = statement('image', {
      subject: [{ name: 'a', digest: digestSet(sha256('a')) }],
      tool: { name: 'baton', version: '0.1.0', sourceDigest: sha256('b') },
      result: 'built',
      image: { anything: [1] },
    });
    expect(schema.safeParse(good).success).toBe(true);
    expect(schema.safeParse({ ...good, more: 1 }).success).toBe(false);
    expect(schema.safeParse({ ...good, subject: [] }).success).toBe(false);
    expect(schema.safeParse({ ...good, predicate: { ...good.predicate, result: 'done' } }).success).toBe(false);
  });
});
