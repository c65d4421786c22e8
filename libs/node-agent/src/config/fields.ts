import { PythonError } from '../crash.ts';
import { type PyDict, type PyValue, pythonType } from '../python-text/index.ts';

// The schema has seen to all of this, except for the entries of the mode `interrupt`: there a TypeError is the answer.

/** The text under the key. */
export function textField(fields: PyDict, key: string): string {
  const value = field(fields, key);
  if (typeof value !== 'string') throw wrong(key, 'str', value);
  return value;
}

/** The truth value under the key. */
export function flagField(fields: PyDict, key: string): boolean {
  const value = field(fields, key);
  if (typeof value !== 'boolean') throw wrong(key, 'bool', value);
  return value;
}

/** The texts under the key. */
export function textsField(fields: PyDict, key: string): string[] {
  return listField(fields, key).map((item) => {
    if (typeof item !== 'string') throw wrong(`${key} item`, 'str', item);
    return item;
  });
}

/** The numbers under the key; floats stay floats. */
export function numbersField(fields: PyDict, key: string): (bigint | number)[] {
  return listField(fields, key).map((item) => {
    if (typeof item !== 'bigint' && typeof item !== 'number') throw wrong(`${key} item`, 'int', item);
    return item;
  });
}

/** The texts by name under the key; none where the key is absent. */
export function textsByNameField(fields: PyDict, key: string): Map<string, string> {
  const texts = new Map<string, string>();
  if (!fields.has(key)) return texts;
  for (const [name, value] of dictField(fields, key)) {
    if (typeof value !== 'string') throw wrong(`${key} value`, 'str', value);
    texts.set(name, value);
  }
  return texts;
}

/** The object under the key. */
export function dictField(fields: PyDict, key: string): PyDict {
  const value = field(fields, key);
  if (!(value instanceof Map)) throw wrong(key, 'dict', value);
  return value;
}

function listField(fields: PyDict, key: string): PyValue[] {
  const value = field(fields, key);
  if (!Array.isArray(value)) throw wrong(key, 'list', value);
  return value;
}

function field(fields: PyDict, key: string): PyValue {
  const value = fields.get(key);
  if (value === undefined) throw new PythonError('TypeError', `missing 1 required positional argument: '${key}'`);
  return value;
}

function wrong(what: string, wanted: string, found: PyValue): PythonError {
  return new PythonError('TypeError', `${what} must be ${wanted}, not ${pythonType(found)}`);
}
