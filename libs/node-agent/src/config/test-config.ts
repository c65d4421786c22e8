import type { PyValue } from '../python-text/index.ts';

/** An object of a config.json under test. */
export type Fields = Record<string, unknown>;

/** A step that every rule accepts, with `changes` on top; a change to undefined takes the key away. */
export function stepWith(changes: Fields = {}): Fields {
  const fields = {
    name: 'a.sh',
    path: 'a.sh',
    arguments: [],
    returncodes: [0],
    on_host: true,
    idempotence: false,
    upgrade_step: false,
    ...changes,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** A config that every rule accepts, with `changes` on top; a change to undefined takes the key away. */
export function configWith(changes: Fields = {}): Fields {
  const fields = {
    schema_version: 'v1',
    root_dir: '/',
    package_name: 'demo',
    package_version: '1.2.3',
    expected_config_files: [],
    modes: { apply: [stepWith()], 'apply-check': [stepWith({ name: 'a_check.sh', path: 'a_check.sh' })] },
    ...changes,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** A plain value as `parseJson` gives it: whole numbers are integers. */
export function pyValue(value: unknown): PyValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint')
    return value;
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(pyValue);
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [String(key), pyValue(item)]));
  if (typeof value === 'object') return new Map(Object.entries(value).map(([key, item]) => [key, pyValue(item)]));
  throw new Error(`no value of JSON: ${typeof value}`);
}

/** How the code crashes, as the last line of the report says it, or what it gives. */
export function outcomeOf<T>(run: () => T): T | string {
  try {
    return run();
  } catch (error) {
    return error instanceof Error && 'type' in error
      ? `${error.type}: ${error.message}`
      : `not a PythonError: ${error}`;
  }
}
