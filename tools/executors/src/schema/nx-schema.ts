import type { Json } from '@baton/kernel';
import type { Capability } from '../task/capability.ts';
import { propertiesOf } from '../task/judge-options.ts';

/**
 * The `schema.json` that Nx reads for an executor: for help, for editors, and to convert arguments.
 *
 * Nx checks options against it before an executor runs, and in a batch a mismatch ends the whole worker with a bare
 * error, and with it every task of the batch. So Nx must find nothing wrong: unknown options pass, and each property
 * has an `anyOf` that everything fits. Nx looks at nothing else where there is an `anyOf`; editors look at `type` as
 * well and stay exact. `judgeOptions` says what is wrong, to the one task that it concerns.
 */
export function nxSchema<O>(capability: Pick<Capability<O>, 'title' | 'description' | 'options'>): Json {
  const properties: Record<string, Json> = {};
  for (const [name, property] of Object.entries(propertiesOf(capability.options))) {
    const shown = Object.entries(property).filter(([key]) => KEPT.has(key)) as [string, Json][];
    properties[name] = { ...Object.fromEntries(shown), anyOf: [{ $ref: '#/definitions/anything' }] };
  }
  return {
    $schema: 'https://json-schema.org/schema',
    version: 2,
    cli: 'nx',
    outputCapture: 'direct-nodejs',
    title: capability.title,
    description: capability.description,
    type: 'object',
    properties,
    required: [],
    additionalProperties: true,
    definitions: {
      anything: {
        anyOf: [{}, { type: 'array', items: { $ref: '#/definitions/anything' } }, { type: 'object' }, { type: 'null' }],
      },
    },
  };
}

// What Nx converts arguments by, and what it and its editor plugins show. Limits are the judge's affair.
const KEPT: ReadonlySet<string> = new Set([
  'type',
  'items',
  'enum',
  'default',
  'title',
  'description',
  'examples',
  'x-priority',
  'x-prompt',
  'x-dropdown',
  '$default',
]);
