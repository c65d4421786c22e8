import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { statementJsonSchema } from './json-schema.ts';
import { RESULTS, type Statement } from './schema.ts';
import { checkStatement } from './statement.ts';

const page = await readFile(join(import.meta.dirname, '..', '..', '..', 'docs', 'evidence.md'), 'utf8');

describe('docs/evidence.md', () => {
  it('shows a statement that is one', () => {
    const example: Statement = JSON.parse(/```json\n([\s\S]*?)```/.exec(page)?.[1] ?? '');
    expect(checkStatement(example, 'the example')).toBe(example);
  });

  it('names every result and every key', () => {
    const schema = statementJsonSchema() as { properties: { predicate: { properties: object } } };
    const keys = Object.keys(schema.properties.predicate.properties).map((key) => `\`predicate.${key}\``);
    const results = RESULTS.map((result) => `\`${result}\``);
    expect([...keys, ...results].filter((word) => !page.includes(word))).toEqual([]);
  });

  it('names every error code of this room', () => {
    for (const code of ['EVIDENCE_MISSING', 'EVIDENCE_MISMATCH', 'EVIDENCE_INVALID', 'KEY_INVALID']) {
      expect(page).toContain(`| \`${code}\` |`);
    }
  });
});
