import type { Json } from '@baton/kernel';

/** The part of a JSON Schema that the tables are drawn from. */
export interface Shape {
  type?: string;
  description?: string;
  const?: Json;
  enum?: Json[];
  anyOf?: Shape[];
  items?: Shape;
  properties?: Record<string, Shape>;
  additionalProperties?: boolean | Shape;
  required?: string[];
  default?: Json;
  examples?: Json[];
}

/** A JSON Schema of an object as a table for a page: a heading, what it is about, a row for each key. */
export function schemaTable(title: string, shape: Shape = {}): string {
  const rows = Object.entries(shape.properties ?? {}).map(([key, value]) => {
    const must = shape.required?.includes(key) === true ? 'required' : defaultOf(value);
    return `| \`${key}\` | ${kindOf(value)} | ${must} | ${cell(meaningOf(value))} |`;
  });
  const intro = shape.description === undefined ? [] : [shape.description, ''];
  return [`### ${title}`, '', ...intro, '| Key | Value | Default | Meaning |', '|---|---|---|---|', ...rows].join('\n');
}

function kindOf(shape: Shape): string {
  if (shape.const !== undefined) return code(shape.const);
  if (shape.enum !== undefined) return shape.enum.map(code).join(' or ');
  if (shape.anyOf !== undefined) return shape.anyOf.map(kindOf).filter(onlyFirst).join(' or ');
  if (shape.type === 'array') return `list of ${manyOf(shape.items ?? {})}`;
  if (shape.type === 'boolean') return '`true` or `false`';
  if (shape.type === 'integer') return 'number';
  if (shape.type !== 'object') return 'text';
  return typeof shape.additionalProperties === 'object' ? 'mapping of text' : 'mapping';
}

function manyOf(items: Shape): string {
  return items.type === 'string' ? 'texts' : 'mappings';
}

function meaningOf({ description = '', examples = [] }: Shape): string {
  return examples.length === 0 ? description : `${description} Such as ${examples.map(code).join(', ')}.`;
}

function defaultOf(shape: Shape): string {
  return shape.default === undefined ? '' : code(shape.default);
}

// As people write it in YAML, on one line.
function code(value: Json): string {
  return `\`${flow(value)}\``;
}

function flow(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (typeof value === 'string') return /^[A-Za-z_./@-][\w./@:*-]*$/.test(value) ? value : `"${value}"`;
  if (typeof value !== 'object' || value === null) return String(value);
  const members = Object.entries(value).map(([key, item]) => `${key}: ${flow(item ?? null)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function onlyFirst(item: string, index: number, all: string[]): boolean {
  return all.indexOf(item) === index;
}
