import { type Shape, schemaTable } from '@baton/manifest';
import { cutoverJsonSchema } from '../manifest/json-schema.ts';

const OPERATIONS = [
  ['paths', 'Path operations'],
  ['edits', 'Edits'],
  ['generate', 'Generators'],
  ['scan', 'Scans'],
] as const;

/**
 * The operation reference of `docs/cutover.md`, drawn from the schema: it stands between the markers of the part `cutover`
 * (kernel `replaceGenerated`).
 */
export function cutoverReference(): string {
  const root = cutoverJsonSchema() as Shape;
  const { properties = {} } = root;
  return [
    schemaTable('Top level', root),
    schemaTable('`requires`', properties.requires),
    ...OPERATIONS.flatMap(([key, title]) => {
      const kinds = kindsOf(properties[key]?.items);
      return [`### ${title}: \`${key}\``, ...kinds.map(([name, shape]) => `#${schemaTable(`\`${name}\``, shape)}`)];
    }),
    ...criteria(properties.accept?.items),
    schemaTable('Gates: `gates`', properties.gates?.items),
    schemaTable('The commit: `commit`', properties.commit),
    schemaTable('The pull request: `pull-request`', properties['pull-request']),
  ].join('\n\n');
}

// Operations are objects with exactly one key, its kind. What every one may say is told once, above the tables.
function kindsOf(item: Shape | undefined): [string, Shape][] {
  const shapes = item?.anyOf ?? (item === undefined ? [] : [item]);
  return shapes
    .flatMap((shape) => Object.entries(shape.properties ?? {}))
    .map(([name, shape]) => {
      const { optional, reason, ...properties } = shape.properties ?? {};
      return [name, { ...shape, properties }];
    });
}

function criteria(item: Shape | undefined): string[] {
  const shapes = item?.anyOf ?? (item === undefined ? [] : [item]);
  return shapes.map((shape, index) =>
    schemaTable(index === 0 ? 'Criteria: `accept`' : 'Criteria, another kind', shape),
  );
}
