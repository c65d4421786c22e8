import type { PyValue } from './value.ts';

/** The name of a value's type in Python, for messages such as `'int' object is not iterable`. */
export function pythonType(value: PyValue): string {
  if (value === null) return 'NoneType';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'string') return 'str';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'float';
  return typeof value === 'boolean' ? 'bool' : 'dict';
}
