import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { schemaValidator, VALIDATOR } from './schema-validator.ts';

test('the checked-in validator is what its schema makes', async () => {
  expect(await readFile(join(import.meta.dirname, '..', '..', VALIDATOR), 'utf8')).toBe(await schemaValidator());
});
