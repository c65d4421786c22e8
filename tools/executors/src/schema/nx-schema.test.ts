import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import executors from '../../executors.json' with { type: 'json' };
import { generatedFiles } from './generated-files.ts';
import { nxSchema } from './nx-schema.ts';

function schemaOf(properties: Record<string, Record<string, unknown>>): Record<string, Record<string, unknown>> {
  const options = {
    safeParse: (value: unknown) => ({ success: true as const, data: value }),
    toJSONSchema: () => ({ type: 'object', properties, additionalProperties: false }),
  };
  return JSON.parse(JSON.stringify(nxSchema({ title: 'Test', description: 'Tests.', options })));
}

describe('nxSchema', () => {
  test('shows people and editors what the definition says, without its limits', () => {
    const { properties } = schemaOf({
      count: { type: 'integer', minimum: -9007199254740991, default: 3, description: 'How many' },
      format: { type: 'string', enum: ['a', 'b'], 'x-priority': 'important', argument: true },
    });
    expect(properties).toEqual({
      count: { type: 'integer', default: 3, description: 'How many', anyOf: [{ $ref: '#/definitions/anything' }] },
      format: {
        type: 'string',
        enum: ['a', 'b'],
        'x-priority': 'important',
        anyOf: [{ $ref: '#/definitions/anything' }],
      },
    });
  });

  test('lets unknown options through to the one who can name the nearest known one', () => {
    expect(schemaOf({})).toMatchObject({ version: 2, cli: 'nx', additionalProperties: true, required: [] });
  });
});

describe('the checked-in schemas', () => {
  test.each(generatedFiles())('$path is up to date (npm run check -- --fix writes it)', ({ path, bytes }) => {
    expect(readFileSync(path, 'utf8')).toBe(bytes.toString('utf8'));
  });

  test('are those that executors.json names, and describe every option', () => {
    const named = Object.values(executors.executors).map(({ schema }) => schema.replace(/^\.\//, ''));
    const generated = generatedFiles().map(({ path }) => path.slice(path.indexOf('src/executors/')));
    expect(generated.sort()).toEqual(named.sort());
    for (const { bytes } of generatedFiles()) {
      const { properties } = JSON.parse(bytes.toString('utf8')) as {
        properties: Record<string, { description?: string }>;
      };
      for (const { description } of Object.values(properties)) expect(description).toMatch(/\S/);
    }
  });

  test('have an implementation that exists, alone and in a batch', async () => {
    const implementations: Record<string, unknown> = await import('../executors/index.ts');
    for (const { implementation, batchImplementation, preferBatch } of Object.values(executors.executors)) {
      for (const reference of [implementation, batchImplementation]) {
        const [file, name] = reference.split('#');
        expect(file).toBe('./src/executors/index');
        expect(implementations[name ?? '']).toBeTypeOf('function');
      }
      expect(preferBatch).toBe(true);
    }
  });
});
