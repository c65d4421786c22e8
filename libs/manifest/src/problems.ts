import { compareText, type ErrorCode, nearest } from '@baton/kernel';
import * as z from 'zod';
import { describePath, describeValue, isMapping, quoted } from './describe-value.ts';
import { baseSchema } from './schema-image.ts';
import { layerSchema } from './schema-layer.ts';
import { descriptionOf, knownKeys, schemaAt } from './schema-walk.ts';
import { type Choice, chooseBase, chooseByShape, chooseLayer } from './union-choice.ts';
import type { Position, ValuePath, YamlSource } from './yaml-types.ts';

type Issue = z.core.$ZodIssue;
type Schema = z.core.$ZodType;

/** One thing that is wrong with a manifest, at a place in the file. */
export interface Problem extends Position {
  /** Stands alone: which key, what was expected, what was found. */
  message: string;
  hint?: string;
  code: ErrorCode;
}

/** Turns zod's issues into problems in the order of the file. */
export function problemsOf(issues: readonly Issue[], schema: Schema, source: YamlSource): Problem[] {
  const problems = explainAll(issues, [], schema, source);
  return problems.sort((a, b) => a.line - b.line || a.column - b.column || compareText(a.message, b.message));
}

// `at` is where `schema` begins; the paths of the issues go on from there.
function explainAll(issues: readonly Issue[], at: ValuePath, schema: Schema, source: YamlSource): Problem[] {
  const told = new Set<string>();
  return issues.flatMap((issue) => {
    const union = unionOnTheWay(schema, at, issue.path, source);
    if (union === undefined) return explain(issue, at, schema, source);
    // zod tells of every option of a union; a person meant one. So each union is judged once, as the option that was meant.
    const key = JSON.stringify(union.path);
    const first = !told.has(key);
    told.add(key);
    const value = valueAt(source.value, union.path);
    const choice = choose(union.schema, value);
    if ('message' in choice) return first ? [wrongChoice(choice, union.path, source)] : [];
    const option = union.schema.options[choice.option] as Schema;
    const result = z.safeParse(option, value);
    // An issue of its surroundings (a rule between keys), not of the option.
    if (result.success) return explain(issue, at, schema, source);
    return first ? explainAll(result.error.issues, union.path, option, source) : [];
  });
}

function unionOnTheWay(
  schema: Schema,
  at: ValuePath,
  rest: ValuePath,
  source: YamlSource,
): { path: ValuePath; schema: z.ZodUnion } | undefined {
  for (let depth = 0; depth <= rest.length; depth++) {
    const path = [...at, ...rest.slice(0, depth)];
    if (isMissing(path, source.value)) return undefined;
    const here = schemaFrom(schema, at, rest.slice(0, depth), source);
    if (here instanceof z.ZodUnion) return { path, schema: here };
  }
  return undefined;
}

function explain(issue: Issue, at: ValuePath, schema: Schema, source: YamlSource): Problem[] {
  const path = [...at, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schemaFrom(schema, at, issue.path, source));
    return issue.keys.map((key) => unknownKey(path, key, known, source));
  }
  if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => wrongKey(message, path, source));
  if (isMissing(path, source.value)) return [missingKey(path, schemaFrom(schema, at, issue.path, source), source)];
  return [wrongValue(issue, path, source)];
}

function wrongChoice(choice: { message: string; hint?: string }, path: ValuePath, source: YamlSource): Problem {
  return { ...source.valueAt(path), ...choice, code: 'MANIFEST_INVALID', message: `${prefix(path)}${choice.message}` };
}

function wrongKey(expected: string, path: ValuePath, source: YamlSource): Problem {
  const found = `found the key ${quoted(String(path.at(-1)))}`;
  return {
    ...source.keyAt(path),
    message: `${prefix(path.slice(0, -1))}expected ${expected}, ${found}`,
    code: 'MANIFEST_INVALID',
  };
}

function choose(union: z.ZodUnion, value: unknown): Choice {
  if (union.options === layerSchema.options) return chooseLayer(value);
  return union.options === baseSchema.options ? chooseBase(value) : chooseByShape(union.options, value);
}

