import { type PyDict, type PyValue, pythonType, repr } from '../python-text/index.ts';
import type { SchemaProblem } from './schema-v1.generated.mjs';

/** A schema problem for a person, in one line: where, what was wanted, what is there instead. */
export function describeProblem(document: PyDict, { instancePath, keyword, message }: SchemaProblem): string {
  let found: PyValue | undefined = document;
  let place = '';
  for (const pointerPart of instancePath.split('/').slice(1)) {
    const key = pointerPart.replaceAll('~1', '/').replaceAll('~0', '~');
    place += partOf(found, key, place === '');
    found = childOf(found, key);
  }
  const wanted = `${place === '' ? 'config.json' : place}: ${message}`;
  return found === undefined || keyword === 'required' ? wanted : `${wanted}, found ${shortly(found)}`;
}

/** `[0]` in a list, `.name` in an object, `['odd name']` where the key is no plain word. */
function partOf(parent: PyValue | undefined, key: string, first: boolean): string {
  if (Array.isArray(parent)) return `[${key}]`;
  if (!/^[\w-]+$/.test(key)) return `[${shortly(key)}]`;
  return first ? key : `.${key}`;
}

function childOf(parent: PyValue | undefined, key: string): PyValue | undefined {
  if (Array.isArray(parent)) return parent[Number(key)];
  return parent instanceof Map ? parent.get(key) : undefined;
}

/** What Python would print, or only its type for what may be long without end. */
function shortly(value: PyValue): string {
  if (Array.isArray(value)) return value.length === 0 ? '[]' : 'a list';
  if (value instanceof Map) return value.size === 0 ? '{}' : 'a dict';
  if (typeof value === 'string' && value.length > LONGEST) return `${repr(value.slice(0, LONGEST))}...`;
  if (typeof value === 'bigint' && value.toString().length > LONGEST) return `an ${pythonType(value)}`;
  return repr(value);
}

const LONGEST = 60;
