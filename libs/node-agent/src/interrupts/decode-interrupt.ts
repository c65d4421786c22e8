import { PythonError } from '../crash.ts';
import { decodeBase64, type PyValue, parseJsonBytes, pythonType } from '../python-text/index.ts';
import { type Interrupt, toInterrupt } from './interrupt.ts';

/**
 * Decodes interrupt data (an OS text): lenient base64 of a JSON object with `type` (contract, section 13 item 2, 18.7).
 *
 * ValueError for whatever cannot be decoded, for absent data and for an object without `type`; TypeError for JSON of another shape.
 */
export function decodeInterrupt(data: string | undefined): Interrupt {
  const value = decode(data);
  if (!(value instanceof Map)) throw new PythonError('TypeError', withoutKeys(value));
  if (!value.has('type')) throw undecodable();
  return toInterrupt(value);
}

function decode(data: string | undefined): PyValue {
  if (data === undefined) throw undecodable();
  try {
    return parseJsonBytes(decodeBase64(data));
  } catch (error) {
    if (error instanceof PythonError) throw undecodable(error);
    throw error;
  }
}

function undecodable(cause?: unknown): PythonError {
  const message = "Serialized interrupt must be base64 encoded {'type': str, **kwargs: dict[str, any]}";
  return new PythonError('ValueError', message, cause === undefined ? undefined : { cause });
}

/** What Python says when it is to look up `type` in something that is no dict. */
function withoutKeys(value: PyValue): string {
  if (Array.isArray(value)) return 'list indices must be integers or slices, not str';
  if (typeof value === 'string') return "string indices must be integers, not 'str'";
  return `'${pythonType(value)}' object is not subscriptable`;
}