function schemaFrom(schema: Schema, at: ValuePath, rest: ValuePath, source: YamlSource): Schema | undefined {
  return schemaAt(schema, rest, (union, way) => {
    const choice = choose(union, valueAt(source.value, [...at, ...way]));
    return 'option' in choice ? union.options[choice.option] : undefined;
  });
}

function unknownKey(path: ValuePath, key: string, known: string[], source: YamlSource): Problem {
  const meant = nearest(key, known);
  const list = `Known keys${path.length === 0 ? '' : ` of ${describePath(path)}`}: ${known.join(', ')}.`;
  const merge = key === '<<' ? 'Merge keys are not applied: write the keys out. ' : '';
  return {
    ...source.keyAt([...path, key]),
    message: `${prefix(path)}unknown key ${quoted(key)}${meant === undefined ? '' : `, did you mean "${meant}"?`}`,
    hint: `${merge}${list}`,
    code: 'MANIFEST_INVALID',
  };
}

function missingKey(path: ValuePath, schema: Schema | undefined, source: YamlSource): Problem {
  const key = String(path.at(-1));
  const parent = path.slice(0, -1);
  const description = descriptionOf(schema);
  return {
    ...source.keyAt(parent),
    message: `${prefix(parent)}the key ${JSON.stringify(key)} is missing`,
    ...(description === undefined ? {} : { hint: `${key}: ${description}` }),
    code: 'MANIFEST_INVALID',
  };
}

function wrongValue(issue: Issue, path: ValuePath, source: YamlSource): Problem {
  const value = valueAt(source.value, path);
  const written = source.written(path);
  const { hint, code } = extras(issue);
  const quoted =
    issue.code === 'invalid_type' && issue.expected === 'string' && isScalarValue(value)
      ? `Quote it: "${written ?? String(value)}".`
      : undefined;
  const suggestion = issue.code === 'invalid_value' ? valueHint(issue, value) : undefined;
  const help = hint ?? quoted ?? suggestion;
  return {
    ...source.valueAt(path),
    message: `${prefix(path)}expected ${expectation(issue)}, found ${describeValue(value, written)}`,
    ...(help === undefined ? {} : { hint: help }),
    code: code ?? 'MANIFEST_INVALID',
  };
}

function expectation(issue: Issue): string {
  if (issue.code === 'invalid_value') return issue.values.map(String).join(' or ');
  if (issue.code === 'too_small') {
    if (issue.origin === 'array') return `at least ${issue.minimum === 1 ? 'one item' : `${issue.minimum} items`}`;
    return issue.origin === 'string' ? 'text that is not empty' : `a number of at least ${issue.minimum}`;
  }
  if (issue.code === 'too_big') return `a number of at most ${issue.maximum}`;
  if (issue.code !== 'invalid_type') return issue.message;
  const words: Record<string, string> = {
    array: 'a list',
    object: 'a mapping',
    record: 'a mapping',
    boolean: 'true or false',
    number: 'a number',
    int: 'a whole number',
  };
  return words[issue.expected] ?? issue.message;
}

function extras(issue: Issue): { hint: string | undefined; code: ErrorCode | undefined } {
  if (issue.code !== 'custom') return { hint: undefined, code: undefined };
  const { hint, code } = (issue.params ?? {}) as { hint?: string; code?: ErrorCode };
  return { hint, code };
}

function valueHint(issue: z.core.$ZodIssueInvalidValue, value: unknown): string | undefined {
  if (issue.values.length === 1 && issue.values[0] === 1) {
    return typeof value === 'number' && value > 1 ? 'The file was written for a newer Baton.' : 'Write version: 1.';
  }
  const meant = typeof value === 'string' ? nearest(value, issue.values.map(String)) : undefined;
  return meant === undefined ? undefined : `Did you mean ${meant}?`;
}

function isMissing(path: ValuePath, root: unknown): boolean {
  const key = path.at(-1);
  const parent = valueAt(root, path.slice(0, -1));
  return key !== undefined && isMapping(parent) && !Object.hasOwn(parent, key);
}

function isScalarValue(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'boolean';
}

function valueAt(root: unknown, path: ValuePath): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  return value;
}

function prefix(path: ValuePath): string {
  return path.length === 0 ? '' : `${describePath(path)}: `;
}
