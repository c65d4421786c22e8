import { PythonError } from '../crash.ts';
import { type PyDict, type PyValue, pythonType, repr } from '../python-text/index.ts';

/** `value[key]` of Python with a text as the key: KeyError where a dict has none, TypeError for anything but a dict. */
export function getItem(value: PyValue, key: string): PyValue {
  const item = asDict(value, 'is not subscriptable', `string indices must be integers, not 'str'`).get(key);
  if (item === undefined) throw new PythonError('KeyError', repr(key));
  return item;
}

/** `value[key] = item` of Python with a text as the key: a key that is there keeps its place. TypeError for anything but a dict. */
export function setItem(value: PyValue, key: string, item: PyValue): void {
  asDict(value, 'does not support item assignment').set(key, item);
}

function asDict(value: PyValue, refusal: string, refusalOfText?: string): PyDict {
  if (value instanceof Map) return value;
  if (Array.isArray(value)) throw new PythonError('TypeError', 'list indices must be integers or slices, not str');
  if (typeof value === 'string' && refusalOfText !== undefined) throw new PythonError('TypeError', refusalOfText);
  throw new PythonError('TypeError', `'${pythonType(value)}' object ${refusal}`);
}
