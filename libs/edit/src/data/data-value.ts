import { isDeepStrictEqual } from 'node:util';
import { BatonError } from '@baton/kernel';
import type { Value } from '../operations.ts';

/** What a document holds. Objects have no prototype, so that any key is a key. */
export type Data = string | number | bigint | boolean | null | Moment | Data[] | { [key: string]: Data };

/** A date or time of TOML, as it is written. */
export class Moment {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** An object without prototype, for data. */
export function emptyObject(): { [key: string]: Data } {
  return Object.create(null) as { [key: string]: Data };
}

/** Whether data is an object: neither scalar, list nor moment. */
export function isObject(data: Data | undefined): data is { [key: string]: Data } {
  return typeof data === 'object' && data !== null && !Array.isArray(data) && !(data instanceof Moment);
}

/** A value of an operation as data: a copy that shares nothing with it. */
export function toData(value: Value): Data {
  if (Array.isArray(value)) return (value as readonly Value[]).map(toData);
  if (typeof value !== 'object' || value === null) return value as string | number | boolean | null;
  const result = emptyObject();
  for (const [key, item] of Object.entries(value)) result[key] = toData(item);
  return result;
}

/** Data as a value that can be written. @throws BatonError `EDIT_INVALID` for dates and integers above 2^53 */
export function toValue(data: Data): Value {
  if (Array.isArray(data)) return data.map(toValue);
  if (isObject(data)) return Object.fromEntries(Object.entries(data).map(([key, item]) => [key, toValue(item)]));
  if (data instanceof Moment || typeof data === 'bigint') {
    throw new BatonError(
      'EDIT_INVALID',
      `a ${data instanceof Moment ? 'date' : 'large integer'} cannot be written again`,
    );
  }
  return data;
}

/** Whether two documents or parts hold the same; the order of keys does not count. */
export function sameData(a: Data | undefined, b: Data | undefined): boolean {
  return isDeepStrictEqual(a, b);
}

/** A short text of a value for messages. */
export function showValue(value: Value | Data): string {
  const text =
    JSON.stringify(value, (_, item: unknown) => {
      if (typeof item === 'bigint') return String(item);
      return item instanceof Moment ? item.text : item;
    }) ?? 'nothing';
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
